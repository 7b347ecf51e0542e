"""The search of the book: it finds numbers."""

from pathlib import Path

import pytest
import searching
import sphinx
from playwright.sync_api import expect
from test_pages import HTML

SCRIPT = Path(sphinx.__file__).parent / "themes" / "basic" / "static" / "searchtools.js"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("epoch 755.", ["epoch", "755"]),
        ("from 0.0144 (2025)", ["from", "0.0144", "2025"]),
        ("1,145 and 12,345.5; (f1,3,1,1000)", ["1,145", "and", "12,345.5", "f1", "3", "1", "1000"]),
        ("section 2.5.1", ["section", "2.5", "1"]),
    ],
)
def test_numbers_stay_whole(text, words):
    assert searching.Search({}).split(text) == words


def test_sphinx_drops_numbers_in_the_one_place_that_is_mended():
    script = SCRIPT.read_text(encoding="utf-8")
    assert "queryTerm.match" in script
    kept = searching.keep_numbers(script)
    assert "queryTerm.match" not in kept
    with pytest.raises(ValueError, match="in another way"):
        searching.keep_numbers(kept)


@pytest.mark.skipif(not HTML.is_dir(), reason="there is no book yet: run `make book` first")
@pytest.mark.parametrize(
    ("asked", "chapter"),
    [
        ("755", "Why does it start to shake?"),
        ("epoch 755", "Why does it start to shake?"),
        ("0.0144", "4.1 · Experimenting with f1"),
        ("2025", "About this book"),
        ("zigzag", "Why does it start to shake?"),
    ],
)
def test_what_is_asked_for_is_found(browser, asked, chapter):
    page = browser.new_page()
    page.goto((HTML / "book" / "glossary.html").as_uri())
    page.keyboard.press("Control+k")
    page.keyboard.type(asked)
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=*")
    expect(page.locator("ul.search a", has_text=chapter).first).to_be_visible()
    page.close()
