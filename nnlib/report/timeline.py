"""What happens when in (f1, 3, 1, 1000), on one axis of epochs.

Chapters show it again where they speak of one of its moments, which then stands out.
"""

from functools import cache

from nnlib import figures
from nnlib.experiment import Experiment
from nnlib.extras import extra
from nnlib.landscape import sharpness
from nnlib.oscillation import certificate
from nnlib.oscillation.bursts import find_bursts
from nnlib.oscillation.signs import read_signs
from nnlib.report.measures import first_rise
from nnlib.report.measures_1b import shortest_gradient
from nnlib.report.runs import trained
from nnlib.targets import f1

with extra("report"):
    from matplotlib.axes import Axes

__all__ = ["EXPERIMENT", "moments", "plot_timeline"]

EXPERIMENT = Experiment(f1, 3, 1, 1000)


@cache
def moments() -> dict[str, tuple[int, str]]:
    """The epochs of the run at which something happens.

    Returns
    -------
    dict of str to tuple of int and str
        By a short name: the epoch and what happens, in their order. In the arithmetic of this book;
        ``exact`` and ``exact lowest`` are of the same run without any rounding.

    Raises
    ------
    ValueError
        If the kept proof of the run without rounding is damaged or stale.

    Examples
    --------
    >>> from nnlib.report.timeline import moments
    >>> moments()["lowest"]
    (754, 'test error lowest')
    """
    run = trained(EXPERIMENT)
    most = 2 / EXPERIMENT.learning_rate
    crossing = next(n for n in range(EXPERIMENT.epochs) if sharpness(run, [n])[0] > most)
    rise, (_, end) = first_rise(run), find_bursts(run.train_error)[0]
    if rise is None or end is None:
        raise ValueError(f"{EXPERIMENT} no longer shakes in bursts, and has no moments")
    top = run.best_epoch + int(run.test_error[run.best_epoch : end + 1].argmax())
    exact = certificate.load()
    found = {
        "crossing": (crossing, "sharpness passes 2 / rate"),
        "angle": (read_signs(run).angle, "gradient starts to turn"),
        "shortest": (shortest_gradient(run), "gradient shortest"),
        "rise": (rise, "test error first rises"),
        "train": (int(run.train_error.argmin()), "training error lowest"),
        "lowest": (run.best_epoch, "test error lowest"),
        "top": (top, "first peak of the error"),
        "exact": (exact.falls_until, "if exact: test error first rises"),
        "exact lowest": (int(exact.best_epoch or 0), "if exact: test error lowest"),
    }
    return dict(sorted(found.items(), key=lambda item: item[1][0]))


def plot_timeline(ax: Axes, *now: str) -> Axes:
    """Draw the moments of the run, each in a row.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    *now : str
        The moments that stand out, as `moments` calls them.

    Returns
    -------
    matplotlib.axes.Axes
        `ax`.

    Raises
    ------
    ValueError
        If there is no such moment.
    """
    found = moments()
    if unknown := set(now) - found.keys():
        raise ValueError(f"a moment must be one of {', '.join(found)}, got {', '.join(unknown)}")
    for row, (name, (epoch, what)) in enumerate(found.items()):
        strong = name in now
        look = figures.color("lowest" if strong else "grey")
        ax.plot(epoch, row, "o", color=look, markersize=8 if strong else 5)
        late = epoch > EXPERIMENT.epochs
        text = ax.annotate(
            f"{epoch}: {what}",
            (epoch, row),
            xytext=(-8 if late else 8, 0),
            textcoords="offset points",
            ha="right" if late else "left",
            va="center",
            color=figures.color("ink") if strong else look,
            fontsize="small",
            fontweight="bold" if strong else "normal",
        )
        text.set_in_layout(False)  # it may reach beyond the axes
    ax.set(xlabel="epoch", xlim=(400, 1250), ylim=(len(found) - 0.4, -0.6), yticks=[])
    ax.set_label("; ".join(f"epoch {epoch}: {what}" for epoch, what in found.values()))
    return ax
