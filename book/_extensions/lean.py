"""What the theme has every page load and none needs, left out: most of what a page would weigh.

Of Font Awesome, a font of the icons that the pages show, in place of the whole set, in two forms;
and the index of the search where one searches, since none is made as one types.
"""

import re
from pathlib import Path

from fontTools import subset

EVERYWHERE = ("scripts/fontawesome",)
ON_THE_SEARCH_PAGE = ("searchtools", "language_data", "searchindex")
FONT = "vendor/fontawesome/webfonts/fa-solid-900.ttf"
ICONS = "icons.woff"


def strip(html: str, names: tuple[str, ...]) -> str:
    """A page without the scripts of some names."""
    for name in names:
        html = re.sub(rf'\s*<script[^>]* src="[^"]*\b{name}\.js[^"]*"></script>', "", html)
    return html


def slim(styles: str, pages: list[str]) -> tuple[str, set[int]]:
    """Styles without the icons that no page has, and the characters of the font that are left."""
    names = {name for page in pages for name in re.findall(r"\bfa-[\w-]+", page)}

    def keep(rule):
        return rule[0] if names & set(re.findall(r"fa-[\w-]+", rule[1])) else ""

    styles = re.sub(r'((?:\.fa-[\w-]+:+before,?)+)\{content:"[^"]+"\}', keep, styles)
    styles = re.sub(r"(?<=src:)[^;}]*fa-solid-900[^;}]*", f"url(../{ICONS})", styles)
    escaped = {int(code, 16) for code in re.findall(r'"\\(f[0-9a-f]{3})"', styles)}
    return styles, escaped | {ord(c) for c in styles if "\ue000" <= c <= "\uf8ff"}


def make_lean(app, exception):
    """Do it to all pages, once they are there."""
    if exception or app.builder.format != "html":
        return
    static, pages, shown = Path(app.outdir) / "_static", [], set()
    for path in sorted(Path(app.outdir).rglob("*.html")):
        names = EVERYWHERE + ON_THE_SEARCH_PAGE * (path.name != "search.html")
        pages.append(strip(path.read_text(encoding="utf-8"), names))
        path.write_text(pages[-1], encoding="utf-8")
    if not (static / FONT).exists():  # a theme that has its icons elsewhere keeps them all
        return
    for path in (static / "styles").glob("*.css"):
        styles, codes = slim(path.read_text(encoding="utf-8"), pages)
        path.write_text(styles, encoding="utf-8")
        shown |= codes
    codes = ",".join(f"{code:x}" for code in sorted(shown))
    options = [f"--unicodes={codes}", "--flavor=woff", f"--output-file={static / ICONS}"]
    subset.main([str(static / FONT), *options])


def setup(app):
    """Register it with Sphinx."""
    app.connect("build-finished", make_lean)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
