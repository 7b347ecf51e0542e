"""What hangs does not hold up the tests: a page is seen once more, and a program fails."""

import os
import shutil
import subprocess
import sys

import pytest
from chromium import BROWSERS
from snapshots import ROOT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not any(map(shutil.which, BROWSERS)), reason="this machine has no Chromium"),
]

HANGS = '''
import subprocess
import sys
import threading

import chromium
import pytest

left = {"once": 1, "twice": 2}


class Timer:
    """A limit that is reached when a page says so, however slow the machine is."""

    daemon = True

    def __init__(self, seconds, end):
        Timer.end = end

    def start(self):
        pass

    cancel = start


chromium.Timer = Timer


@pytest.mark.parametrize("times", ["never", *left, "never again"])
def test_of_a_page(browser, times):
    page = browser.new_page()
    page.goto(f"data:text/html,{times}")
    hangs = left.get(times, 0) > 0
    left[times] = left.get(times, 0) - 1
    if hangs:
        threading.Timer(0.5, Timer.end).start()
    page.evaluate("hangs => { while (hangs); }", hangs)
    page.close()


@pytest.mark.timeout(2)
def test_of_a_program():
    subprocess.run([sys.executable, "-c", "import time; time.sleep(9999)"])
'''


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """What pytest says of pages that hang so many times."""
    folder = tmp_path_factory.mktemp("hanging")
    (folder / "home").mkdir()
    for name in ("conftest.py", "kept.py"):
        shutil.copy(ROOT / "tests" / name, folder)
    (folder / "test_hangs.py").write_text(HANGS, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-c", ROOT / "pyproject.toml", "--rootdir", folder]
    done = subprocess.run(
        [*command, "-p", "no:cacheprovider", folder],
        env={**os.environ, "HOME": str(folder / "home")},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    left = [path.name for path in (folder / "home").iterdir()]
    return f"{done.stdout}\nleft in the home folder: {left}"


def test_what_hangs_is_seen_once_more(said):
    assert "A browser hung for 120 s at data:text/html,once.\n" in said
    assert "2 failed, 3 passed, 3 warnings" in said


def test_a_program_that_hangs_fails(said):
    assert "Failed: Timeout (>2.0s) from pytest-timeout" in said


def test_what_hangs_again_fails_and_the_page_is_named(said):
    assert "A browser hung for 120 s at data:text/html,twice, for the second time.\n" in said
    assert "::test_of_a_page[twice]\n" in said


def test_nothing_is_left_in_the_home_folder(said):
    assert said.endswith("left in the home folder: []")
