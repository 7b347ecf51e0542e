"""A run as a film: its error, its gradients and their path in the plane, growing epoch by epoch.

The film is slow where the error jumps: it gives as much time to the way that the error goes, up and
down on a logarithmic scale, as to the epochs.
"""

# What matplotlib says of its own types is partial.
# pyright: standard

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from subprocess import SubprocessError
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from nnlib import figures
from nnlib.checks import check_integer
from nnlib.extras import extra
from nnlib.history import History
from nnlib.results import replacing

with extra("figures"):
    from matplotlib import animation
    from matplotlib.figure import Figure

__all__ = ["FORMATS", "animate", "check_format", "choose_epochs", "gradient_path"]

# Which of matplotlib's writers makes what; pillow comes with matplotlib, ffmpeg is a program.
FORMATS = {"gif": "pillow", "mp4": "ffmpeg"}
FRAMES, PER_SECOND = 240, 20


def gradient_path(history: History) -> NDArray[np.float64]:
    """The gradients laid end to end in the plane, one arrow for each.

    Each is as long as its norm, and turned to the left by its angle to the one before; the first
    points to the right, and so does one that has no angle to the one before.

    Parameters
    ----------
    history : History

    Returns
    -------
    ndarray, shape (epochs + 1, 2)
        Where the arrows begin and end; NaN after an overflow.
    """
    headings = np.cumsum(np.nan_to_num(history.gradient_angle))
    arrows = history.gradient_norm[:, None] * np.stack([np.cos(headings), np.sin(headings)], axis=1)
    return np.concatenate([np.zeros((1, 2)), np.cumsum(arrows, axis=0)])


def choose_epochs(errors: NDArray[np.float64], frames: int = FRAMES) -> NDArray[np.int64]:
    """The epochs at which a film shows a run.

    Parameters
    ----------
    errors : ndarray, shape (epochs + 1,)
    frames : int, optional
        How many at most; at least 1.

    Returns
    -------
    ndarray of int
        Ascending, none of them twice, the last one at the end: at the last epoch or, after an
        overflow, at the last finite error.

    Raises
    ------
    ValueError
        If `frames` is not an integer, or less than 1, or no error is finite.
    """
    frames = check_integer("frames", frames, least=1)
    finite = np.isfinite(errors)
    if not finite[0]:
        raise ValueError("there is nothing to show: the run overflows with the initial weights")
    last = len(errors) - 1 if finite.all() else int(np.argmin(finite)) - 1
    way = abs(np.diff(np.log(np.maximum(errors[: last + 1], np.finfo(float).tiny))))
    time = np.arange(last + 1) / max(last, 1)
    if way.any():
        time[1:] += np.cumsum(way) / way.sum()
    return np.unique(np.searchsorted(time, np.linspace(0, time[-1], frames + 1)[1:]).clip(0, last))


def check_format(file: Path) -> None:
    """Find out beforehand whether a film can be made.

    Parameters
    ----------
    file : Path

    Raises
    ------
    ValueError
        If its ending is none of `FORMATS`, or what makes such a film is not installed or fails.
    """
    kind = file.suffix[1:].lower()
    if kind not in FORMATS:
        raise ValueError(f"--animate must end in one of {', '.join(FORMATS)}, got {str(file)!r}")
    if not animation.writers.is_available(FORMATS[kind]):
        raise ValueError(
            f"--animate needs the program {FORMATS[kind]} for a {kind} file, and it is not "
            f"installed: take {str(file.with_suffix('.gif'))!r}, which needs none"
        )
    with figures.style(), TemporaryDirectory() as folder:
        trial = Figure(figsize=(2, 2))
        trial.text(0, 0, "$x$")
        try:
            _write(trial, int, range(2), Path(folder, f"trial.{kind}"))
        except OSError as error:
            raise ValueError(f"--animate cannot make a {kind} file here: {error}") from None


def animate(history: History, file: Path, frames: int = FRAMES, progress: bool = False) -> None:
    """Make the film of a run.

    Parameters
    ----------
    history : History
    file : Path
        Its ending says which kind of film.
    frames : int, optional
        How many at most.
    progress : bool, optional
        Show a progress bar if it takes more than a second.

    Raises
    ------
    ValueError
        As `check_format`, `choose_epochs` and `nnlib.results.check_place`.
    OSError
        If it cannot be written, as on a full disk; an old film is still there then.
    """
    from tqdm import tqdm

    check_format(file)
    history.check_whole("a film")
    epochs = choose_epochs(history.train_error, frames)
    with figures.style(), replacing(file) as beside:
        figure, draw = _stage(history)
        bar = tqdm(epochs.tolist(), delay=1, unit="frame", disable=not progress)
        _write(figure, draw, bar, beside)


def _write(figure: Figure, draw: Callable[[int], object], epochs: Iterable[int], file: Path):
    """Write a film, one frame for each epoch; if that fails, whatever has begun is ended."""
    maker = FORMATS[file.suffix[1:].lower()]
    writer = animation.writers[maker](fps=PER_SECOND)
    try:
        writer.setup(figure, str(file), dpi=100)
        try:
            for epoch in epochs:
                draw(epoch)
                writer.grab_frame(facecolor="white", transparent=False)
        except BaseException:
            with suppress(Exception):
                writer.finish()
            raise
        writer.finish()
    except (BrokenPipeError, SubprocessError) as error:
        raise OSError(f"{maker} has failed: {error}") from None


def _stage(history):
    """The figure of the film, and what shows an epoch in it."""
    figure = Figure(figsize=(11, 6.4), facecolor="white", layout="constrained")
    axes = figure.subplots(2, 2).ravel()
    path = gradient_path(history)
    courses: Sequence[tuple] = (
        ("error on training set", history.train_error, "train", "log"),
        ("norm of the gradient", history.gradient_norm, "observed", "log"),
        ("angle to the gradient before", np.degrees(history.gradient_angle), "predicted", "linear"),
    )
    lines = []
    for ax, (title, values, role, scale) in zip(axes, courses, strict=False):
        ax.set(title=title, xlabel="epoch", yscale=scale, xlim=(0, max(len(history.U) - 1, 1)))
        shown = values[np.isfinite(values) & ((values > 0) | (scale == "linear"))]
        if scale == "linear":
            ax.set(ylim=(0, 180), yticks=range(0, 181, 45), ylabel="degrees")
        elif shown.size:
            # Beyond it, matplotlib seeks ticks above the largest double, about 1e308.
            ax.set_ylim(shown.min() / 1.5, min(shown.max() * 1.5, 1e200))
        (line,) = ax.plot([], [], color=figures.color(role))
        lines.append((line, values))
    axes[3].set(title="the gradients, laid end to end", aspect="equal", xticks=[], yticks=[])
    (way,) = axes[3].plot([], [], color=figures.color("observed"), linewidth=1)
    (tip,) = axes[3].plot([], [], "o", color=figures.color("last"), markersize=5)
    figure.suptitle(str(history.experiment))
    figure.draw_without_rendering()
    figure.set_layout_engine("none")  # found once, it need not be found for every frame

    def draw(epoch):
        figure.suptitle(f"{history.experiment}, epoch {epoch}")
        for line, values in lines:
            line.set_data(np.arange(len(values))[: epoch + 1], values[: epoch + 1])
        part = path[: epoch + 1]
        way.set_data(*part.T)
        tip.set_data(*part[-1:].T)
        low, high = part.min(axis=0), part.max(axis=0)
        half = 0.55 * max((high - low).max(), 1e-300)
        x, y = (low + high) / 2
        axes[3].set(xlim=(x - half, x + half), ylim=(y - half, y + half))

    return figure, draw
