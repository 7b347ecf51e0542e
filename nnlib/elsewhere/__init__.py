"""The same run in other libraries: programs that reach this book's digits, and what they gave.

`libraries.toml` says what each method is called there, and `programs` has a frame for each library.
`make elsewhere` runs them, each library in an environment of its own, and keeps what came out.
"""

import json
import math
import tomllib
from functools import cache
from hashlib import sha256
from importlib.resources import files
from string import Template
from typing import Any, NamedTuple

import numpy as np

from nnlib.checks import check_word
from nnlib.datasets import _SEED as DATA_SEED
from nnlib.datasets import N_TEST, N_TRAIN
from nnlib.experiment import Experiment
from nnlib.network import SEED
from nnlib.start import Start
from nnlib.targets import f1, f2

__all__ = [
    "EXPERIMENTS",
    "LIBRARIES",
    "SHOWN",
    "Trap",
    "called",
    "data",
    "differences",
    "digits",
    "fingerprint",
    "load",
    "program",
    "traps",
]

_ROOM = files(__name__)
SHOWN = (0, 1, 10, 100, 1000)  # the epochs whose test error a program prints, and the last
_SETS = "train_set", "test_set"
_FORMULAS: dict[Any, str] = {f1: "np.exp(x / 5)", f2: "np.sin(x) * (25 - x**2)"}


def _libraries() -> dict[str, dict[str, Any]]:
    """What is said of each library; one that is like another has what that has, too."""
    said = tomllib.loads((_ROOM / "libraries.toml").read_text(encoding="utf-8"))
    found = {name: said.get(one.get("like"), {}) | one for name, one in said.items()}
    return {name: {"methods": {}, "traps": []} | one for name, one in found.items()}


LIBRARIES = _libraries()
# What is run in each library that has such a method, in the order of the chapter.
EXPERIMENTS = tuple(
    Experiment.parse(text)
    for text in (
        "f1 3 0.1 1000",
        "f2 8 0.05 1000",
        "f1 3 0.1 100 batch=100",
        "f1 3 0.01 10 batch=1",
        "f1 3 0.1 1000 schedule=cosine",
        "f1 3 0.1 1000 penalty=0.001",
        "f1 3 0.01 1000 optimizer=heavy-ball beta=0.9",
        "f2 8 0.005 1000 optimizer=heavy-ball beta=0.9",
        "f1 3 0.01 1000 optimizer=heavy-ball beta=0.9 schedule=cosine",
        "f1 3 0.01 1000 optimizer=nesterov beta=0.9",
        "f1 3 0.1 1000 optimizer=adagrad",
        "f1 3 0.001 1000 optimizer=rmsprop",
        "f1 3 0.01 1000 optimizer=adam",
        "f2 8 0.005 1000 optimizer=adam",
        "f1 3 0.01 1000 optimizer=adam epsilon=0.001",
        "f1 3 0.01 1000 optimizer=adamw",
        "f1 3 0.01 1000 optimizer=rprop",
        "f1 3 1 100 optimizer=lbfgs",
    )
)


def program(experiment: Experiment, library: str) -> str:
    """A program for another library that does the same run, and prints some of its test errors.

    Parameters
    ----------
    experiment : Experiment
        Of `f1` or `f2`, from the document's samples and weights, however scaled.
    library : str
        One of `LIBRARIES`.

    Returns
    -------
    str
        It needs numpy and that library.

    Raises
    ------
    ValueError
        If there is no such library, or it does not have what the experiment says.

    Examples
    --------
    >>> from nnlib import Experiment, elsewhere, f1
    >>> text = elsewhere.program(Experiment(f1, 3, 0.1, 1000), "torch")
    >>> "optim.SGD(net.parameters(), lr=0.1)" in text
    True
    """
    said, settings = _find(experiment, library)
    scheduler = said.get("scheduler", {}).get(experiment.schedule.name)
    frame = Template((_ROOM / "programs" / f"{said.get('like', library)}.txt").read_text("utf-8"))
    body = frame.substitute(
        neurons=experiment.h - 1,
        epochs=experiment.epochs,
        backend=said.get("backend"),
        x64=said.get("x64", ""),
        size=settings["size"],
        optimizer=called(experiment, library),
        scheduler=f"scheduler = {scheduler.format(**settings)}" if scheduler else "",
        step="scheduler.step()" if scheduler else "",
    )
    lines = [line for line in body.splitlines() if line.strip() or not line.startswith(" ")]
    head = _head_of_javascript if said.get("language") == "JavaScript" else _head
    return "\n".join([*head(experiment), *lines, ""])


