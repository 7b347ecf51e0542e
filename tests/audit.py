"""Axe, which looks at a page; `audit.js` has contrasts judged once for each kind of text."""

from pathlib import Path

AUDIT = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
# What the theme itself does, on every page that it makes.
OF_THE_THEME = ["label-content-name-mismatch", "region"]


def violations(page):
    """What axe finds wrong with a page: rules, each with the first place."""
    from axe_playwright_python.sync_playwright import Axe

    page.evaluate(Axe().axe_script)
    return page.evaluate(AUDIT, OF_THE_THEME)
