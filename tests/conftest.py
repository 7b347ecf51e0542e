"""What the tests share: how chapters are compared, and a browser."""

import warnings
from collections import Counter
from contextlib import ExitStack, contextmanager, suppress

import pytest
from _pytest.runner import runtestprotocol
from chromium import limit, open_browser
from hypothesis import settings
from kept import OUTPUTS, Chapter
from outputs import state

# What hypothesis makes up is the same in each run; `make test` takes the first of it, by a profile.
settings.register_profile("all", max_examples=300, deadline=None, derandomize=True, database=None)
settings.register_profile("some", settings.get_profile("all"), max_examples=40)
settings.load_profile("all")
LIMIT = 120  # seconds for a test in a browser; the longest took 35 at a load of 17 on two cores


@pytest.hookimpl(tryfirst=True)  # before it is asked which tests are slow
def pytest_collection_modifyitems(items):
    places = Counter()
    for item in items:
        test = item.nodeid.partition("[")[0]
        sampled = item.get_closest_marker("one_in")
        if _is_in_a_browser(item) or (sampled and places[test] % sampled.args[0]):
            item.add_marker("slow")
        places[test] += 1


def _is_in_a_browser(item):
    return "chromium" in getattr(item, "fixturenames", ())


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item, nextitem):
    """A browser that hangs is ended, and what was seen in it is seen once more, in a new one."""
    if not _is_in_a_browser(item):
        return None
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    for again in (False, True):
        with limit(LIMIT) as hung:
            reports = runtestprotocol(item, log=False, nextitem=nextitem)
        if not hung:
            break
        with suppress(Exception):  # with the browser go all that was open in it
            item.session._setupstate.teardown_exact(None)
        said = f"A browser hung for {LIMIT} s at {', '.join(hung)}"
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            item.warn(pytest.PytestWarning(f"{said}{', again' * again}."))
    for report in reports:
        if hung and report.failed:
            report.longrepr = f"{said}, for the second time.\n\n{report.longreprtext}"
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


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
    with ExitStack() as stack:
        try:
            browser = stack.enter_context(open_browser())
        except FileNotFoundError as error:
            pytest.skip(str(error))
        yield browser


@pytest.fixture(scope="module")
def browser(chromium):
    """A browser for those that look at pages, in which none is open."""
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


# Timers of a page end in the order in which they are due, so that its own, if they have been set
# before and are no longer, have ended. A frame is waited for as well, or a while if there is none.
SETTLED = """async (ms) => {
    const wait = (ms) => new Promise((done) => setTimeout(done, ms));
    const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    await Promise.race([frame(), wait(1000)]);
    await wait(ms);
    await Promise.race([frame(), wait(1000)]);
}"""


def settle(page, ms=0):
    """Wait until a page has done what it puts off by so much, however slow the machine is."""
    page.evaluate(SETTLED, ms)
