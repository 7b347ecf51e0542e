"""What the tests share: how chapters are compared, their order, and a browser."""

from contextlib import ExitStack, contextmanager

import pytest
from kept import OUTPUTS, Chapter
from outputs import state

# The files that take longest go first, so that no worker is left alone with one at the end. A file
# that is not named comes after them; only the time depends on this.
LONGEST_FIRST = (
    "test_browser",
    "test_laboratory",
    "test_net_holds",
    "test_laboratory_panels",
    "test_laboratory_engine",
    "test_slides",
    "test_same_bits",
    "test_onset",
    "test_main",
    "test_laboratory_form",
    "test_kernel",
    "test_replay",
    "test_package",
    "test_laboratory_address",
    "test_precision",
    "test_ledger_page",
)


@pytest.hookimpl(tryfirst=True)  # before it is asked which tests are slow
def pytest_collection_modifyitems(items):
    for item in items:
        if "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker("slow")
    rank = {name: place for place, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: rank.get(item.path.stem, len(rank)))


def pytest_report_header():
    known = (OUTPUTS / state()).is_dir()
    return f"chapters: {'compared as the last build has put them out' if known else 'run again'}"


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path, parent):
    collected = yield
    if collected and file_path.suffix == ".ipynb":
        return [Chapter.from_parent(parent, path=file_path)]
    return collected


@pytest.fixture(scope="session")
def chromium():
    """A browser for all tests of a process: to start one takes longer than most of them."""
    from chromium import open_browser

    with ExitStack() as stack:
        try:
            browser = stack.enter_context(open_browser())
        except FileNotFoundError as error:
            pytest.skip(str(error))
        yield browser


@pytest.fixture(scope="module")
def browser(chromium):
    """A browser for whoever looks at pages, in which none is open."""
    yield chromium
    for context in chromium.contexts:
        context.close()


@contextmanager
def watched(page, address=None):
    """A page, open or at an address, of which nothing is to be complained of in the end."""
    faults = []
    listeners = {
        "console": lambda said: said.type == "error" and faults.append(said.text),
        "pageerror": lambda error: faults.append(str(error)),
        "dialog": lambda dialog: (faults.append(dialog.message), dialog.dismiss()),
    }
    for kind, listener in listeners.items():
        page.on(kind, listener)
    if address:
        page.goto(address)
    yield page
    for kind, listener in listeners.items():
        page.remove_listener(kind, listener)
    assert faults == []
