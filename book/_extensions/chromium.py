"""Find a Chromium on this machine: the book is printed with it, and its pages are looked at."""

import shutil
from contextlib import contextmanager

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run"
    " --disable-background-networking --disable-component-update --disable-sync"
)


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
    chromium = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not chromium:
        raise FileNotFoundError(f"this machine has none of {', '.join(BROWSERS)}")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=QUIET.split())
        yield browser
        browser.close()
