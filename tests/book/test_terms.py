"""Terms are linked to the glossary where a chapter first uses them."""

import re
from html.parser import HTMLParser

import pytest
import terms
from docutils import nodes
from snapshots import ROOT
from sphinx_design.dropdown import dropdown_title
from test_pages import HTML, PAGES, VOID

CHAPTERS = [
    path for path in PAGES if terms.is_chapter(f"book/{path.stem}") and "api" not in path.parts
]


# What a reader can look up. Terms are found by the glossary alone, so without this list an entry
# could go, and its links with it, and nobody would notice.
TERMS = """
Adagrad, Adam, Arithmetic, Assignment problem, Back-propagation, Ball arithmetic, Batch, Batch
sharpness, Bend of a flip, Best fit, Bias and variance, Bias unit, Brown–Forsythe test, Burst,
Cochran's Q, Component of variance, Curvature, Damping, Dead neuron, Divergence, Double (number),
Double descent, Duplicate, Duplicate neuron, Early stop, Effective number of weights, Eigenvalue,
Eigenvector, Epoch, Error, Excess error, Flip, Floor of a descent, Full-batch gradient descent,
Fused multiply-add, Gauss–Newton part, Gauss–Newton step, Gradient, Gradient descent, Gradient flow,
Half mean squared error, Heavy ball, Hessian, Hidden layer, Infimum, Interaction, Jackknife, L-BFGS,
Learning rate, Line search, Loss, Mass, Minima, Minimum, Mirror image, Nesterov's momentum, Neuron,
Normal form, Onset, Optimism, Oracle, Oscillation, Outlier, Overfitting, Overflow, Pace, Penalty,
Permutation test, Plateau, Plateaus, Portable arithmetic, Preconditioned sharpness, Replay,
Replicate, Residual, Restart, RMSprop, Rounding, Rprop, Saddle, Sample gradient, Schedule, Second
descent, Seed, Self-stabilisation, Semi-logarithmic, Sensitive to rounding, Sharpness, Sigmoid,
Spread weights, Stable path, Standard datasets and weights, Stuck, Surrogate, Target function, Test
set, Threshold, Training set, Two-layer perceptron, Underfitting, Validation, Weight, Working
neuron, Zigzag, Zigzag model
"""


def entries():
    """The terms of the glossary, as its source has them."""
    source = (ROOT / "book" / "glossary.md").read_text(encoding="utf-8")
    found = source.partition("```{glossary}")[2].partition("```")[0]
    return re.findall(r"^([^\s:].*)$", found, re.MULTILINE)


def linked(text, *known):
    places = {term: term.upper() for term in known}
    return [(part, place) for part, place in terms.cut(text, places) if place]


@pytest.mark.parametrize(
    ("text", "known", "found"),
    [
        ("An epoch, and another epoch.", ["epoch"], ["epoch"]),
        ("Two Epochs.", ["epoch"], ["Epochs"]),
        ("Two copies.", ["copy"], ["copies"]),
        ("Two losses.", ["loss"], ["losses"]),
        ("components of variance", ["component of variance"], ["components of variance"]),
        ("glossy", ["loss"], []),
        ("half-epoch", ["epoch"], []),
        ("a Gauss-Newton step", ["Gauss–Newton step"], ["Gauss-Newton step"]),
        ("gradient\ndescent", ["gradient", "gradient descent"], ["gradient\ndescent"]),
        ("descent", ["gradient", "gradient descent"], []),
    ],
)
def test_what_is_linked(text, known, found):
    assert [part for part, _ in linked(text, *known)] == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("the size accounts for a tenth of it; take rounding into account", []),
        ("the valley bends, and the bend of the output; watch the curve bend", []),
        ("up to the zigzag model", ["zigzag model"]),
        ("the bend of a flip", ["bend of a flip"]),
    ],
)
def test_no_term_of_the_glossary_is_a_common_verb(text, found):
    known = entries()
    assert {"Zigzag", "Half mean squared error"} < set(known)
    here = [part for part, _ in linked(text, *known) if part not in ("rounding", "zigzag")]
    assert here == found


def test_the_glossary_has_every_term():
    listed = " ".join(TERMS.split()).split(", ")
    assert sorted(entries(), key=str.lower) == listed, "list in TERMS what the glossary has"


def test_terms_are_used_in_chapters():
    pages = [path for path in (ROOT / "book").glob("*.md") if terms.is_chapter(f"book/{path.stem}")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in pages)
    # These stand for what chapters say in other words, or are the irregular plural of another.
    in_other_words = {
        "Bend of a flip",
        "Divergence",
        "Double (number)",
        "Fused multiply-add",
        "Plateaus",
    }
    assert {term for term in entries() if not linked(text, term)} == in_other_words


def test_a_term_within_another_waits_for_a_use_of_its_own():
    text = "gradient descent, gradient descent, gradient"
    assert [place for _, place in linked(text, "gradient", "gradient descent")] == [
        "GRADIENT DESCENT",
        "GRADIENT",
    ]


HEADS = ("h1", "h2", "h3", "h4", "header", "summary")
LEFT_OUT = (*HEADS, "code", "pre", "script", "nav", "footer", "button")


class Uses(HTMLParser):
    """Collects the texts of a page where a term may be linked, and whether they are links to it."""

    def __init__(self, text):
        super().__init__()
        self.texts, self._open = [], []
        start = text.index("<article")
        self.feed(text[start : text.index("</article>")])

    def handle_starttag(self, tag, attributes):
        if tag not in VOID:
            kinds = (dict(attributes).get("class") or "").split()
            out = tag in LEFT_OUT or (tag == "a" and "term" not in kinds)
            out = out or {"cell", "math", "rubric", "headerlink"} & set(kinds)
            self._open.append((tag, bool(out), tag == "a"))

    def handle_endtag(self, tag):
        while tag not in VOID and self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if not any(out for _, out, _ in self._open):
            self.texts.append((data, any(link for *_, link in self._open)))


def unlinked(html, known):
    """The terms whose first use on a page is no link."""
    places = {term: term for term in known}
    for text, is_link in Uses(html).texts:
        for _, term in terms.cut(text, places):
            if term and not is_link:
                yield term


@pytest.fixture(scope="module")
def known():
    html = (HTML / "book" / "glossary.html").read_text(encoding="utf-8")
    names = re.findall(r'<dt id="term-[^"]*">(.*?)<a class="headerlink"', html)
    assert len(names) > 40
    return {name.lower() for name in names}


def test_the_first_use_is_found_missing():
    page = "<article><h1>Epochs</h1><p>An epoch. <a class='term'>Weights</a>, weight.</p></article>"
    assert list(unlinked(page, ["epoch", "weight"])) == ["epoch"]


@pytest.mark.skipif(not PAGES, reason="there is no book yet: run `make book` first")
@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_first_uses_are_linked(path, known):
    assert list(unlinked(path.read_text(encoding="utf-8"), known)) == []


def test_no_term_is_linked_in_a_line_that_opens():
    assert terms.is_left_out(dropdown_title("", "Overfitting")[0])
    assert not terms.is_left_out(nodes.paragraph("", "Overfitting")[0])
