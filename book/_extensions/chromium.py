"""Find a Chromium on this machine: the book is printed with it, and its pages are looked at."""

import os
import shutil
import signal
import sys
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from threading import Timer

BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
QUIET = (
    "--headless --disable-gpu --disable-quic --no-first-run"
    " --disable-background-networking --disable-component-update --disable-sync"
)
OPEN = {}  # the browsers that are open, by the numbers of their processes


def find_chromium():
    """Where this machine has a Chromium.

    Raises
    ------
    FileNotFoundError
        If it has none.
    """
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not found:
        raise FileNotFoundError(f"this machine has none of {', '.join(BROWSERS)}")
    return found


@contextmanager
def own_home():
    """The environment, with a folder for what a browser leaves in a home beside its profile.

    Yields
    ------
    dict of str to str
    """
    with TemporaryDirectory(ignore_cleanup_errors=True) as home:
        yield {**os.environ, **{f"XDG_{kind}_HOME": home for kind in ("CACHE", "CONFIG", "DATA")}}


@contextmanager
def open_browser():
    """Start a Chromium, for as long as it is needed.

    Yields
    ------
    playwright.sync_api.Browser

    Raises
    ------
    FileNotFoundError
        If this machine has none.
    """
    chromium = find_chromium()
    from playwright.sync_api import sync_playwright

    flags = QUIET.split()
    if os.geteuid() == 0:  # Chromium's sandbox is not for root
        flags.append("--no-sandbox")
    with own_home() as home, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=flags, env=home)
        running = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")
        number = next(it["id"] for it in running["processInfo"] if it["type"] == "browser")
        OPEN[number] = browser
        try:
            yield browser
        finally:
            del OPEN[number]
        browser.close()


@contextmanager
def limit(seconds):
    """End the browsers if they take longer: Playwright itself may wait for a page without end.

    Parameters
    ----------
    seconds : float

    Yields
    ------
    list of str
        The addresses of the pages that were open, if the browsers have been ended.

    Raises
    ------
    TimeoutError
        If something was still waited for.
    """
    hung = []

    def end():
        for number, browser in OPEN.items():
            pages = [page.url for context in browser.contexts for page in context.pages]
            hung.extend(pages or ["no page"])
            os.kill(number, signal.SIGKILL)

    timer = Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield hung
    except Exception as error:
        if hung:
            raise TimeoutError(f"after {seconds} s a browser still hung at {hung}") from error
        raise
    finally:
        timer.cancel()


if __name__ == "__main__":
    try:
        find_chromium()
    except FileNotFoundError as error:
        sys.exit(f"This needs a Chromium: {error}.")
