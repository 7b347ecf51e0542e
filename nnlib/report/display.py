"""Numbered figures and tables of the book, out of what a chapter has just computed.

A chapter ends a cell with one of these. The book shows it with its number and its caption; in a
notebook it is shown as HTML. Captions and alternative texts are computed with the rest, so they
are compared when the outputs are checked.
"""

import io
import json
import math
import re
from base64 import b64encode
from collections.abc import Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from html import escape
from importlib.resources import files

import numpy as np

from nnlib import figures
from nnlib.experiment import Experiment
from nnlib.extras import extra
from nnlib.report import ledger
from nnlib.report.claims import DOCUMENTS, load
from nnlib.targets import TARGETS, Curve, Points

with extra("report"):
    import matplotlib.pyplot as plt
    from IPython.display import display
    from matplotlib.axes import Axes
    from matplotlib.backends.backend_agg import FigureCanvasAgg

__all__ = [
    "Figure",
    "Piece",
    "Table",
    "describe",
    "find_address",
    "glue",
    "ledger_table",
    "machines",
    "panels",
    "verdicts",
]

# What the laboratory allows, as its own table says it: least and most of each number.
_LIMITS = {
    "h": (2, 20),
    "rate": (1e-6, 1e3),
    "epochs": (1, 50_000),
    "samples": (1, 1000),
    "noise": (0, 10),
    "outliers": (0, 1),
    "scale": (1, 100),
    "beta": (0, 0.9999),
    "beta1": (0, 0.9999),
    "beta2": (0, 0.999999),
    "epsilon": (1e-16, 100),
    "decay": (0, 10),
    "slope": (0, 0.9999),
    "small": (0, math.pi),
    "large": (0, math.pi),
    "up": (1, 10),
    "down": (0.001, 1),
    "patience": (1, 50_000),
    "parts": (1, 1000),
    "drop": (0.001, 1),
    "half": (0.001, 1e6),
    "batch": (0, 1000),
    "penalty": (0, 10),
}
_MOST_SEED, _HEIGHTS, _HIGHEST = 2**64 - 1, range(2, 42), 100  # and of a curve
_POINTS, _FARTHEST = range(1, 201), 5
_MARKS: dict[str, str] = dict(zip(ledger.VERDICTS, "✓≈≠✗?○", strict=True))


def glue(**values: object) -> None:
    """Hand computed values to the text, which shows them with the role `glue:text`.

    Parameters
    ----------
    **values
        Names, with ``_`` for ``-``, and what to show.
    """
    for name, value in values.items():
        prefix = "application/papermill.record/"
        record = {"name": name.replace("_", "-"), "mime_prefix": prefix}
        data = {prefix + "text/plain": repr(str(value))}
        display(data, raw=True, metadata={"scrapbook": record})


def panels(n: int = 1) -> tuple[Axes, ...]:
    """Make `n` Axes, each a picture of its own, so that a narrow page can stack them.

    Parameters
    ----------
    n : int, optional

    Returns
    -------
    tuple of matplotlib.axes.Axes
    """
    return tuple(plt.figure().add_subplot() for _ in range(n))


@dataclass(frozen=True, repr=False)
class Figure:
    """A numbered figure of one or more panels.

    Attributes
    ----------
    name : str
        What the text cites it by, with the role `numref`.
    caption : str
        In MyST Markdown.
    axes : tuple of matplotlib.axes.Axes
        From `panels`, drawn into. With more than one, they are lettered (a), (b), …
    """

    name: str
    caption: str
    axes: tuple[Axes, ...]

    def __repr__(self):
        return self.caption

    def _repr_mimebundle_(self, include=None, exclude=None):
        return self._bundle

    @cached_property
    def _bundle(self):
        """What it is shown as, found once, since a second drawing moves it by a hair."""
        pictures = [self._picture(n) for n in range(len(self.axes))]
        images = "\n".join(f'<img alt="{escape(alt)}" src="{uri}">' for alt, uri in pictures)
        return {
            "text/markdown": f"::::{{panels}}\n:name: {self.name}\n\n{images}\n\n"
            f"{self.caption.strip()}\n::::",
            "text/html": f"<figure>{images}<figcaption>{_html(self.caption)}</figcaption></figure>",
        }

    def _picture(self, n):
        """The alternative text and the picture of a panel, whose titles and size stay."""
        ax = self.axes[n]
        letter = f"({chr(ord('a') + n)})" if len(self.axes) > 1 else ""
        try:
            titled = ax.get_title(loc="left") or ax.get_title()
            alt = letter + (" " if titled else ": ") * bool(letter) + describe(ax)
            return alt, _data_uri(ax, letter)
        finally:
            plt.close(ax.figure)  # or a notebook would show it a second time


