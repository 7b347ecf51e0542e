"""The same run in other libraries: programs, results and table belong together.

None of the libraries is needed here; `make elsewhere` runs the programs.
"""

import json
import re
from contextlib import redirect_stdout, suppress
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from io import StringIO

import numpy as np
import pytest
from snapshots import ROOT

from nnlib import Experiment, elsewhere, f1, f2, get_test_set, get_train_set
from nnlib.__main__ import main
from nnlib.elsewhere import EXPERIMENTS, LIBRARIES
from nnlib.training import train_quietly

FOLDER = ROOT / "benchmarks" / "elsewhere"
PYTHON = [name for name, said in LIBRARIES.items() if "language" not in said]
RUN = [name for name, said in LIBRARIES.items() if "without" not in said]
ours = cache(train_quietly)


def programs(library):
    """Each program that is run, with its experiment."""
    found = []
    for experiment in EXPERIMENTS:
        with suppress(ValueError):
            found.append((experiment, elsewhere.program(experiment, library)))
    return found + [(trap.experiment, trap.program) for trap in elsewhere.traps(library)]


def digits(library, text):
    """The digits that a program has in common with our run, at each epoch that it prints."""
    experiment = Experiment.parse(text)
    key = elsewhere.fingerprint(elsewhere.program(experiment, library))
    printed = elsewhere.load()[library]["printed"][key]
    errors = ours(experiment).test_error
    return [elsewhere.digits(value, errors[int(n)]) for n, value in printed.items()]


# --- what is kept --------------------------------------------------------------------------------


@pytest.mark.parametrize("library", LIBRARIES)
def test_each_program_has_its_result_and_each_result_its_program(library):
    kept = elsewhere.load()[library]
    wanted = {elsewhere.fingerprint(text) for _, text in programs(library)}
    assert set(kept.get("printed", {})) == wanted, f"{library}: run `make elsewhere`"
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", kept["date"])


@pytest.mark.parametrize("library", RUN)
def test_every_program_came_to_its_end(library):
    for experiment, text in programs(library):
        found = elsewhere.load()[library]["printed"][elsewhere.fingerprint(text)]
        assert isinstance(found, dict), found
        assert str(experiment.epochs) in found


@pytest.mark.parametrize("library", LIBRARIES)
def test_versions_are_those_that_are_installed(library):
    spec = spec_from_file_location("run", FOLDER / "run.py")
    run = module_from_spec(spec)
    spec.loader.exec_module(run)
    lines = (FOLDER / f"{library}.txt").read_text(encoding="utf-8").split()
    assert all(run.PINNED.match(line) for line in lines)
    pinned = dict(run.PINNED.match(line).groups() for line in lines)
    assert elsewhere.load()[library]["versions"] == pinned


def test_no_library_is_forgotten():
    assert set(elsewhere.load()) == set(LIBRARIES)
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(LIBRARIES)


def test_a_changed_program_is_stale():
    text = elsewhere.program(EXPERIMENTS[0], "torch")
    assert elsewhere.fingerprint(text) in elsewhere.load()["torch"]["printed"]
    changed = text.replace("/ 2", "* 0.5")
    assert elsewhere.fingerprint(changed) not in elsewhere.load()["torch"]["printed"]


# --- what the chapter says -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("library", "least"),
    [
        ("torch", 13),
        ("jax", 13),
        ("sklearn", 13),
        ("paddle", 13),
        ("convnetjs", 13),
        ("keras", 5),
        ("keras-torch", 5),
        ("mlx", 4),
        ("tfjs", 5),
        ("neataptic", 4),
    ],
)
def test_descent_is_ours(library, least):
    assert min(digits(library, "f1 3 0.1 1000")) >= least


@pytest.mark.parametrize("library", ["torch", "jax", "mlx"])
def test_a_velocity_without_the_rate_is_ours_when_the_rate_falls(library):
    assert digits(library, "f1 3 0.01 1000 optimizer=heavy-ball beta=0.9 schedule=cosine")[-1] >= 4


def test_a_velocity_with_the_rate_is_not():
    assert digits("keras", "f1 3 0.01 1000 optimizer=heavy-ball beta=0.9 schedule=cosine")[-1] < 4


@pytest.mark.parametrize("library", ["torch", "jax", "paddle"])
def test_epsilon_after_the_correction_is_ours(library):
    assert min(digits(library, "f1 3 0.01 1000 optimizer=adam epsilon=0.001")) >= 12


@pytest.mark.parametrize("library", ["keras", "sklearn"])
def test_epsilon_before_the_correction_is_not(library):
    assert max(digits(library, "f1 3 0.01 1000 optimizer=adam epsilon=0.001")[1:]) < 4


def test_the_penalty_is_ours_where_it_takes_the_same_weights():
    names = "torch", "jax", "paddle", "sklearn"
    found = {name: digits(name, "f1 3 0.1 1000 penalty=0.001")[-1] for name in names}
    same = {name for name in names if found[name] >= 7}
    assert same in ({"sklearn"}, {"torch", "jax", "paddle"})  # with the biases, or without
    assert max(found[name] for name in set(names) - same) < 4


@pytest.mark.parametrize("library", ["synaptic", "neataptic"])
def test_weights_that_have_changed_already_are_another_method(library):
    assert max(digits(library, "f1 3 0.01 10 batch=1")[1:]) < 5