def called(experiment: Experiment, library: str) -> str:
    """What a method is called in another library, with the settings that give our run.

    Parameters
    ----------
    experiment : Experiment
        As of `program`.
    library : str
        One of `LIBRARIES`.

    Returns
    -------
    str
        As it stands in the program.

    Raises
    ------
    ValueError
        As `program`.

    Examples
    --------
    >>> from nnlib import Experiment, elsewhere
    >>> elsewhere.called(Experiment.parse("f1 3 0.1 9 optimizer=heavy-ball beta=0.9"), "keras")
    'SGD(0.1, momentum=0.9)'
    """
    said, settings = _find(experiment, library)
    return _methods(experiment, said)[experiment.optimizer.name].format(**settings)


def data(experiment: Experiment) -> str:
    """The samples, the initial weights and the orders of a run, for the programs in JavaScript.

    Parameters
    ----------
    experiment : Experiment
        As of `program`.

    Returns
    -------
    str
        JSON: ``x``, ``y``, ``x_test``, ``y_test``, ``U``, ``V``; ``orders``, of which each epoch
        has one, or null if there are no batches; and ``shown``, the epochs to print.
    """
    (x, y), (x_test, y_test) = (getattr(experiment.start, n)(experiment.f) for n in _SETS)
    U, V = experiment.start.initial_weights(experiment.h)
    shuffle, orders = np.random.default_rng(experiment.shuffle), None
    if experiment.batch is not None:
        orders = [shuffle.permutation(x.size).tolist() for _ in range(experiment.epochs)]
    arrays = {"x": x, "y": y, "x_test": x_test, "y_test": y_test, "U": U, "V": V}
    lists = {name: array.tolist() for name, array in arrays.items()}
    return json.dumps({**lists, "orders": orders, "shown": _shown(experiment)})


def differences(experiment: Experiment, library: str) -> list[str]:
    """What a program for another library is known to do otherwise, whatever its settings.

    Parameters
    ----------
    experiment : Experiment
        As of `program`.
    library : str
        One of `LIBRARIES`.

    Returns
    -------
    list of str
        None if the runs are the same but for their rounding.

    Raises
    ------
    ValueError
        If there is no such library.
    """
    check_word("library", library, LIBRARIES)
    words = {experiment.optimizer.name, experiment.schedule.name, "all"}
    words |= {"penalty"} if experiment.penalty else set()
    said = LIBRARIES[library].get("differs", {})
    return [text for key, text in said.items() if set(key.split(" and ")) <= words]


class Trap(NamedTuple):
    """A setting of a library that looks right, or is what one has at hand, and is not.

    Attributes
    ----------
    experiment : Experiment
        The run that one wants.
    says : str
        What is different.
    program : str
        A program that has it.
    error : {"test", "train"}
        Which error the program prints.
    """

    experiment: Experiment
    says: str
    program: str
    error: str


def traps(library: str) -> list[Trap]:
    """The settings of a library that look right, and are not.

    Parameters
    ----------
    library : str
        One of `LIBRARIES`.

    Returns
    -------
    list of Trap

    Raises
    ------
    ValueError
        If there is no such library.
    """
    check_word("library", library, LIBRARIES)
    found: list[Trap] = []
    for trap in LIBRARIES[library]["traps"]:
        changed = program(Experiment.parse(trap.get("program", trap["experiment"])), library)
        for old, new in trap.get("instead", {}).items():
            if changed.count(old) != 1:
                raise ValueError(f"libraries.toml: a program for {library} must have {old!r} once")
            changed = changed.replace(old, new)
        wanted, error = Experiment.parse(trap["experiment"]), trap.get("error", "test")
        found.append(Trap(wanted, trap["says"], changed, error))
    return found


def digits(value: float, wanted: float) -> int:
    """How many digits two numbers have in common.

    Parameters
    ----------
    value, wanted : float

    Returns
    -------
    int
        Of their relative difference, the power of ten that it does not reach; 16 if there is none,
        0 if they differ by a tenth or more, or one of them is not finite.

    Examples
    --------
    >>> from nnlib import elsewhere
    >>> elsewhere.digits(0.123456, 0.123457)
    5
    """
    if not (math.isfinite(value) and math.isfinite(wanted)):
        return 0
    difference = abs(value - wanted) / abs(wanted)
    return min(16, max(0, math.floor(-math.log10(difference)))) if difference else 16


def fingerprint(program: str) -> str:
    """The SHA-256 of a program: what it printed is kept with it."""
    return sha256(program.encode()).hexdigest()


@cache
def load() -> dict[str, Any]:
    """What the programs printed when they were run.

    Returns
    -------
    dict
        For each of `LIBRARIES` the date, the versions, and for the fingerprint of each program the
        errors that it printed, or why it could not be run.
    """
    return json.loads((_ROOM / "results" / "elsewhere.json").read_text(encoding="utf-8"))


