"""The pictures of the built book: every text whole and apart, on light pages and on dark ones.

`make book` comes first. The places of the texts are those that a browser finds.
"""

import re
from types import SimpleNamespace

import pictures
import pytest
from docutils import nodes
from test_pages import HTML, pytestmark  # noqa: F401  (skips all if there is no book)

LIGHT = sorted((HTML / pictures.FOLDER).glob("*-light.svg"))
LEAST = 3  # the contrast that WCAG 2.2 asks of a graphic
# The box of a picture, and those of its texts, each with what matplotlib says it spells.
BOXES = """() => {
    const box = (element) => {
        const { left, right, top, bottom } = element.getBoundingClientRect();
        return { left, right, top, bottom };
    };
    const texts = [...document.querySelectorAll("g[id^=text_]")].map((group) => ({
        spells: document.evaluate("comment()", group).iterateNext()?.data.trim() ?? group.id,
        ...box(group),
    }));
    return [box(document.querySelector("svg")), texts.filter(({ left, right }) => left < right)];
}"""


@pytest.fixture(scope="module")
def page(browser):
    return browser.new_page()


def faults(page, svg):
    """The texts of a picture that leave it, or meet another one."""
    page.set_content(svg[svg.index("<svg") :])
    whole, texts = page.evaluate(BOXES)
    for n, a in enumerate(texts):
        if (
            min(a["left"] - whole["left"], a["top"] - whole["top"]) < 0
            or min(whole["right"] - a["right"], whole["bottom"] - a["bottom"]) < 0
        ):
            yield f"{a['spells']} leaves the picture"
        for b in texts[:n]:
            if (
                min(a["right"], b["right"]) - max(a["left"], b["left"]) > 0.5
                and min(a["bottom"], b["bottom"]) - max(a["top"], b["top"]) > 0.5
            ):
                yield f"{b['spells']} meets {a['spells']}"


def test_every_text_is_whole_and_apart(page):
    found = {path.stem: list(faults(page, path.read_text(encoding="utf-8"))) for path in LIGHT}
    assert {name: list_ for name, list_ in found.items() if list_} == {}
    assert len(found) > 100


@pytest.mark.parametrize(
    ("places", "fault"),
    [
        ((10, 50), None),
        ((10, 12), "a meets b"),
        ((-3, 50), "a leaves the picture"),
        ((10, 96), "b leaves the picture"),
    ],
)
def test_each_fault_is_found(page, places, fault):
    texts = "".join(
        f'<g id="text_{n}"><!-- {"ab"[n]} --><rect x="{x}" y="9" width="8" height="8"/></g>'
        for n, x in enumerate(places)
    )
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100">{texts}</svg>'
    assert list(faults(page, svg)) == [fault] * (fault is not None)


def luminance(color):
    parts = [int(color[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_colors_of_dark_pictures_stand_out():
    ground = luminance(pictures.GROUND) + 0.05
    contrasts = {
        name: (luminance(color) + 0.05) / ground
        for name, color in pictures.TWINS.items()
        if name != "white"
    }
    assert {name: round(c, 1) for name, c in contrasts.items() if c < LEAST} == {}
    assert len(set(pictures.TWINS.values())) == len(pictures.TWINS)


def test_faint_lines_of_dark_pictures_stand_out():
    ground = [int(pictures.GROUND[n : n + 2], 16) for n in (1, 3, 5)]
    contrasts = []
    for path in LIGHT:
        dark = pictures.darken(path.read_text(encoding="utf-8"))
        for color, opacity in re.findall(r"none; stroke: (#\w+); stroke-opacity: ([\d.]+)", dark):
            line = [int(color[n : n + 2], 16) for n in (1, 3, 5)]
            mixed = (g + float(opacity) * (c - g) for g, c in zip(ground, line, strict=True))
            seen = "#" + "".join(f"{round(part):02x}" for part in mixed)
            contrast = (luminance(seen) + 0.05) / (luminance(pictures.GROUND) + 0.05)
            contrasts.append((round(contrast, 1), path.stem))
    assert contrasts and [found for found in contrasts if found[0] < LEAST] == []


def test_pictures_have_no_colors_but_those_with_a_twin_and_those_of_maps():
    known = {*pictures.DARK, *(pictures.COLORS[name].lower() for name in ("ink", "chalk"))}
    maps = re.compile(r'<g id="Quad(?:Mesh|ContourSet)_\d+">.*?</g>', re.DOTALL)
    strange = {}
    for path in LIGHT:
        drawn = maps.sub("", path.read_text(encoding="utf-8"))
        strange[path.stem] = sorted(set(re.findall("#[0-9a-f]{6}", drawn)) - known)
    assert {name: colors for name, colors in strange.items() if colors} == {}


def test_lines_are_written_to_a_hundredth():
    svg = '<path d="M 1.23456 2.5 \nL 10.999 -0.001 \n" style="x: 1.23456"/>'
    assert pictures.compact(svg) == '<path d="M 1.23 2.5 L 10.99 -0.00" style="x: 1.23456"/>'


def test_a_figure_of_too_many_pictures_is_an_error(tmp_path):
    images = [nodes.image(uri=pictures.SVG) for _ in range(27)]
    figure = nodes.figure("", *images, ids=["many"])
    app = SimpleNamespace(outdir=tmp_path, builder=SimpleNamespace(format="html"))
    with pytest.raises(ValueError, match="book/one: the figure many has 27 pictures"):
        pictures.write_pictures(app, nodes.section("", figure), "book/one")


def test_each_picture_has_a_dark_one():
    for path in LIGHT:
        light = path.read_text(encoding="utf-8")
        dark = path.with_name(path.name.replace("-light", "-dark")).read_text(encoding="utf-8")
        assert dark == pictures.darken(light) != light
        assert pictures.size(dark) == pictures.size(light)