@pytest.mark.parametrize("library", RUN)
def test_every_trap_is_another_run(library):
    for trap in elsewhere.traps(library):
        printed = elsewhere.load()[library]["printed"][elsewhere.fingerprint(trap.program)]
        run, last = ours(trap.experiment), max(map(int, printed))
        wanted = (run.test_error if trap.error == "test" else run.train_error)[last]
        assert elsewhere.digits(printed[str(last)], wanted) < 7


@pytest.mark.parametrize(("library", "least"), [("keras", 6), ("sklearn", 14)])
def test_the_loss_that_is_reported_is_of_before_the_step(library, least):
    (trap,) = (trap for trap in elsewhere.traps(library) if trap.error == "train")
    printed = elsewhere.load()[library]["printed"][elsewhere.fingerprint(trap.program)]
    errors = ours(trap.experiment).train_error
    for n in (1, 10, 100, 1000):
        assert elsewhere.digits(printed[str(n)], errors[n - 1]) >= least


# --- the programs --------------------------------------------------------------------------------


@pytest.mark.parametrize("library", PYTHON)
def test_programs_in_python_compile(library):
    for _, text in programs(library):
        compile(text, library, "exec")


@pytest.mark.parametrize("library", RUN)
def test_nothing_is_left_open_in_a_program(library):
    for _, text in programs(library):
        assert not re.search(r"\$[a-z]|\{(rate|epochs|beta\d?|size|penalty|epsilon)\}", text)


@pytest.mark.parametrize("f", [f1, f2])
@pytest.mark.parametrize("batch", ["", "batch=100", "batch=1 shuffle=3"])
def test_a_program_has_the_samples_weights_and_batches_of_the_run(f, batch):
    experiment = Experiment.parse(f"{f.__name__} 8 0.05 2 {batch} scale=2")
    head = elsewhere.program(experiment, "torch").split("import torch")[0]
    found = {}
    with redirect_stdout(StringIO()):
        exec(head, found)
    data = json.loads(elsewhere.data(experiment))
    U, V = experiment.start.initial_weights(8)
    wanted = {"x": get_train_set(f)[0], "y": get_train_set(f)[1]}
    wanted |= {"x_test": get_test_set(f)[0], "y_test": get_test_set(f)[1]}
    for name, values in (wanted | {"U": U, "V": V}).items():
        assert np.array_equal(np.array(data[name]), values)
        assert np.allclose(found[name], values, rtol=1e-15, atol=0)
    if experiment.batch is None:
        assert data["orders"] is None
    else:
        parts = [np.concatenate(list(found["parts"]())).tolist() for _ in range(2)]
        assert parts == data["orders"]


@pytest.mark.parametrize(
    ("text", "library", "said"),
    [
        ("f1 3 0.1 9 optimizer=halving", "torch", "for PyTorch with optimizer=halving"),
        ("f1 3 0.1 9 start=spread", "torch", "with the start start=spread"),
        ("1,2,1 3 0.1 9", "jax", "with the function 1,2,1"),
        ("f1 3 0.1 9 batch=10", "tfjs", "with batch=10"),
        ("f1 3 0.1 9", "synaptic", "with all samples at once"),
        ("f1 3 0.1 9 schedule=cosine", "sklearn", "with schedule=cosine"),
        ("f1 3 0.1 9 schedule=cosine batch=10", "keras", "with schedule=cosine"),
        ("f1 3 0.1 9 optimizer=adam penalty=0.1", "torch", "with adam and a penalty"),
        ("f1 3 0.1 9", "brainjs", "for brain.js: "),
        ("f1 3 0.1 9", "theano", "library must be one of "),
    ],
)
def test_what_there_is_no_program_for(text, library, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        elsewhere.program(Experiment.parse(text), library)


# --- the command line ----------------------------------------------------------------------------


def test_the_command_line_prints_a_program(capsys):
    assert main(["f1", "3", "0.1", "1000", "--as", "torch"]) == 0
    experiment = Experiment(f1, 3, 0.1, 1000)
    assert capsys.readouterr() == (elsewhere.program(experiment, "torch"), "")


def test_the_command_line_says_what_differs(capsys):
    assert main(["f1", "3", "0.1", "9", "optimizer=adam", "--as", "keras"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("# (f1, 3, 0.1, 9, optimizer=adam)") and err.count("\n") >= 1
    assert "before the correction" in err


def test_the_command_line_prints_the_data(capsys):
    assert main(["f2", "3", "0.1", "9", "--as", "data"]) == 0
    assert json.loads(capsys.readouterr().out)["shown"] == [0, 1, 9]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("f1 3 0.1 9 --as pytorch", "invalid choice: 'pytorch'"),
        ("f1 3 0.1 9 --as torch --as jax", "--as can be given once"),
        ("f1 3 0.1 9 --as torch --plot a.png", "--as takes no --plot"),
        ("f1 3 0.1 9 --as torch --seen 3", "--as takes no --seen"),
        ("f1 3 --fit --as torch", "--as takes no --fit"),
        ("--report --as torch", "--report takes no --as"),
        ("f1 3 0.1 9 optimizer=halving --as torch", "no program for PyTorch"),
    ],
)
def test_wrong_combinations_are_said_in_one_line(words, said, capsys):
    with pytest.raises(SystemExit) as exit:
        main(words.split())
    out, err = capsys.readouterr()
    assert exit.value.code == 2 and out == "" and err.count("\n") == 1 and said in err
