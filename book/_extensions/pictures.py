"""The pictures of the book as files, for light pages and for dark ones, each loaded when needed.

A chapter hands a picture over as SVG, within its page. Here it is written beside the pages, twice:
as it was drawn, and with each colour of `nnlib.figures` replaced by its twin. What has other
colours, such as a map, keeps them.
"""

import re
from base64 import b64decode
from html import escape
from pathlib import Path
from posixpath import dirname, relpath
from string import ascii_lowercase

from docutils import nodes

from nnlib.figures import COLORS

FOLDER = "_images"
GROUND = "#121212"  # of the theme's dark pages
# White is what covers the lines behind a text, so it has the page's own colour.
TWINS = {
    "white": GROUND,
    "black": "#e8e8e8",
    "grey": "#a8a8a8",
    "blue": "#3d9be9",
    "vermilion": "#ff7a45",
    "green": "#2dc89b",
    "purple": "#e597c2",
    "orange": "#ffc857",
    "sky": "#9bdcff",
    "brown": "#c98a66",
    "red": "#ff6b6b",
    "magenta": "#f07cf0",
}
DARK = {light.lower(): TWINS[name] for name, light in COLORS.items() if name in TWINS}
# A faint line would hardly be seen on a dark page, and is half as transparent there.
FAINT = re.compile(r"(fill: none; stroke: #[0-9a-f]{6}; stroke-opacity: )([\d.]+)")
SVG = "data:image/svg+xml;base64,"


def darken(svg: str) -> str:
    """The same picture for a dark page.

    Parameters
    ----------
    svg : str
        As matplotlib writes it: colours in six hexadecimal digits, none at all for a black filling.
    """
    svg = svg.replace("<svg ", f'<svg fill="{TWINS["black"]}" ', 1)
    svg = FAINT.sub(lambda line: f"{line[1]}{(1 + float(line[2])) / 2:g}", svg)
    return re.sub("#[0-9a-f]{6}", lambda color: DARK.get(color[0], color[0]), svg)


def compact(svg: str) -> str:
    """The same picture in fewer bytes, its lines to a hundredth of a point."""

    def shorten(path):
        return " ".join(re.sub(r"(\.\d\d)\d+", r"\1", path[0]).split()).replace(' "', '"')

    return re.sub(r'\bd="[^"]*"', shorten, svg)


def size(svg: str) -> tuple[int, int]:
    """The width and the height of a picture in pixels of a page, of which 96 are 72 points."""
    width, height = re.search(r'\bwidth="([\d.]+)pt" height="([\d.]+)pt"|$', svg).groups()
    return round(float(width) * 96 / 72), round(float(height) * 96 / 72)


def write_pictures(app, doctree, docname):
    """Write the pictures of a page, and let the page load them."""
    if app.builder.format != "html":
        return
    folder = Path(app.outdir) / FOLDER
    folder.mkdir(exist_ok=True)
    for figure in doctree.findall(nodes.figure):
        drawn = [image for image in figure.findall(nodes.image) if image["uri"].startswith(SVG)]
        if len(drawn) > len(ascii_lowercase):
            raise ValueError(
                f"{docname}: the figure {figure['ids'][0]} has {len(drawn)} pictures; "
                f"there are letters for {len(ascii_lowercase)}"
            )
        for letter, image in zip(ascii_lowercase, drawn, strict=False):
            svg = compact(b64decode(image["uri"].removeprefix(SVG)).decode())
            name = f"{figure['ids'][0]}-{letter}" if len(drawn) > 1 else figure["ids"][0]
            html = ""
            for theme, text in (("light", svg), ("dark", darken(svg))):
                file = folder / f"{name}-{theme}.svg"
                file.write_text(text, encoding="utf-8")
                html += _tag(
                    relpath(f"{FOLDER}/{file.name}", dirname(docname)), theme, image, size(svg)
                )
            image.replace_self(nodes.raw("", html, format="html"))


def _tag(address, theme, image, size):
    width, height = size
    kept = " dark-light" * (theme == "dark")  # the theme is not to alter it
    return (
        f'<img class="on-{theme}{kept}" src="{address}" alt="{escape(image["alt"])}" '
        f'width="{width}" height="{height}" loading="lazy">'
    )


def setup(app):
    """Register it with Sphinx."""
    # After the notebooks have been made, which have the cells that draw instead.
    app.connect("doctree-resolved", write_pictures, priority=950)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