def _find(experiment: Experiment, library: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is said of a library, and what an experiment sets, if there is a program for it."""
    check_word("library", library, LIBRARIES)
    said = LIBRARIES[library]
    missing = said.get("without") or _missing(experiment, said)
    if missing:
        between = ":" if "without" in said else " with"
        raise ValueError(f"there is no program for {said['name']}{between} {missing}")
    optimizer, rates = experiment.optimizer, said.get("rate", {})
    settings: dict[str, Any] = {
        "rate": experiment.learning_rate,
        "epochs": experiment.epochs,
        "size": experiment.batch or N_TRAIN,
        "penalty": experiment.penalty,
        **{name: getattr(optimizer, name) for name in optimizer.__dataclass_fields__},
    }
    if experiment.schedule.name in rates:
        settings["rate"] = rates[experiment.schedule.name].format(**settings)
    return said, settings


def _missing(experiment: Experiment, said: dict[str, Any]) -> str:
    """What an experiment has that there is no program for, in its own words."""
    if experiment.f not in _FORMULAS:
        return f"the function {experiment.function_name}"
    plain = Start(scale=experiment.start.scale)
    if experiment.start != plain:
        return f"the start {experiment.start!r}"
    if experiment.later:
        return f"the change in {experiment}"
    if experiment.optimizer.name not in said["methods"]:
        return repr(experiment.optimizer) or "plain descent"
    if experiment.optimizer.name not in _methods(experiment, said):
        return f"{experiment.optimizer.name} and a penalty"
    if experiment.batch is not None and said.get("language") and not said.get("online"):
        return f"batch={experiment.batch}"
    if (experiment.batch or N_TRAIN) < said.get("least", 1):
        return f"batch={experiment.batch}, which takes minutes there"
    if said.get("batch", experiment.batch) != experiment.batch:
        return "all samples at once"
    # A schedule that is given in place of the rate counts steps: with batches it would be too fast.
    rates = {} if experiment.batch is not None else said.get("rate", {})
    named = {"constant", *rates, *said.get("scheduler", {})}
    return "" if experiment.schedule.name in named else repr(experiment.schedule)


def _methods(experiment: Experiment, said: dict[str, Any]) -> dict[str, str]:
    """What the optimizers are called, with a penalty if the experiment has one."""
    return said.get("penalty", {}) if experiment.penalty else said["methods"]


def _shown(experiment: Experiment) -> list[int]:
    """The epochs whose error is printed."""
    return [n for n in SHOWN if n < experiment.epochs] + [experiment.epochs]


def _head_of_javascript(experiment: Experiment) -> list[str]:
    """The lines that read what `data` gives."""
    words = f"{experiment!r}"[1:-1].replace(",", "")
    return [
        f"// {experiment}, with the samples and the initial weights of the book, "
        "from the file that",
        f"// python -m nnlib {words} --as data > run.json",
        "// has written",
        'import { readFileSync } from "node:fs";',
        "",
        'const run = JSON.parse(readFileSync("run.json", "utf8"));',
        "const { x, y, x_test, y_test, U, V, orders, shown } = run;",
    ]


def _head(experiment: Experiment) -> list[str]:
    """The lines with the samples, the initial weights and the batches, in numpy."""
    h, scale, batch = experiment.h, experiment.start.scale, experiment.batch
    drawn = [
        f"# {experiment}, with the samples and the initial weights of the book",
        "import numpy as np",
        "",
        f"rng = np.random.default_rng({DATA_SEED})",
        f"x = (rng.random({N_TRAIN + N_TEST}) - 0.5) * 10",
        f"y = {_FORMULAS[experiment.f]}",
        f"x, x_test, y, y_test = x[:{N_TRAIN}], x[{N_TRAIN}:], y[:{N_TRAIN}], y[{N_TRAIN}:]",
        f"rng = np.random.default_rng({SEED})",
        f"U, V = rng.normal(0, 0.01, ({h - 1}, 2)), rng.normal(0, 0.01, (1, {h}))",
        *([f"U, V = {scale!r} * U, {scale!r} * V"] * (scale != 1)),
        f"shown = {{{', '.join(map(str, _shown(experiment)))}}}",
    ]
    if batch is None:
        return [*drawn, "", "", "def parts():", "    yield slice(None)  # all samples", "", ""]
    return [
        *drawn,
        f"shuffle = np.random.default_rng({experiment.shuffle})",
        "",
        "",
        "def parts():",
        f"    order = shuffle.permutation({N_TRAIN})",
        f"    for first in range(0, {N_TRAIN}, {batch}):",
        f"        yield order[first : first + {batch}]",
        "",
        "",
    ]
