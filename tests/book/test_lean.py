"""What the extensions of the book make of the theme's files, and of formulas."""

import re
import sys
from contextlib import suppress
from subprocess import PIPE, Popen

import formulas
import lean
import pytest
from test_pages import HTML, pytestmark  # noqa: F401  (skips all if there is no book)


@pytest.fixture(autouse=True, scope="module")
def kept(tmp_path_factory):
    """Leave nothing of what Deno keeps in a home folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DENO_DIR", str(tmp_path_factory.mktemp("deno")))
        yield


STYLES = (
    "@font-face{font-weight:900;src:url(../fa-solid-900.woff2),url(../fa-solid-900.ttf)}"
    '.fa-sun:before{content:"\\f185"}.fa-moon:before,.fa-night:before{content:"\\f186"}'
    '.tip{--icon:"\uf0eb"}.open{content:"\\f107"}'
)


def test_styles_keep_the_icons_that_pages_have():
    styles, codes = lean.slim(STYLES, ['<i class="fas fa-moon"></i>', '<i class="fa-lg"></i>'])
    assert codes == {0xF186, 0xF0EB, 0xF107}
    assert "fa-sun" not in styles and "fa-night" in styles
    assert "src:url(../icons.woff)}" in styles and "fa-solid-900" not in styles
    assert lean.slim(styles, ['<i class="fa-moon"></i>']) == (styles, codes)


def test_a_page_loses_the_scripts_that_it_does_not_need():
    script = '<script src="../_static/{}.js?digest=1"></script>'
    page = script.format("searchtools") + script.format("bootstrap")
    assert lean.strip(page, ("searchtools",)) == script.format("bootstrap")


def test_every_icon_of_a_page_is_in_the_font():
    from fontTools.ttLib import TTFont

    styles = (HTML / "_static" / "styles" / "pydata-sphinx-theme.css").read_text(encoding="utf-8")
    shown = set(TTFont(HTML / "_static" / lean.ICONS).getBestCmap())
    names = {"magnifying-glass", "bars", "list", "download", "moon", "sun", "circle-half-stroke"}
    codes = {
        name: re.search(rf'\.fa-{name}:+before[^{{]*{{content:"\\(\w+)"', styles) for name in names
    }
    assert {
        name for name, code in codes.items() if not code or int(code[1], 16) not in shown
    } == set()


def test_formulas_are_pictures_and_texts():
    html = formulas.typeset(r"\sqrt{x}", False)
    assert "<msqrt><mi>x</mi></msqrt>" in html and 'aria-hidden="true"' in html
    assert " id=" not in html and " data-" not in html
    assert 'display="true"' in formulas.typeset("x", True)


@pytest.mark.parametrize("tex", [r"\unknown", r"\frac{1}", "{"])
def test_a_formula_that_is_none_is_an_error(tex):
    with pytest.raises(ValueError, match="cannot set the formula"):
        formulas.typeset(tex, False)


def test_that_mathjax_has_ended_is_an_error(monkeypatch):
    command = [sys.executable, "-c", ""]
    ended = Popen(command, stdin=PIPE, stdout=PIPE, text=True)
    ended.wait()
    monkeypatch.setattr(formulas, "_process", lambda pid: ended)
    with pytest.raises(ValueError, match="MathJax has ended"):
        formulas.typeset("x + 1", False)
    ended.stdout.close()
    with suppress(BrokenPipeError):  # what was written to it was never read
        ended.stdin.close()
