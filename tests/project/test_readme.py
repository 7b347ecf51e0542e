"""The README: its picture shows the run, its Python gives what it says, its paths are there."""

import re
from io import BytesIO
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from matplotlib.image import imread

from nnlib import Experiment, f1, figures, train

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
PICTURE = ROOT / ".github" / "shaking.png"  # running this file draws it anew


def draw(file):
    """Draw the run that the README begins with."""
    figures.use_style()
    figure = Figure(figsize=(7, 2.6), facecolor="white", layout="constrained")
    figures.plot_error(figure.subplots(), train(Experiment(f1, 3, 1, 1000)))
    figure.savefig(file, format="png", dpi=110, metadata={"Software": None})


def test_the_picture_shows_the_run():
    assert re.search(r"!\[[^\]]{40,}\]\(" + re.escape(PICTURE.relative_to(ROOT).as_posix()), TEXT)
    drawn = BytesIO()
    draw(drawn)
    drawn.seek(0)
    kept = imread(PICTURE)
    assert np.abs(imread(drawn) - kept).mean() < 0.01  # another Matplotlib draws letters otherwise


def test_the_lines_of_python_give_what_they_say():
    code, said = re.search(r"```python\n(.*?)\nhistory  # (.*?)\n```", TEXT, re.DOTALL).groups()
    names = {}
    exec(code, names)
    assert repr(names["history"]) == said


def test_what_it_names_is_there():
    places = r"`((?:book|nnlib|tests|benchmarks|findings|\w+\.md|LICENSE|CITATION)[^` ]*)`"
    for name in re.findall(places, TEXT):
        assert (ROOT / name).exists() or name == "nnlib", name
    targets = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"make (\w+)", TEXT):
        assert re.search(rf"^{target}:", targets, re.MULTILINE), target


if __name__ == "__main__":
    draw(PICTURE)
