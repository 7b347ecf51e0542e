"""The command line: `python -m nnlib f2 8 0.1 1200`."""

# What matplotlib says of its own types is partial.
# pyright: standard

import argparse
import io
import os
import platform
import re
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import NoReturn

import numpy as np

import nnlib
from nnlib import Experiment, History, elsewhere, fit, train
from nnlib.arithmetic import ARITHMETICS
from nnlib.checks import read_number, show
from nnlib.datasets import INPUTS
from nnlib.extras import extra
from nnlib.optimizers import OPTIMIZERS, SCHEDULES
from nnlib.results import check_place, replacing, save
from nnlib.start import STARTS, UNITS
from nnlib.targets import find_target

_STATUS = """\
exit status: 0 if the run came to its end, also if it overflowed or no fit was good enough, which
is said on the standard error; 1 if --report found another checksum; 2 if something was wrong, which
is said in one line; 130 if you interrupted it."""


_BELOW_ZERO = re.compile(r"-(\.?\d[\d.e+-]*|inf|infinity|nan)", re.IGNORECASE)


class _Once(argparse.Action):
    """Keep a value, and refuse a second one, which would take its place without a word."""

    def __call__(self, parser, namespace, values, option_string=None):
        first = getattr(namespace, self.dest)
        if first:
            parser.error(
                f"{option_string} can be given once, got {str(first)!r} and {str(values)!r}"
            )
        setattr(namespace, self.dest, values)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {_line(message)}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Train one experiment and print its errors, or report on this machine.

    Parameters
    ----------
    arguments : sequence of str, optional
        Those of the command line if not given.

    Returns
    -------
    int
        The exit status, if it is not 2: 0, or 1 if another checksum was found.

    Raises
    ------
    SystemExit
        With status 2, after one line on the standard error, if something is wrong; with 130 after
        an interruption.
    """
    if sys.stderr is None:  # closed, so that all it would say goes nowhere
        sys.stderr = io.StringIO()
    if isinstance(sys.stdout, io.TextIOWrapper):  # it may know fewer letters than a machine's name
        sys.stdout.reconfigure(errors="backslashreplace")
    parser = _parser()
    given = sys.argv[1:] if arguments is None else arguments
    # A number below zero is refused as a number, and not as an option that there is not.
    options = parser.parse_intermixed_args(
        [f" {word}" if _BELOW_ZERO.fullmatch(word) else word for word in given]
    )
    if sys.stdout is None:
        parser.error("the standard output is closed, so there is nowhere to print to")
    if options.report:
        _check_report(parser, options)
    try:
        status = _what(options)(options)
        sys.stdout.flush()  # a full disk or a closed pipe shows here, or never
        return status
    except KeyboardInterrupt:
        parser.exit(130, f"{parser.prog}: interrupted\n")
    except BrokenPipeError:
        _let_go_of_stdout()
        parser.error("nobody reads what is printed any more")
    except MemoryError as error:
        parser.error(str(error) or "the experiment needs more memory than there is")
    except OSError as error:
        _let_go_of_stdout()
        parser.error(str(error))
    except (ArithmeticError, ValueError) as error:
        parser.error(str(error))


def _what(options):
    """The function that does what is asked for."""
    if options.report:
        return _report
    if options.as_:
        return _elsewhere
    return _fit if options.fit else _run


def _check_report(parser, options):
    for name in ("fit", "as_", "weights", "plot", "animate", "arithmetic", "seen"):
        if getattr(options, name):
            parser.error(f"--report takes no --{name.rstrip('_')}")
    if options.experiment:
        parser.error(f"--report takes no experiment, got {' '.join(options.experiment)!r}")


def _parser():
    parser = _Parser(
        prog="python -m nnlib",
        usage="%(prog)s [options] f h learning_rate epochs [name=value ...]\n"
        "       %(prog)s f h --fit [--weights FILE] [name=value ...]\n"
        "       %(prog)s f h learning_rate epochs --as LIBRARY [name=value ...]",
        description="Train the basic neural network and print its errors.",
        epilog=_STATUS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "experiment",
        nargs="*",
        help="as in f2 8 0.1 1200: the target function, the hidden neurons with the bias unit "
        "counted, the learning rate, and the epochs; then what is not the document's: what the run "
        "starts from (samples, inputs, noise, outliers, units, data, weights, scale, start, order "
        "or test), and what moves the weights (optimizer, schedule, batch, shuffle or penalty), as "
        "in weights=8 start=spread optimizer=heavy-ball beta=0.9 batch=100; and what of that is "
        "another from a later epoch on, as in at=481:rate=0.5:batch=50; inputs is one of "
        f"{', '.join(INPUTS)}; units of {', '.join(UNITS)}; start of {', '.join(STARTS)}; "
        f"optimizer of {', '.join(OPTIMIZERS)}; and schedule of {', '.join(SCHEDULES)}",
    )
    parser.add_argument(
        "--arithmetic",
        action=_Once,
        choices=ARITHMETICS,
        help="how to compute it; portable if it is not said",
    )
    parser.add_argument(
        "--seen",
        metavar="EPOCHS",
        action=_Once,
        help="keep only some epochs of the run, which takes less memory and less time: 10 for each "
        "tenth, or 1,10,100 for these; 0 and the last are kept in any case. The lowest error is of "
        "those",
    )
    parser.add_argument(
        "--plot",
        metavar="FILE",
        action=_Once,
        type=_path,
        help="draw samples, errors, the learned function and the weights, as PNG, SVG or the like",
    )
    parser.add_argument(
        "--animate",
        metavar="FILE",
        action=_Once,
        type=_path,
        help="make a film of the error and the gradients, as GIF or, with ffmpeg, as MP4",
    )
    parser.add_argument(
        "--fit",
        action="store_true",
        help="look for good weights instead, as in f2 8 --fit, and print their error on the whole "
        "interval, and the starts and steps that it took; wanted=0.001 asks for such an error, "
        "starts=500 tries so many at most, and seed=1 takes others",
    )
    parser.add_argument(
        "--weights",
        metavar="FILE",
        action=_Once,
        type=_path,
        help="write what --fit has found as an npz file: numpy.load(FILE) has U and V",
    )
    parser.add_argument(
        "--as",
        dest="as_",
        metavar="LIBRARY",
        action=_Once,
        choices=["data", *_others()],
        help="print a program instead, which does the same run in another library: "
        f"{', '.join(_others())}; data prints what those in JavaScript read",
    )
    parser.add_argument(
        "--report",
        action="store_true",
        help="train the pinned experiments, which takes seconds, and print their checksums with "
        "the versions and the machine: what to send along if a number does not come out",
    )
    parser.add_argument("--version", action="version", version=_version())
    return parser


def _path(text):
    if not text:
        raise argparse.ArgumentTypeError("it must be the name of a file, got ''")
    return Path(text)


def _line(text):
    """A text as one line."""
    return " ".join(str(text).split())


def _run(options):
    if options.weights:
        raise ValueError("--weights is for --fit")
    experiment = Experiment.parse(" ".join(options.experiment))
    if options.plot and options.plot == options.animate:
        raise ValueError(f"--plot and --animate must be two files, got {str(options.plot)!r}")
    seen = _seen(options.seen)
    if options.animate and seen is not None:
        raise ValueError("--animate needs every epoch, and takes no --seen")
    if options.plot:
        _check_plot(options.plot)
    if options.animate:
        _check_animation(options.animate)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        history = train(
            experiment,
            arithmetic=options.arithmetic or "portable",
            seen=seen,
            progress=sys.stderr.isatty(),
        )
    for warning in caught:
        print(_line(warning.message), file=sys.stderr)
    print(f"last error    {_shown(history.last_error)}")
    of = "" if history.is_whole else f", of {len(history.seen)} that were seen"
    lowest = f"{_shown(history.lowest_error)} at epoch {history.best_epoch}"
    print(f"lowest error  {lowest}{of}", flush=True)
    if options.plot:
        _plot(history, options.plot)
    if options.animate:
        import_module("nnlib.animation").animate(
            history, options.animate, progress=sys.stderr.isatty()
        )
    return 0


def _seen(text):
    """The epochs that are to be kept, as `train` takes them."""
    if text is None:
        return None
    numbers = [read_number("--seen", word, int) for word in text.split(",")]
    return numbers[0] if len(numbers) == 1 else numbers


def _others():
    """The libraries that there are programs for."""
    return [name for name, said in elsewhere.LIBRARIES.items() if "without" not in said]


def _elsewhere(options):
    """Print the program for another library, or what it reads; and what is known to differ."""
    for name in ("fit", "weights", "plot", "animate", "arithmetic", "seen"):
        if getattr(options, name):
            raise ValueError(f"--as takes no --{name}")
    experiment = Experiment.parse(" ".join(options.experiment))
    if options.as_ == "data":
        print(elsewhere.data(experiment), flush=True)
        return 0
    print(elsewhere.program(experiment, options.as_), end="", flush=True)
    for difference in elsewhere.differences(experiment, options.as_):
        print(f"it is known to differ: {difference}", file=sys.stderr)
    return 0


def _fit(options):
    for name in ("plot", "animate", "seen"):
        if getattr(options, name):
            raise ValueError(f"--fit takes no --{name}")
    if options.arithmetic not in (None, "portable"):
        raise ValueError(f"--fit has the portable arithmetic, not {options.arithmetic}")
    f, h, settings = _fit_words(" ".join(options.experiment))
    if options.weights:
        check_place(options.weights, "--weights")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = fit(f, h, **settings)
    for warning in caught:
        print(_line(warning.message), file=sys.stderr)
    print(f"error   {found.error:.3g}")
    print(f"starts  {found.starts}")
    print(f"steps   {found.steps}", flush=True)
    if options.weights:
        about = {"f": getattr(f, "__name__", repr(f)), "h": h, "error": found.error}
        save(options.weights, about, U=found.U, V=found.V)
    return 0


def _fit_words(text):
    """The function, h, and the settings by their names."""
    kinds = {"wanted": float, "starts": int, "seed": int}
    words = text.split()
    said = dict(word.partition("=")[::2] for word in words[2:])
    if len(words) < 2 or len(said) < len(words) - 2 or not said.keys() <= kinds.keys():
        raise ValueError(
            f"a fit is written as 'f2 8', and then 'name=value' for {', '.join(kinds)}, each once, "
            f"got {show(text)}"
        )
    settings = {name: read_number(name, word, kinds[name]) for name, word in said.items()}
    return find_target(words[0]), read_number("h", words[1], int), settings


def _shown(error):
    return f"{error:.4e}" if error >= 1e6 else f"{error:.4f}"


def _version():
    return f"nnlib {nnlib.__version__}"


# --- what can be known before the training ------------------------------------------------------


def _check_plot(path):
    """Find out before the training, not after it, that the file cannot be written."""
    try:
        with extra("figures"):
            from matplotlib.figure import Figure
        from nnlib import figures
    except ImportError as error:
        raise ValueError(f"--plot cannot draw: {error}") from None
    with figures.style():
        figure = Figure()
        allowed = sorted(figure.canvas.get_supported_filetypes())
        kind = path.suffix[1:].lower()
        if kind not in allowed:
            raise ValueError(f"--plot must end in one of {', '.join(allowed)}, got {str(path)!r}")
        check_place(path, "--plot")
        figure.text(0, 0, "$x$")
        try:
            figures.save(figure, io.BytesIO(), kind)
        except Exception as error:  # each format has its own way to say that a program is missing
            reason = str(error).partition("\n")[0]
            raise ValueError(f"--plot cannot make a {kind} file here: {reason}") from None


def _check_animation(path):
    """Find out before the training that the film cannot be made."""
    try:
        animation = import_module("nnlib.animation")
    except ImportError as error:
        raise ValueError(f"--animate cannot draw: {error}") from None
    animation.check_format(path)
    check_place(path, "--animate")


# --- the plots ------------------------------------------------------------------------------------


def _plot(history, path):
    from nnlib import figures

    with figures.style(), replacing(path) as beside:
        figures.save(_draw(history), beside, path.suffix[1:].lower())


def _draw(history: History):
    """Six panels: samples, errors, what was learned; and the weights in U, by column, and in V."""
    from nnlib import figures

    experiment, best = history.experiment, history.best_epoch
    figure = figures.Figure(figsize=(16, 8.5), facecolor="white")
    figure.suptitle(str(experiment))
    # Two rows, each with its own layout, so that the legends of one take no room in the other.
    rows = figure.subfigures(2, 1, squeeze=False)[:, 0]
    above, below = (row.subplots(1, 3) for row in rows)
    figures.plot_dataset(above[0], *history.train_set)
    above[0].set_title("training set")
    figures.plot_error(above[1], history)
    above[1].set_title("error")
    figures.plot_learned_function(above[2], history, best)
    above[2].set_title(f"learned after epoch {best}, the best")
    panels = {
        "$U_{i,0}$": [f"U[{i},0]" for i in range(experiment.h - 1)],
        "$U_{i,1}$": [f"U[{i},1]" for i in range(experiment.h - 1)],
        "$V_i$": [f"V[{i}]" for i in range(experiment.h)],
    }
    for ax, (title, names) in zip(below, panels.items(), strict=True):
        figures.plot_weights(ax, history, names)
        ax.set_title(title)
    return figure


# --- the report -----------------------------------------------------------------------------------


def _report(options):
    from nnlib.report import pins

    for line in _machine():
        print(line, flush=True)
    others, width = pins.others(), max(map(len, pins.PINS))
    for pin, checksum in pins.PINS.items():
        verdict = f"ANOTHER  {others[pin]}" if pin in others else "the same"
        print(f"{pin:{width}}  {checksum[:12]}...  {verdict}")
    return int(bool(others))


def _machine() -> Iterator[str]:
    yield _version()
    yield f"Python    {platform.python_version()} ({platform.python_implementation()})"
    yield f"numpy     {np.__version__}"
    yield f"platform  {platform.platform()}"
    yield f"CPU       {_cpu()}"
    yield f"kernel    {_kernel()}"


def _cpu():
    """The model of the processor, as far as the system says it."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
            for line in file:
                name, _, value = line.partition(":")
                if name.strip() in ("model name", "Model", "Hardware"):
                    return f"{value.strip()} ({platform.machine()})"
    except OSError:
        pass  # there is no such file but on Linux
    return f"{platform.processor() or 'unknown'} ({platform.machine()})"


def _kernel():
    """Whether the compiled training loop is used."""
    try:
        return _line(import_module("nnlib.kernel").status())
    except ImportError as error:
        return f"not used: {error}"


def _let_go_of_stdout():
    """Keep Python from failing at its end once more, when it flushes what nobody takes."""
    with suppress(OSError, ValueError):  # where it is no file of the system's
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    os.environ.pop("MPLBACKEND", None)  # no window is opened, so none that is unknown is in the way
    sys.exit(main())
