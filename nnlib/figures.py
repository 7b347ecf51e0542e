"""The figures: each function draws one panel into an Axes and returns it.

Colours are those of Okabe and Ito, which stay apart for colour-blind readers; line widths and
markers tell curves apart in grey print. A weight has one look throughout: its hidden neuron gives
the colour, the marker and the width, its column in U the line style. Widths fall from neuron to
neuron, so that duplicates show as a thin line inside a thick one.
"""

import re

import matplotlib.pyplot as plt
import numpy as np

from nnlib.checks import check_h

__all__ = [
    "plot_dataset",
    "plot_error",
    "plot_learned_function",
    "plot_network",
    "plot_weights",
    "use_style",
]

_COLORS = (
    "#0072B2",  # blue
    "#D55E00",  # vermilion
    "#009E73",  # bluish green
    "#CC79A7",  # reddish purple
    "#E69F00",  # orange
    "#56B4E9",  # sky blue
    "#A0522D",  # brown, where Okabe and Ito's yellow is too pale for a line
)
_MARKERS = "os^DvP*"
_BIAS_COLOR = "#555555"
_GRID = np.arange(-50, 50) / 10  # where the document draws functions: -5, -4.9, …, 4.9


def use_style():
    """Give the figures of this session the look of the report, as SVG in a notebook."""
    from matplotlib_inline.backend_inline import set_matplotlib_formats

    plt.style.use("nnlib.figures")
    set_matplotlib_formats("svg", metadata={"Date": None})


def plot_dataset(ax, x, y):
    """Draw the samples of a dataset.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    x, y : array_like, shape (N,)

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax.plot(x, y, ".", color=_COLORS[0], markersize=3, label=f"{len(x)} samples")
    ax.set(xlabel="$x$", ylabel="$y$")
    ax.legend()
    return ax


def plot_error(ax, history, train=False):
    """Draw the evolution of the error on a logarithmic scale, with the last and the lowest.

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
    last = len(history.test_error) - 1
    if train:
        ax.semilogy(history.train_error, "--", color=_COLORS[1], label="error on training set")
    ax.semilogy(history.test_error, color=_COLORS[0], label="error on test set")
    ax.semilogy(
        last,
        history.last_error,
        "o",
        color="#C00000",
        label=f"Last error: {history.last_error:.4f}",
    )
    ax.semilogy(
        history.best_epoch,
        history.lowest_error,
        "X",
        color="#B000B0",
        markersize=8,
        label=f"Lowest error: {history.lowest_error:.4f}",
    )
    ax.set(xlabel="epoch", ylabel="half mean squared error")
    ax.legend()
    return ax


def plot_learned_function(ax, history, epoch=-1):
    """Draw the target function and what the network had learned of it after an epoch.

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
    ax.plot(_GRID, history.experiment.f(_GRID), color=_BIAS_COLOR, linewidth=3, label="target")
    ax.plot(_GRID, history.predict(_GRID, epoch), "--", color=_COLORS[1], label="learned")
    ax.set(xlabel="$x$", ylabel="$y$")
    ax.legend()
    return ax


def plot_weights(ax, history, weights, epochs=None):
    """Draw the evolution of chosen weights.

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
    stop = len(history.U) if epochs is None else epochs + 1
    for name in weights:
        values, look = _weight(history, name)
        label = "$" + re.sub(r"\[(.*)\]", r"_{\1}", name) + "$"
        ax.plot(values[:stop], label=label, markersize=5, **look)
    ax.set(xlabel="epoch", ylabel="weight")
    box = ax.get_position()  # room for the legend, on the right
    ax.set_position([box.x0, box.y0, 0.78 * box.width, box.height])
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5), handlelength=2, borderpad=0)
    return ax


def plot_network(ax, h):
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
    sums = [(1.9, y) for y in height[:-1]]
    hidden = [(2.8, y) for y in height]
    output = (4.4, 0.0)

    def edge(start, end, label, where):
        ax.plot(*zip(start, end, strict=True), color=_BIAS_COLOR, linewidth=0.8, zorder=1)
        x, y = (a + where * (b - a) for a, b in zip(start, end, strict=True))
        box = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}
        ax.text(x, y, label, size=8, ha="center", va="center", color=_BIAS_COLOR, bbox=box)

    def unit(centre, label, color, size=560, marker="o"):
        ax.scatter(*centre, s=size, color=color, edgecolors="black", marker=marker, zorder=3)
        ax.text(*centre, label, size=9, ha="center", va="center", color="white", zorder=4)

    bias, other = {"color": _COLORS[0], "marker": "s"}, {"color": _COLORS[1]}
    for i, centre in enumerate(sums):
        for j in (0, 1):
            edge(inputs[j], centre, f"$U_{{{i},{j}}}$", 0.66 if j else 0.42)
        edge(centre, hidden[i], "$\\sigma$", 0.4)
        unit(centre, "$\\Sigma$", color=_BIAS_COLOR, size=200)
    for i, centre in enumerate(hidden):
        edge(centre, output, f"$V_{{0,{i}}}$", 0.45)
        unit(centre, f"$H_{{{i}}}$", **(bias if i == h - 1 else other))
    unit(inputs[0], "$X_0$", **other)
    unit(inputs[1], "$X_1$", **bias)
    unit(output, "$O_0$", **other)
    equations = "$X_0 = x$, $X_1 = 1$", f"$H_i = \\sigma(U_i X)$, $H_{{{h - 1}}} = 1$", "$O = V H$"
    for x, equation in zip((0, 2.5, 4.4), equations, strict=True):
        ax.text(x, -h / 2 - 0.5, equation, size=9, ha="center")
    ax.set(xlim=(-0.7, 5), ylim=(-h / 2 - 0.8, h / 2))
    ax.axis("off")
    ax.set_label(
        f"The network with h = {h}: the input X[0] and the bias unit X[1] = 1 are each joined to "
        f"{h - 1} hidden neurons by the weights U[i,0] and U[i,1]; these and a hidden bias unit "
        f"H[{h - 1}] = 1 are joined to the output O[0] by the weights V[0,i]."
    )
    return ax


def _weight(history, name):
    """The values of a weight, and how it looks."""
    h = history.experiment.h
    match = re.fullmatch(r"U\[(\d+),([01])\]|V\[(\d+)\]", name)
    i = int(match[1] or match[3]) if match else h
    if i > h - 1 or (i == h - 1 and match[1]):
        raise ValueError(
            f"for h = {h} the weights are U[0,0] … U[{h - 2},1] and V[0] … V[{h - 1}], got {name!r}"
        )
    values = history.V[:, i] if match[3] else history.U[:, i, int(match[2])]
    if i == h - 1:
        return values, {"color": _BIAS_COLOR, "linewidth": 1.5, "linestyle": ":"}
    return values, {
        "color": _COLORS[i % len(_COLORS)],
        "marker": _MARKERS[i % len(_MARKERS)],
        "markevery": (0.08 + 0.03 * (i % len(_MARKERS)), 0.24),
        "linewidth": max(3.4 - 0.8 * i, 1.0),
        "linestyle": "--" if match[2] == "1" else "-",
    }
