"""Computed values that a sentence shows stand there as one writes them.

They are looked at on the built pages, since a value may be computed in one chapter and shown in
another.
"""

import re

import pytest
from test_pages import HTML, PAGES

# A point that ends a value ends the sentence too early; a formula is not typeset there.
WRONG = re.compile(r"\$|\d[eE][-+]?\d|\.$")


def glued(html):
    """The values in the sentences of a page."""
    return re.findall(r'<span class="pasted-text">(.*?)</span>', html, re.DOTALL)


@pytest.mark.parametrize(
    ("value", "is_right"),
    [
        ("1.2 × 10⁻⁵", True),
        ("−0.5", True),
        ("f2 and h = 8", True),
        ("1.2e-05", False),
        ("5e6", False),
        (r"$3.8 \cdot 10^{-9}$", False),
        ("0.", False),
    ],
)
def test_what_is_wrong(value, is_right):
    (found,) = glued(f'<p>It is <span class="pasted-text">{value}</span>.</p>')
    assert (WRONG.search(found) is None) == is_right


def test_the_book_has_values_in_its_sentences():
    if not PAGES:
        pytest.skip("there is no book yet: run `make book` first")
    pages = [path.read_text(encoding="utf-8") for path in PAGES]
    assert sum(len(glued(page)) for page in pages) > 200
    assert sum(page.count("pasted-text") for page in pages) == sum(len(glued(p)) for p in pages)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(HTML).as_posix())
def test_values_are_as_one_writes_them(path):
    values = glued(path.read_text(encoding="utf-8"))
    assert [value for value in values if WRONG.search(value)] == []
