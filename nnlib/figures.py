"""The figures: each function draws one panel into an Axes and returns it.

Colours are those of Okabe and Ito, which stay apart for colour-blind readers; line widths and
markers tell curves apart in grey print. A weight has one look throughout: its hidden neuron gives
the colour, the marker and the width, its column in U the line style. Widths fall from neuron to
neuron, so that duplicates show as a thin line inside a thick one.
"""

# What matplotlib says of its own types is partial.
# pyright: standard

import re
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import ArrayLike

from nnlib.checks import check_h
from nnlib.extras import extra
from nnlib.history import History

with extra("figures"):
    import matplotlib as mpl
    from matplotlib import style as styles
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis, XAxis
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine
    from matplotlib.ticker import AutoLocator, LogLocator, MaxNLocator, NullFormatter

__all__ = [
    "COLORS",
    "LISTED",
    "MARKERS",
    "NEURONS",
    "ROLES",
    "color",
    "label_ends",
    "look",
    "mend_ticks",
    "plot_dataset",
    "plot_error",
    "plot_learned_function",
    "plot_network",
    "plot_weights",
    "save",
    "style",
    "use_style",
]

# Okabe and Ito's colours, which stay apart for colour-blind readers, without their yellow, which
# is too pale for a line; brown stands in for it.
COLORS = {
    "blue": "#0072B2",
    "vermilion": "#D55E00",
    "green": "#009E73",
    "purple": "#CC79A7",
    "orange": "#E69F00",
    "sky": "#56B4E9",
    "brown": "#A0522D",
    "grey": "#555555",
    "black": "#000000",
    "red": "#C00000",
    "magenta": "#B000B0",
    "white": "#FFFFFF",
    # For texts on a map, whose colours stay on a dark page, where black and white change places.
    "ink": "#010101",
    "chalk": "#FEFEFE",
}
NEURONS = ("blue", "vermilion", "green", "purple", "orange", "sky", "brown")
MARKERS = "os^DvP*"

# What is drawn, and in which colour: one thing has one colour throughout the book.
ROLES = {
    "samples": "blue",
    "test": "blue",
    "train": "vermilion",
    "last": "red",  # the document's red dot and magenta cross
    "lowest": "magenta",
    "target": "grey",
    "learned": "vermilion",
    "bias": "grey",
    "zero": "grey",  # a line at zero, or another line of reference
    "threshold": "orange",
    "observed": "blue",
    "predicted": "vermilion",
    "reported": "vermilion",
    "orders": "grey",  # the same samples in other orders
    "portable": "black",
    "replay": "blue",
    "small rate": "green",
    "large rate": "blue",
}
_UNDATED = {"svg": {"Date": None}, "svgz": {"Date": None}, "pdf": {"CreationDate": None}}
LISTED = 10  # names beside a panel, as many as there is room for
_HUGE = 1e6  # a weight that only a run that diverges can have: no linear axis shows the others then
_GRID = np.arange(-50, 50) / 10  # where the document draws functions: -5, -4.9, …, 4.9


def color(what: str) -> str:
    """The colour of something that is drawn.

    Parameters
    ----------
    what : str
        A role, one of `ROLES`, such as ``"test"``, or a colour, one of `COLORS`.

    Returns
    -------
    str
        As matplotlib takes it.

    Raises
    ------
    ValueError
        If there is no such role or colour.
    """
    try:
        return COLORS[ROLES.get(what, what)]
    except (KeyError, TypeError):
        raise ValueError(
            f"a colour must be one of {', '.join([*ROLES, *COLORS])}, got {what!r}"
        ) from None


