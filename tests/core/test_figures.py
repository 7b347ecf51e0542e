"""What the figures show, and how they are put on a page."""

import io
import os
import re
import subprocess
import sys
from types import SimpleNamespace

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

from nnlib import Experiment, __main__, f1, figures, get_train_set, train
from nnlib.report import display

mpl.use("agg")


@pytest.fixture(scope="module")
def history():
    return train(Experiment(f1, 3, 0.1, 50))


@pytest.fixture
def ax():
    fig, ax = plt.subplots()
    yield ax
    plt.close(fig)


def _labels(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def _ends(ax):
    return [text.get_text() for text in ax.texts]


def test_dataset(ax):
    x, y = get_train_set(f1)
    assert figures.plot_dataset(ax, x, y) is ax
    assert _labels(ax) == ["1000 samples"]


def test_error(ax, history):
    assert figures.plot_error(ax, history, train=True) is ax
    assert ax.get_yscale() == "log"
    error = f"{history.last_error:.4f}"
    assert _labels(ax) == [
        "error on training set",
        "error on test set",
        f"Last error: {error}",
        f"Lowest error: {error}",
    ]


def test_learned_function(ax, history):
    assert figures.plot_learned_function(ax, history, epoch=3) is ax
    x, y = ax.get_lines()[1].get_data()
    assert (len(x), x[0], x[1], x[-1]) == (100, -5, -4.9, 4.9)
    assert y[7] == history.predict(x[7], 3)


def test_functions_are_drawn_where_the_samples_are():
    x = np.linspace(1, 10, 30)
    history = train(
        Experiment(np.log, 3, 0.1, 5), train_set=(x, np.log(x)), test_set=(x, np.log(x))
    )
    _, ax = plt.subplots()
    for line in figures.plot_learned_function(ax, history).get_lines():
        assert (line.get_xdata().min(), line.get_xdata().max()) == (1, 10)
        assert np.isfinite(line.get_ydata()).all()
    for few in (train(Experiment(f1, 3, 0.1, 5)), train(Experiment.parse("f1 3 1 5 samples=5"))):
        _, ax = plt.subplots()
        figures.plot_learned_function(ax, few)
        assert ax.get_lines()[0].get_xdata().tolist() == (np.arange(-50, 50) / 10).tolist()


def test_weights(ax, history):
    assert figures.plot_weights(ax, history, ["U[1,0]", "V[2]"], epochs=20) is ax
    assert _ends(ax) == ["$U_{1,0}$", "$V_{2}$"]
    _, y = ax.get_lines()[0].get_data()
    assert y.tolist() == history.U[:21, 1, 0].tolist()


def test_a_weight_looks_the_same_everywhere(ax, history):
    figures.plot_weights(ax, history, ["V[0]", "V[1]", "V[2]"])
    figures.plot_weights(ax, train(Experiment(f1, 5, 0.1, 2)), ["V[1]"])
    colors = [line.get_color() for line in ax.get_lines()]
    assert len(set(colors[:3])) == 3 and colors[3] == colors[1]


@pytest.mark.parametrize("name", ["U[2,0]", "U[0,2]", "V[3]", "W[0]", "U0", "V[-1]"])
def test_no_such_weight(ax, history, name):
    with pytest.raises(ValueError, match=r"for h = 3 the weights are U\[0,0\] … U\[1,1\] and V"):
        figures.plot_weights(ax, history, [name])


def test_colors_go_by_what_is_drawn():
    assert figures.color("test") == figures.COLORS["blue"] == figures.color("blue")
    assert set(figures.ROLES.values()) | set(figures.NEURONS) <= set(figures.COLORS)
    with pytest.raises(ValueError, match=r"a colour must be one of samples, .* got 'pink'"):
        figures.color("pink")


def test_looks_are_apart():
    assert len({tuple(figures.look(i).values()) for i in range(49)}) == 49
    assert len({figures.look(i)["color"] for i in range(7)}) == 7


def test_an_overflow_is_drawn(ax):
    with pytest.warns(RuntimeWarning, match="overflows at epoch 182"):
        history = train(Experiment(f1, 3, 5, 200))
    figures.plot_error(ax, history, train=True)
    assert _labels(ax)[2] == "Overflow: epoch 182"
    assert ax.get_ylim()[1] > 1e307 and ax.get_xlim()[1] > 180
    ax.figure.canvas.draw()


def test_weights_beyond_all_bounds_get_another_axis(ax, history):
    figures.plot_weights(ax, history, ["V[0]"])
    assert ax.get_yscale() == "linear"
    diverging = train(Experiment(f1, 3, 2.0, 300))
    figures.plot_weights(ax, diverging, ["V[0]"])
    assert ax.get_yscale() == "linear"
    astronomical = train(Experiment(f1, 2, 50, 20))
    figures.plot_weights(ax, astronomical, ["V[1]"])
    assert ax.get_yscale() == "symlog"
    ax.figure.canvas.draw()


def test_no_more_weights_are_named_than_fit(ax):
    history = train(Experiment(f1, 30, 0.1, 2))
    figures.plot_weights(ax, history, [f"V[{i}]" for i in range(30)])
    names = _ends(ax)
    assert len(names) == figures.LISTED and names[-1] == "and 21 more"
    drawn = [line for line in ax.get_lines() if len(line.get_xdata())]
    assert len(drawn) == 30


@pytest.mark.parametrize(
    ("heights", "places"),
    [
        ([0.5, 0.5], [0.45, 0.55]),
        ([0.9, 0.1], [0.9, 0.1]),
        ([0.0, 0.01, 1.2], [0.0, 0.1, 1.0]),
        ([], []),
    ],
)
def test_names_at_the_ends_keep_their_distance(heights, places):
    assert figures._spread(heights, 0.1) == pytest.approx(places, abs=1e-3)


@pytest.mark.parametrize(
    ("limits", "ticks"),
    [
        ((48, 77), ["50", "60", "70"]),
        ((0.003, 0.02), ["0.005", "0.01", "0.02"]),
        ((1e-4, 1), None),
    ],
)
def test_ticks_of_a_short_logarithmic_axis_are_plain(ax, limits, ticks):
    ax.set(yscale="log", ylim=limits)
    figures.mend_ticks(ax.yaxis)
    ax.figure.canvas.draw()
    within = [
        text.get_text()
        for text, place in zip(ax.get_yticklabels(), ax.get_yticks(), strict=True)
        if limits[0] <= place <= limits[1]
    ]
    assert within == ticks if ticks else all("mathdefault" in text for text in within)


def test_the_style_in_a_notebook(monkeypatch):
    magics = []
    shell = SimpleNamespace(
        run_line_magic=lambda name, line: magics.append((name, line.split()[0]))
    )
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    with plt.style.context("default"):
        monkeypatch.setattr(mpl, "get_backend", lambda: "agg")
        figures.use_style()  # in a terminal there is nothing to configure
        assert magics == [] and mpl.rcParams["figure.constrained_layout.use"]
        monkeypatch.setattr(mpl, "get_backend", lambda: "inline")
        figures.use_style()
    assert magics == [
        ("matplotlib", "inline"),
        ("config", "InlineBackend.figure_formats"),
        ("config", "InlineBackend.print_figure_kwargs"),
    ]


def test_showing_a_figure_leaves_it_as_it_was(history):
    with plt.style.context("nnlib.figures"):
        axes = display.panels(3)
        for ax in axes[:2]:
            figures.plot_error(ax, history)
        axes[0].set_title("errors")
        axes[1].set_title("on the left", loc="left")
        axes[2].set_xlabel("nothing")
        figure = display.Figure("fig-name", "What to see.", axes)
        first = figure._repr_mimebundle_()
        for ax in axes:
            ax.figure.savefig(io.BytesIO(), format="svg")  # which moves what is in it
        second = display.Figure("fig-name", "What to see.", axes)._repr_mimebundle_()
    assert first == second == figure._repr_mimebundle_()
    alts = re.findall('alt="([^"]*)"', first["text/markdown"])
    starts = [alt[: alt.index(":")] for alt in alts]
    assert starts == ["(a) errors", "(b) on the left", "(c)"]
    titles = [(ax.get_title(), ax.get_title(loc="left")) for ax in axes]
    assert titles == [("errors", ""), ("", "on the left"), ("", "")]


def test_figure_on_a_page(history):
    open_before = plt.get_fignums()
    axes = display.panels(2)
    figures.plot_error(axes[0], history)
    figures.plot_learned_function(axes[1], history)
    figure = display.Figure("fig-name", "What *to* see.", axes)
    markdown = figure._repr_mimebundle_()["text/markdown"]
    assert markdown.startswith("::::{panels}\n:name: fig-name\n")
    assert markdown.count("data:image/svg+xml;base64,") == 2
    assert "What *to* see." in markdown and repr(figure) == "What *to* see."
    assert f"Last error: {history.last_error:.4f}, at 50" in markdown
    assert "(b): y against x. target: lowest 0.368 at -5" in markdown
    assert plt.get_fignums() == open_before


def test_captions_and_cells_in_a_notebook(history):
    written = (
        "[(f1, 3, 1, 9)]{.experiment} at $2^{-9}$: *R*, **see** [there](other.md), `x < 2` & so."
    )
    shown = (
        '<b style="color: #d32f2f">(f1, 3, 1, 9)</b> at $2^{-9}$: <em>R</em>, '
        "<strong>see</strong> there, <code>x &lt; 2</code> &amp; so."
    )
    axes = display.panels()
    figures.plot_error(axes[0], history)
    figure = display.Figure("fig-name", written, axes)._repr_mimebundle_()["text/html"]
    assert f"<figcaption>{shown}</figcaption>" in figure
    table = display.Table("tab-name", written, ("a",), ((written,),))
    html = table._repr_mimebundle_()["text/html"]
    assert html.count(shown) == 2 and html.count("<th ") == html.count("<td ") == 1


def test_pictures_have_the_same_bytes_each_time(history):
    def picture():
        axes = display.panels()
        figures.plot_error(axes[0], history)
        return display.Figure("a", "b", axes)._repr_mimebundle_()["text/markdown"]

    with plt.style.context("nnlib.figures"):
        assert picture() == picture()


def test_table_on_a_page():
    table = display.Table("tab-name", "Errors.", ("h", "error"), ((2, "0.0051"), (3, "0.0068")))
    assert table._repr_mimebundle_()["text/markdown"] == (
        "::::{table} Errors.\n:name: tab-name\n\n"
        "| h | error |\n| --- | --- |\n| 2 | 0.0051 |\n| 3 | 0.0068 |\n::::"
    )


def test_only_curves_that_end_are_labelled():
    _, ax = plt.subplots()
    ax.plot([0, 1], [0, 1], label="ends")
    ax.plot([0, 1], [np.nan, np.nan], label="never begins")
    ax.plot([], [], label="is empty")
    ax.axhline(0.5, label="goes across")
    ax.plot([0, 1], [1, 0])
    figures.label_ends(ax)
    assert [text.get_text() for text in ax.texts] == ["ends"]
    assert figures.label_ends(plt.subplots()[1]).texts[:] == []


@pytest.mark.one_in(3)
@pytest.mark.parametrize("kind", ["svg", "png", "pdf"])
def test_a_figure_that_is_saved_twice_is_the_same_file(history, kind):
    with figures.style():
        figure = __main__._draw(history)
        saved = [io.BytesIO() for _ in range(3)]
        for file in saved:
            figures.save(figure, file, kind)
    assert saved[0].getvalue() == saved[1].getvalue() == saved[2].getvalue()


def test_a_figure_is_laid_out_as_if_it_had_been_drawn_twice(history):
    with figures.style():
        figure, other = (__main__._draw(history) for _ in range(2))
        file, expected = io.BytesIO(), io.BytesIO()
        figures.save(figure, file, "svg")
        other.draw_without_rendering()
        other.savefig(expected, format="svg", metadata={"Date": None})
    assert file.getvalue() == expected.getvalue()


HOSTILE = """
text.color: white
axes.labelcolor: white
xtick.color: white
axes.edgecolor: white
lines.color: white
font.size: 30
figure.dpi: 30
savefig.bbox: tight
svg.fonttype: none
path.sketch: 3, 100, 2
text.usetex: True
axes.autolimit_mode: round_numbers
"""
BEGIN = """if True:
    from nnlib import __main__, Experiment, f1, figures, train
    from nnlib.animation import animate
    from nnlib.report import display

    history = train(Experiment(f1, 3, 0.1, 5))
"""
DRAWN = {
    "plot.svg": '__main__._plot(history, __main__.Path("plot.svg"))',
    "plot.png": '__main__._plot(history, __main__.Path("plot.png"))',
    "film.gif": 'animate(history, __main__.Path("film.gif"), frames=2)',
    "page.md": """if True:
    figures.use_style()
    axes = display.panels(1)
    figures.plot_error(axes[0], history)
    with open("page.md", "w", encoding="utf-8") as file:
        file.write(display.Figure("a", "b", axes)._repr_mimebundle_()["text/markdown"])
""",
}


@pytest.mark.one_in(2)
@pytest.mark.parametrize("files", [("plot.svg", "page.md"), ("plot.png", "film.gif")])
def test_no_setting_of_the_user_changes_a_picture(tmp_path, files):
    """Neither a file of matplotlib's, nor the backend of a notebook from which it is started."""
    pictures = {}
    for name, settings, backend in (
        ("none", "", "agg"),
        ("hostile", HOSTILE, "svg"),
    ):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "matplotlibrc").write_text(settings, encoding="utf-8")
        environment = os.environ | {"MATPLOTLIBRC": str(folder), "MPLBACKEND": backend, "PATH": ""}
        program = "\n".join([BEGIN, *(DRAWN[file] for file in files)])
        subprocess.run([sys.executable, "-c", program], cwd=folder, env=environment, check=True)
        pictures[name] = {file: (folder / file).read_bytes() for file in files}
    assert pictures["hostile"] == pictures["none"]