@dataclass(frozen=True, repr=False)
class Table:
    """A numbered table.

    Attributes
    ----------
    name : str
        What the text cites it by, with the role `numref`.
    caption : str
        In MyST Markdown.
    header : sequence
    rows : sequence of sequence
        Cells, whose text is MyST Markdown.
    kind : str
        A class for the style sheet.
    summary : str
        A line that is shown in place of the table and opens to it; empty if the table stands open.
    """

    name: str
    caption: str
    header: Sequence[object]
    rows: Sequence[Sequence[object]]
    kind: str = ""
    summary: str = ""

    def __repr__(self):
        return self.caption

    def _repr_mimebundle_(self, include=None, exclude=None):
        lines = [self.header, ["---"] * len(self.header), *self.rows]
        markdown = "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)
        rows = [[_html(str(cell)) for cell in row] for row in (self.header, *self.rows)]
        left = ' style="text-align: left"'
        html = "".join(
            f"<tr>{''.join(f'<{kind}{left}>{cell}</{kind}>' for cell in row)}</tr>"
            for row, kind in zip(rows, ("th", *["td"] * len(self.rows)), strict=True)
        )
        markdown = (
            f"::::{{table}} {self.caption.strip()}\n:name: {self.name}\n"
            + (f":class: {self.kind}\n" if self.kind else "")
            + f"\n{markdown}\n::::"
        )
        html = f"<table><caption>{_html(self.caption)}</caption>{html}</table>"
        if self.summary:
            markdown = f":::::{{dropdown}} {self.summary}\n{markdown}\n:::::"
            html = f"<details><summary>{_html(self.summary)}</summary>{html}</details>"
        return {"text/markdown": markdown, "text/html": html}


@dataclass(frozen=True, repr=False)
class Piece:
    """A small piece of the laboratory, which the page's scripts bring to life.

    Attributes
    ----------
    name : str
        One of the pieces of `book/lab/pieces.js`.
    data : dict
        What it is drawn from; anything that JSON has a form for.
    """

    name: str
    data: dict[str, object]

    def __repr__(self):
        return f"{self.name}, which moves on the book's page"

    def _repr_html_(self):
        data = json.dumps(self.data, allow_nan=False).replace("</", "<\\/")
        return (
            f'<div class="lab-piece" data-piece="{escape(self.name)}">'
            f'<script type="application/json">{data}</script></div>'
        )


def find_address(experiment: Experiment, **choices: object) -> str | None:
    """The part of the laboratory's address that chooses an experiment.

    Parameters
    ----------
    experiment : nnlib.Experiment
    **choices
        What else is chosen, by the names that the address has, such as ``epoch``.

    Returns
    -------
    str or None
        From the ``#`` on; None if it is an experiment that the laboratory does not offer.
    """
    parts = [part for _, part in experiment.parts]
    if not all(map(_is_offered, parts)):
        return None
    target, h, rate, epochs, *said = str(experiment).strip("()").split(", ")
    chosen = [f"f={target}", f"h={h}", f"rate={rate}", f"epochs={epochs}", *said]
    return "#" + "&".join(chosen + [f"{name}={value}" for name, value in choices.items()])