def look(i: int) -> dict[str, str]:
    """The colour and the marker of the i-th of several curves, such as those of neuron i.

    Parameters
    ----------
    i : int
        From 0. The colours repeat after `NEURONS`; pairs of colour and marker only after 49.

    Returns
    -------
    dict
        ``color`` and ``marker``, as `matplotlib.axes.Axes.plot` takes them.
    """
    n = len(NEURONS)
    return {"color": color(NEURONS[i % n]), "marker": MARKERS[(i + i // n) % len(MARKERS)]}


@contextmanager
def style() -> Generator[None]:
    """Draw with the look of the report, whatever the process or a matplotlibrc has set.

    Yields
    ------
    None
    """
    with mpl.rc_context():
        _set_style()
        yield


def _set_style():
    """Set all that a picture hangs on; where a program is, which makes films, stays known."""
    program = {"animation.ffmpeg_path": mpl.rcParams["animation.ffmpeg_path"]}
    styles.use(["default", "nnlib.figures", program])


def save(figure: Figure, file: str | Path | BinaryIO, kind: str) -> None:
    """Save a figure, as the same bytes each time: its layout stays as it is first found.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    file : str, Path or binary stream
    kind : str
        The format, such as ``"svg"``.
    """
    engine, canvas, dpi = figure.get_layout_engine(), figure.canvas, figure.dpi
    if figure.axes and isinstance(engine, ConstrainedLayoutEngine):
        for ax in figure.axes:
            spec = ax.get_subplotspec()
            if spec:
                ax.set_subplotspec(spec)  # an earlier drawing has moved it
        engine.execute(figure)  # the room changes the ticks, and these the room
        if kind == "svg":  # or all is drawn once more for that, which takes a third of the time
            FigureCanvasSVG(figure)
            figure.dpi = 72
            engine.execute(figure)
            figure.dpi = dpi
            figure.set_canvas(canvas)
            with mpl.rc_context({"figure.constrained_layout.use": False}):
                figure.set_layout_engine(None)
    figure.savefig(file, format=kind, transparent=False, metadata=_UNDATED.get(kind))
    figure.set_layout_engine("none")


def use_style() -> None:
    """Give the figures of this session the look of the report, as SVG in a notebook."""
    ipython = sys.modules.get("IPython")  # where it is not loaded, this is no notebook
    shell = ipython.get_ipython() if ipython else None
    if shell and "inline" in mpl.get_backend():
        shell.run_line_magic("matplotlib", "inline")  # after which it can be configured
        for setting in (  # without braces, in which IPython would look for variables
            "figure_formats = set(['svg'])",
            "print_figure_kwargs = dict(metadata=dict(Date=None))",
        ):
            shell.run_line_magic("config", f"InlineBackend.{setting}")
    _set_style()


def plot_dataset(ax: Axes, x: ArrayLike, y: ArrayLike) -> Axes:
    """Draw the samples of a dataset.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    x, y : array_like, shape (N,)

    Returns
    -------
    matplotlib.axes.Axes
    """
    x, y = np.asarray(x), np.asarray(y)
    ax.plot(x, y, ".", color=color("samples"), markersize=3, label=f"{len(x)} samples")
    ax.set(xlabel="$x$", ylabel="$y$")
    ax.legend()
    return ax


def plot_error(ax: Axes, history: History, train: bool = False) -> Axes:
    """Draw the evolution of the error on a logarithmic scale, with the last and the lowest.

    Where the run overflows, a line in place of the last error says at which epoch.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    history : nnlib.History
    train : bool, optional
        Show the error on the training set as well.

    Returns
    -------
    matplotlib.axes.Axes
    """
    overflow = history.overflow_epoch
    ax.set_yscale("log")
    if overflow is not None:
        # Left to itself, matplotlib seeks limits and ticks beyond the largest double, about 1e308.
        ax.set_ylim(history.lowest_error / 1e10, 1e308)
        ax.set_yticks([10.0**n for n in range(0, 301, 50)])
        ax.minorticks_off()
    if train:
        ax.plot(
            history.seen,
            _finite(history.train_error),
            "--",
            color=color("train"),
            label="error on training set",
        )
    ax.plot(
        history.seen, _finite(history.test_error), color=color("test"), label="error on test set"
    )
    if overflow is None:
        ax.plot(
            history.seen[-1],
            history.last_error,
            "o",
            color=color("last"),
            label=f"Last error: {_shown(history.last_error)}",
        )
    else:
        ax.axvline(
            overflow, color=color("last"), linestyle=":", label=f"Overflow: epoch {overflow}"
        )
    ax.plot(
        history.best_epoch,
        history.lowest_error,
        "X",
        color=color("lowest"),
        markersize=8,
        label=f"Lowest error: {_shown(history.lowest_error)}",
    )
    ax.set(xlabel="epoch", ylabel="half mean squared error")
    ax.legend()
    return ax


def plot_learned_function(ax: Axes, history: History, epoch: int = -1) -> Axes:
    """Draw the target function and what the network had learned of it after an epoch.

    Over the document's interval, or over that of the run's own samples if they lie elsewhere.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    history : nnlib.History
    epoch : int, optional
        The last one if not given.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there is no such epoch.
    """
    x = _grid(history)
    target = history.experiment.start.target(history.experiment.f)
    ax.plot(x, target(x), color=color("target"), linewidth=3, label="target")
    ax.plot(x, history.predict(x, epoch), "--", color=color("learned"), label="learned")
    ax.set(xlabel="$x$", ylabel="$y$")
    ax.legend()
    return ax


def _grid(history):
    """Where to draw functions: the document's interval, or that of samples which lie elsewhere."""
    inputs = np.concatenate([history.train_set[0], history.test_set[0]])
    low, high = inputs.min(), inputs.max()
    return _GRID if -5 <= low < -4 and 4 < high <= 5 else np.linspace(low, high, len(_GRID))


def plot_weights(
    ax: Axes, history: History, weights: Sequence[str], epochs: int | None = None
) -> Axes:
    """Draw the evolution of chosen weights, each with its name at its end.

    No more of them are named than there is room for. A figure with a constrained layout, as the
    style of the report has it, makes room to the right.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    history : nnlib.History
    weights : sequence of str
        Their names in the document's notation, such as ``["U[0,0]", "U[0,1]", "V[2]"]``.
    epochs : int, optional
        How many epochs to show; all if not given.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there is no weight of that name in this network.
    """
    stop = len(history.seen) if epochs is None else np.searchsorted(history.seen, epochs, "right")
    largest = 0.0
    for name in weights:
        values, style = _weight(history, name)
        label = "$" + re.sub(r"\[(.*)\]", r"_{\1}", name) + "$"
        values = _finite(values[:stop])
        largest = max(largest, np.nanmax(abs(values)))
        ax.plot(history.seen[:stop], values, label=label, markersize=5, **style)
    ax.set(xlabel="epoch", ylabel="weight")
    if largest > _HUGE:
        # The part between -1 and 1 as wide as the distance of two ticks, or their labels collide.
        ax.set_yscale("symlog", linthresh=1, linscale=np.log10(largest) / 7)
        ax.set_ylabel("weight, logarithmic beyond ±1")
    return label_ends(ax)


def label_ends(ax: Axes) -> Axes:
    """Write the label of each curve where it ends, to the right of the axes, each apart.

    To be called when the curves and the limits of the axes are as they will be. A curve without a
    label or a finite point gets none, nor does a line across the axes. Of too many curves the last
    lose their labels.

    Parameters
    ----------
    ax : matplotlib.axes.Axes

    Returns
    -------
    matplotlib.axes.Axes
    """
    lines = [line for line in ax.get_lines() if _has_end(line)]
    shown = lines if len(lines) <= LISTED else lines[: LISTED - 1]
    labels = [str(line.get_label()) for line in shown]
    courses = [np.asarray(line.get_xydata(), dtype=float) for line in shown]
    ends = [course[np.isfinite(course).all(axis=1)][-1] for course in courses]
    if not shown:
        return ax
    ax.autoscale_view()
    heights = (ax.transData + ax.transAxes.inverted()).transform(ends)[:, 1]
    distance = 1.25 * mpl.rcParams["font.size"] / 72 * ax.figure.dpi / ax.bbox.height
    places = _spread([*heights, 0] if shown != lines else heights, distance)
    for line, label, end, place in zip(shown, labels, ends, places, strict=False):
        leader = {"arrowstyle": "-", "color": line.get_color(), "shrinkA": 0, "shrinkB": 0}
        where = {"xytext": (1.08, place), "textcoords": "axes fraction", "va": "center"}
        ax.annotate(label, tuple(end), **where, arrowprops=leader)
    if shown != lines:
        more = f"and {len(lines) - len(shown)} more"
        ax.text(1.08, places[-1], more, transform=ax.transAxes, va="center")
        for line in lines[len(shown) :]:  # so that it has no name for anyone
            line.set_label(f"_{line.get_label()}")
    return ax


def _has_end(line):
    """Whether a curve has a label, and a finite point where it ends."""
    course = np.asarray(line.get_xydata(), dtype=float)
    across = line.get_transform() != line.axes.transData  # as of `axhline`
    named = not str(line.get_label()).startswith("_")
    return named and not across and bool(np.isfinite(course).all(axis=1).any())


def _spread(heights, distance):
    """Heights within 0 and 1, near the given ones and in their order, a distance apart."""
    order = np.argsort(heights, kind="stable")
    places = np.asarray(heights, dtype=float)[order]
    for _ in range(500):
        push = np.maximum(distance - np.diff(places), 0) / 2
        places[:-1] -= push
        places[1:] += push
        places = places.clip(0, 1)
    return places[np.argsort(order)]


def mend_ticks(axis: Axis) -> None:
    """Number an axis such that a layout can be found, and read.

    How many ticks there are along an x axis does not hang on how long it is, since that would hang
    on its ticks. A logarithmic axis of less than two decades is numbered plainly: 20, 50, 100. One
    whose ticks have been chosen keeps them.

    Parameters
    ----------
    axis : matplotlib.axis.Axis
    """
    if isinstance(axis, XAxis) and isinstance(axis.get_major_locator(), AutoLocator):
        axis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    low, high = sorted(axis.get_view_interval())
    chosen = not isinstance(axis.get_major_locator(), LogLocator)
    if axis.get_scale() == "log" and not chosen and high < 100 * low:
        few = MaxNLocator(4, steps=[1, 2, 5, 10])
        axis.set_major_locator(few if high < 5 * low else LogLocator(subs=(1, 2, 5)))
        axis.set_major_formatter("{x:g}")
        axis.set_minor_formatter(NullFormatter())


def plot_network(ax: Axes, h: int) -> Axes:
    """Draw the network with `h` hidden neurons: the layers X, H and O, and the weights between.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    h : int
        The number of hidden neurons, the bias unit counted.

    Returns
    -------
    matplotlib.axes.Axes
    """
    h = check_h(h)
    height = [(h - 1) / 2 - i for i in range(h)]
    inputs = (0.0, (h - 1) / 4), (0.0, -(h + 1) / 4)
    sums = [(2.6, y) for y in height[:-1]]
    hidden = [(3.55, y) for y in height]
    output = (5.2, 0.0)

    def edge(start, end, label, where):
        ax.plot(*zip(start, end, strict=True), color=color("bias"), linewidth=0.8, zorder=1)
        x, y = (a + where * (b - a) for a, b in zip(start, end, strict=True))
        box = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}
        ax.text(x, y, label, ha="center", va="center", bbox=box)

    def unit(centre, label, fill, marker="o", size=700):
        x, y = centre
        ax.scatter(x, y, s=size, color=fill, edgecolors="black", marker=marker, zorder=3)
        ax.text(x, y, label, ha="center", va="center", color="white", zorder=4)

    bias, other = (color("blue"), "s"), (color("vermilion"), "o")
    for i, centre in enumerate(sums):
        for j in (0, 1):
            edge(inputs[j], centre, f"$U_{{{i},{j}}}$", 0.72 if j else 0.36)
        edge(centre, hidden[i], "$\\sigma$", 0.4)
        unit(centre, "$\\Sigma$", fill=color("bias"), size=320)
    for i, centre in enumerate(hidden):
        edge(centre, output, f"$V_{{{i}}}$", 0.5)
        unit(centre, f"$H_{{{i}}}$", *(bias if i == h - 1 else other))
    unit(inputs[0], "$X_0$", *other)
    unit(inputs[1], "$X_1$", *bias)
    unit(output, "$O_0$", *other)
    equations = (
        "$X_0 = x$,  $X_1 = 1$,  $H_i = \\sigma(U_{i,0} X_0 + U_{i,1} X_1)$,",
        f"$H_{{{h - 1}}} = 1$,  $O_0 = V_0 H_0 + \\ldots + V_{{{h - 1}}} H_{{{h - 1}}}$",
    )
    ax.text(-0.45, -h / 2 - 0.3, "\n".join(equations), va="top", linespacing=1.5)
    ax.set(xlim=(-0.45, 5.65), ylim=(-h / 2 - 1.2, h / 2))
    ax.axis("off")
    ax.set_label(
        f"The network with h = {h}: the input X[0] and the bias unit X[1] = 1 are each joined to "
        f"{h - 1} hidden neurons by the weights U[i,0] and U[i,1]; these and a hidden bias unit "
        f"H[{h - 1}] = 1 are joined to the output O[0] by the weights V[i]."
    )
    return ax


def _finite(values):
    """The values without infinity, for which no axis has a place."""
    return np.where(np.isfinite(values), values, np.nan)


def _shown(error):
    """An error as the document's legends have it, unless it is beyond all reason."""
    return f"{error:.4f}" if error < 1e6 else f"{error:.1e}"


def _weight(history, name):
    """The values of a weight, and how it looks."""
    h = history.experiment.h
    match = re.fullmatch(r"U\[(\d+),([01])\]|V\[(\d+)\]", name)
    row, column, of_V = match.groups() if match else (None, None, None)
    i = int(row or of_V or h)
    if i > h - 1 or (i == h - 1 and row):
        raise ValueError(
            f"for h = {h} the weights are U[0,0] … U[{h - 2},1] and V[0] … V[{h - 1}], got {name!r}"
        )
    values = history.V[:, i] if column is None else history.U[:, i, int(column)]
    if i == h - 1:
        return values, {"color": color("bias"), "linewidth": 1.5, "linestyle": ":"}
    return values, {
        **look(i),
        "markevery": (0.08 + 0.03 * (i % len(NEURONS)), 0.24),
        "linewidth": max(3.4 - 0.8 * i, 1.0),
        "linestyle": "--" if column == "1" else "-",
    }
