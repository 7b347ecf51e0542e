"""The results of long runs are those that were looked at: all of them are listed with their hash.

And one run of each file, chosen by chance, is made again; those of the study in `test_study`. Each
file says what it follows from, and its loader refuses it when that has changed. Here it is what
it holds that is compared.
"""

from contextlib import nullcontext
from hashlib import sha256
from pathlib import Path
from random import Random

import numpy as np
import pytest

import nnlib
from nnlib import kept, results
from nnlib.capacity import budgets, differing, search
from nnlib.data import excess, poor, remedies, samples, size, turning
from nnlib.methods import (
    adaptive,
    batches,
    beginnings,
    comparison,
    curved,
    falling,
    mass,
    noise,
    preconditioned,
    steps,
    tuning,
    weightwise,
)
from nnlib.oscillation import late, momentum, sweep, trial, validation, watched

FOLDER = Path(nnlib.__file__).parent
LIST = Path(__file__).with_name("results.sha256")
LISTED = {text.split()[1]: text for text in LIST.read_text().splitlines()}
LONG_RUNS = (
    excess,
    search,
    size,
    samples,
    poor,
    remedies,
    adaptive,
    batches,
    beginnings,
    comparison,
    curved,
    noise,
    falling,
    mass,
    preconditioned,
    steps,
    tuning,
    weightwise,
    budgets,
    differing,
    late,
    momentum,
    sweep,
    trial,
    validation,
    watched,
    turning,
)


def line(name):
    """The line of a file in the list: the hash of its arrays, whatever it is compressed with.

    Of a text it is the hash of the file.
    """
    if not name.endswith(".npz"):
        return f"{sha256((FOLDER / name).read_bytes()).hexdigest()}  {name}"
    digest = sha256()
    with np.load(FOLDER / name) as file:
        for key in sorted({*file.files} - {"about"}):
            array = np.ascontiguousarray(file[key])
            digest.update(f"{key} {array.dtype.descr} {array.shape} ".encode() + array.tobytes())
    return f"{digest.hexdigest()}  {name}"


def test_every_file_is_listed():
    found = {file.relative_to(FOLDER).as_posix() for file in FOLDER.glob("*/results/*")}
    assert found == {*LISTED}, f"list in {LIST.name} what is there, and nothing else"


@pytest.mark.parametrize("name", LISTED)
def test_no_number_has_changed(name):
    room = {"randomness": "study"}.get(name.split("/")[0], name.split("/")[0])
    again = "make certificate" if "certificate" in name else f"make {room}"
    assert line(name) == LISTED[name], (
        f"{name} holds other numbers: take it from the last commit, or delete it and `{again}`; if "
        f"they are meant to differ, its line in {LIST.name} is what stands on the left"
    )


def of_main(module, monkeypatch):
    """What the command of a module would compute: a function, and its arguments by key."""
    asked = []
    monkeypatch.setattr(module, "workers", nullcontext)
    monkeypatch.setattr(kept, "complete", lambda *given: asked.append(given[3:]))
    module.main()
    return asked[0]


@pytest.mark.slow
@pytest.mark.parametrize("module", LONG_RUNS, ids=lambda module: module.__name__)
def test_a_long_run_is_made_again(module, monkeypatch):
    function, tasks = of_main(module, monkeypatch)
    about, arrays = results.read(module._FILE, "long runs")
    assert arrays.keys() == tasks.keys()
    assert {*about["experiments"].values()} == {repr(task[0]) for task in tasks.values()}
    cheap = [key for key, (experiment, *_) in tasks.items() if experiment.epochs <= 50_000]
    for key in Random(LIST.read_text()).sample(cheap, min(1, len(cheap))):
        # The flow takes linear algebra, whose last bits are those of the machine.
        rtol = 1e-6 if "gradient flow" in tasks[key] else 0
        made = function(*tasks[key])
        np.testing.assert_allclose(made, arrays[key], rtol, err_msg=str(tasks[key]))