def _is_offered(experiment: Experiment) -> bool:
    """Whether the laboratory has an experiment in which nothing changes."""
    f, start = experiment.f, experiment.start
    numbers = {
        "h": experiment.h,
        "rate": experiment.learning_rate,
        "epochs": experiment.epochs,
        "batch": experiment.batch or 0,
        "penalty": experiment.penalty,
        **{name: getattr(start, name) for name in ("samples", "noise", "outliers", "scale")},
        **vars(experiment.optimizer),
        **vars(experiment.schedule),
    }
    if isinstance(f, Curve):
        known = len(f.heights) in _HEIGHTS and max(map(abs, f.heights)) <= _HIGHEST
    elif isinstance(f, Points):
        near = all(
            abs(x) <= _FARTHEST and abs(y) <= _HIGHEST for x, y in zip(f.x, f.y, strict=True)
        )
        known = len(f.x) in _POINTS and near
    else:
        known = f is TARGETS.get(experiment.function_name)
    return (
        known
        and all(
            least <= numbers.get(name, least) <= most for name, (least, most) in _LIMITS.items()
        )
        and all(
            seed is None or (isinstance(seed, int) and seed <= _MOST_SEED)
            for seed in (start.data, start.weights, start.order, experiment.shuffle)
        )
        and start.test is None
        and experiment.optimizer.compiled
        and numbers["batch"] <= start.samples
    )


def verdicts(name: str, caption: str, *ids: str) -> Table:
    """A line that says how claims of the documents of this book came out, and opens to their table.

    Parameters
    ----------
    name, caption : str
        As of `Table`.
    *ids : str
        The claims, as in the files of `nnlib.report.claims.DOCUMENTS`.

    Returns
    -------
    Table

    Raises
    ------
    KeyError
        If there is no claim of that id.
    """
    claims = {claim.id: claim for document in DOCUMENTS for claim in load(document)}
    entries = [ledger.check(claims[id_], claims.values()) for id_ in ids]
    summary = f"Claims checked: {ledger.summarise(entries)}"
    return replace(ledger_table(name, caption, entries), summary=summary)


def ledger_table(name: str, caption: str, entries: Iterable[ledger.Entry]) -> Table:
    """A table of entries of the ledger.

    Parameters
    ----------
    name, caption : str
        As of `Table`.
    entries : iterable of nnlib.report.ledger.Entry

    Returns
    -------
    Table
        Where the claim stands; the claim and its experiments; what is reported, and its kind; what
        came out here; the verdict. The book links each row to that of the claim in the ledger, and
        there to the chapter that speaks of it.
    """
    rows = []
    for entry in entries:
        claim = entry.claim
        experiments = " ".join(f"[{experiment}]{{.experiment}}" for experiment in claim.experiments)
        tolerance = f", ± {claim.tolerance:.0%}" if claim.tolerance else ""
        rows.append(
            (
                f"[{claim.where}]{{.claim-{claim.id}}}",
                f"{claim.says} {experiments}".strip(),
                f"{_reported(claim)} ([{claim.kind}]{{.kind}}{tolerance})",
                entry.rebuilt
                + (f" ({claim.arithmetic})" if claim.arithmetic != "portable" else "")
                + (" *R*" if entry.sensitive_to_rounding else ""),
                f"{_MARKS[entry.verdict]} [{entry.verdict}]{{.verdict}}"
                + (f": {entry.reason}" * bool(entry.reason)),
            )
        )
    header = ("where", "claim", "reported", "here", "verdict")
    return Table(name, caption, header, tuple(rows), "verdicts")


def _reported(claim):
    """The value as reported; that of a bound with its sign, and without an e."""
    if claim.kind != "bound":
        return claim.value
    sign, number = claim.value.split()
    sign = {"<=": "≤", ">=": "≥"}.get(sign, sign)
    return f"{sign}\u00a0{ledger.plain(claim.number, 2) if 'e' in number else number}"


def machines(name: str, caption: str) -> Table:
    """The table of what `make portability` has found.

    Parameters
    ----------
    name, caption : str
        As of `Table`.

    Returns
    -------
    Table
    """
    found = json.loads(
        files("nnlib.report").joinpath("portability.json").read_text(encoding="utf-8")
    )
    columns = ("name", "machine", "python", "numpy", "verdict")
    rows = [tuple(row.get(column, "") for column in columns) for row in found["machines"]]
    header = ("what", "processor", "Python", "numpy", "checksums")
    return Table(name, caption, header, tuple(rows))


