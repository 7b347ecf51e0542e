"""Find a Chromium on this machine: the book is printed with it, and its pages are looked at."""

import os
import shutil
import sys
from contextlib import contextmanager

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
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        yield browser
        browser.close()


if __name__ == "__main__":
    try:
        find_chromium()
    except FileNotFoundError as error:
        sys.exit(f"This needs a Chromium: {error}.")
