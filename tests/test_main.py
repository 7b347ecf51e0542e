"""The command line."""

import matplotlib as mpl
import pytest

from nnlib import Experiment, f2, train
from nnlib.__main__ import main

mpl.use("agg")


def test_prints_the_errors(capsys):
    assert main(["f2", "8", "0.1", "40"]) == 0
    history = train(Experiment(f2, 8, 0.1, 40))
    assert capsys.readouterr() == (
        f"last error    {history.last_error:.4f}\n"
        f"lowest error  {history.lowest_error:.4f} at epoch {history.best_epoch}\n",
        "",
    )


def test_the_arithmetic_of_the_document(capsys):
    assert main(["f1", "3", "1", "1000", "--arithmetic", "replay"]) == 0
    assert capsys.readouterr().out == ("last error    0.0144\nlowest error  0.0008 at epoch 755\n")


def test_saves_the_plots(tmp_path):
    path = tmp_path / "plots.png"
    assert main(["f1", "3", "0.1", "5", "--plot", str(path)]) == 0
    assert path.read_bytes().startswith(b"\x89PNG")


def test_overflow_is_said_in_one_line(capsys):
    assert main(["f1", "3", "5", "1000"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("last error    nan\n")
    assert err.count("\n") == 1 and err.startswith("(f1, 3, 5, 1000) overflows at epoch ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("f3 3 0.1 10", "invalid choice: 'f3' (choose from "),
        ("f1 1 0.1 10", "h, the number of hidden neurons, must be an integer, at least 2, got 1"),
        ("f1 x 0.1 10", "argument h: invalid int value: 'x'"),
        ("f1 3 -1 10", "learning_rate must be a positive, finite number, got -1"),
        ("f1 3 0.1 -10", "epochs must be an integer, at least 0, got -10"),
        ("f1 3 0.1", "required: epochs"),
        ("f1 3 0.1 10 --arithmetic odd", "(choose from "),
        ("f1 13 0.1 10 --arithmetic replay", "the replay arithmetic takes h up to 12, got 13"),
        ("f1 3 0.1 10 --plot no/such/folder/a.png", "a folder that exists, got"),
        ("f1 3 0.1 10 --plot a.xyz", "must end in one of "),
    ],
)
def test_bad_input_is_one_line_and_exit_status_2(capsys, arguments, message):
    with pytest.raises(SystemExit) as stop:
        main(arguments.split())
    out, err = capsys.readouterr()
    assert stop.value.code == 2 and out == ""
    assert message in err and err.count("\n") == 1