def describe(ax: Axes) -> str:
    """Put into words what an Axes shows: the alternative text of its picture.

    Parameters
    ----------
    ax : matplotlib.axes.Axes

    Returns
    -------
    str
        Its label, if it has one; else its axes, and the course of each labelled curve.
    """
    title = _plain(ax.get_title(loc="left") or ax.get_title())
    title += ": " if title else ""
    if ax.get_label():
        return title + str(ax.get_label())
    curves = []
    for line in ax.get_lines():
        x, y = (np.ma.masked_invalid(np.asarray(v, dtype=float)) for v in line.get_data())
        label = _plain(line.get_label())
        if label.startswith("_") or y.count() == 0:
            continue
        if len(y) == 1:
            curves.append(f"{label}, at {x[0]:g}")
        elif line.get_linestyle() == "None":
            curves.append(f"{label}, from {y.min():.3g} to {y.max():.3g}")
        else:
            low, high = np.ma.argmin(y), np.ma.argmax(y)
            last = np.flatnonzero(~np.ma.getmaskarray(y))[-1]
            points = {0: "starts at", low: "lowest", high: "highest", last: "ends at"}
            curves.append(
                f"{label}: "
                + ", ".join(
                    f"{what} {y[n]:.3g}" + (f" at {x[n]:g}" if n in (low, high) else "")
                    for n, what in sorted(points.items())
                )
            )
    scale = ", on a logarithmic scale" if ax.get_yscale() == "log" else ""
    text = f"{_plain(ax.get_ylabel())} against {_plain(ax.get_xlabel())}{scale}. "
    return title + text + "; ".join(curves) + "." * bool(curves)


# What captions and cells have of MyST Markdown, for notebooks; formulas are typeset as they are. A
# link becomes its text, since a notebook may be far from the book.
_INLINE = {
    re.compile(r"\[([^]]*)\]\{\.experiment\}"): r'<b style="color: #d32f2f">\1</b>',
    re.compile(r"\[([^]]*)\](\([^)]*\)|\{[^}]*\})"): r"\1",
    re.compile(r"\*\*(?=\S)([^*]+)(?<=\S)\*\*"): r"<strong>\1</strong>",
    re.compile(r"\*(?=\S)([^*]+)(?<=\S)\*"): r"<em>\1</em>",
    re.compile(r"`([^`]+)`"): r"<code>\1</code>",
}


def _html(markdown):
    text = escape(markdown.strip())
    for pattern, html in _INLINE.items():
        text = pattern.sub(html, text)
    return text


def _plain(text):
    """Matplotlib's text without what would be Markdown or TeX."""
    return "".join(c for c in text.replace("_{", "[").replace("}", "]") if c not in "$\\{*`")


def _data_uri(ax, letter):
    """The picture of a panel, as an address that holds it."""
    with _laid_out(ax, letter) as figure, io.BytesIO() as file:
        figures.save(figure, file, "svg")
        return "data:image/svg+xml;base64," + b64encode(file.getvalue()).decode()


@contextmanager
def _laid_out(ax, letter):
    """The figure of a panel, for the time being with its title at the left and its legend below."""
    # There it hides no curve. It adds to the height, so that the axes of all panels are alike.
    figure, legend, height = ax.figure, ax.get_legend(), ax.figure.get_figheight()
    FigureCanvasAgg(figure)  # each backend measures texts in another way
    titles = {where: ax.get_title(loc=where) for where in ("left", "center")}
    for axis in (ax.xaxis, ax.yaxis):
        figures.mend_ticks(axis)
    title = figure.suptitle(
        f"{letter} {titles['left'] or titles['center']}".strip(), x=0.01, ha="left"
    )
    for where in titles:
        ax.set_title("", loc=where)
    below = legend and _legend_below(ax)
    if below:
        legend.set_visible(False)
        figure.set_figheight(height + below.get_window_extent().height / figure.dpi)
    engine = figure.get_layout_engine()
    try:
        yield figure
    finally:
        figure.set_layout_engine(engine)
        figure.set_figheight(height)
        title.set_text("")
        for where, text in titles.items():
            ax.set_title(text, loc=where)
        if below:
            below.remove()
            legend.set_visible(True)


def _legend_below(ax):
    """List what is drawn below an Axes, in as many columns as its figure has room for."""
    figure, (handles, labels) = ax.figure, ax.get_legend_handles_labels()
    for columns in range(len(labels), 0, -1):
        legend = figure.legend(handles, labels, loc="outside lower left", ncols=columns)
        if columns == 1 or legend.get_window_extent().width < 0.98 * figure.bbox.width:
            return legend
        legend.remove()
