"""The command line: `python -m nnlib f2 8 0.1 1200`."""

import argparse
import sys
import warnings
from pathlib import Path

from nnlib import Experiment, f1, f2, train
from nnlib.arithmetic import ARITHMETICS

_FUNCTIONS = {"f1": f1, "f2": f2}


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        self.exit(2, f"{self.prog}: {message}\n")


def main(arguments=None):
    """Train one experiment and print its errors; return the exit status."""
    parser = _Parser(
        prog="python -m nnlib",
        description="Train the basic neural network on its standard dataset and print its errors.",
    )
    parser.add_argument("f", choices=_FUNCTIONS, help="the target function")
    parser.add_argument("h", type=int, help="hidden neurons, the bias unit counted")
    parser.add_argument("learning_rate", type=float)
    parser.add_argument("epochs", type=int)
    parser.add_argument(
        "--arithmetic", choices=ARITHMETICS, default="portable", help="how to compute it"
    )
    parser.add_argument("--plot", metavar="FILE", type=Path, help="save four plots, as PNG, SVG …")
    options = parser.parse_args(arguments)
    try:
        experiment = Experiment(
            _FUNCTIONS[options.f], options.h, options.learning_rate, options.epochs
        )
        if options.plot:
            _check_plot(options.plot)
    except ValueError as error:
        parser.error(str(error))

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            history = train(experiment, arithmetic=options.arithmetic, progress=sys.stderr.isatty())
        except ValueError as error:
            parser.error(str(error))
    for warning in caught:
        print(warning.message, file=sys.stderr)
    print(f"last error    {history.last_error:.4f}")
    print(f"lowest error  {history.lowest_error:.4f} at epoch {history.best_epoch}")
    if options.plot:
        _plot(history, options.plot)
    return 0


def _check_plot(path):
    """Find out before the training, not after it, that the file cannot be written."""
    from matplotlib.figure import Figure

    allowed = sorted(Figure().canvas.get_supported_filetypes())
    if path.suffix[1:].lower() not in allowed:
        raise ValueError(f"--plot must end in one of {', '.join(allowed)}, got {str(path)!r}")
    if not path.parent.is_dir():
        raise ValueError(f"--plot must lie in a folder that exists, got {str(path)!r}")


def _plot(history, path):
    import matplotlib.pyplot as plt

    from nnlib import figures, get_train_set

    h = history.experiment.h
    with plt.style.context("nnlib.figures"):
        fig, axes = plt.subplots(2, 2, figsize=(12.8, 8), facecolor="white")
        fig.subplots_adjust(left=0.08, bottom=0.08, top=0.9, hspace=0.35)
        fig.suptitle(str(history.experiment))
        figures.plot_dataset(axes[0, 0], *get_train_set(history.experiment.f))
        figures.plot_error(axes[0, 1], history)
        figures.plot_learned_function(axes[1, 0], history, history.best_epoch)
        axes[1, 0].set_title(f"after epoch {history.best_epoch}")
        figures.plot_weights(
            axes[1, 1],
            history,
            [f"U[{i},{j}]" for i in range(h - 1) for j in range(2)] + [f"V[{i}]" for i in range(h)],
        )
        fig.savefig(path, transparent=False)
        plt.close(fig)


if __name__ == "__main__":
    sys.exit(main())
