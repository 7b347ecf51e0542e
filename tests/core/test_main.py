"""The command line."""

import errno
import json
import os
import re
import shlex
import subprocess
import sys
import warnings
from dataclasses import fields

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.text import Text

import nnlib
from nnlib import Experiment, __main__, f2, figures, fit, train
from nnlib.__main__ import main
from nnlib.optimizers import OPTIMIZERS, SCHEDULES
from nnlib.report import pins
from nnlib.start import STARTS, Start

mpl.use("agg")


def test_prints_the_errors(capsys):
    assert main(["f2", "8", "0.1", "40"]) == 0
    history = train(Experiment(f2, 8, 0.1, 40))
    assert capsys.readouterr() == (
        f"last error    {history.last_error:.4f}\n"
        f"lowest error  {history.lowest_error:.4f} at epoch {history.best_epoch}\n",
        "",
    )


@pytest.mark.parametrize(
    "said",
    [
        "optimizer=heavy-ball beta=0.9 start=glorot",
        "batch=100 shuffle=3.1 optimizer=adam beta2=0.99 schedule=cosine",
        "schedule=steps parts=2 optimizer=halving down=0.25",
    ],
)
def test_what_moves_the_weights(capsys, said):
    assert main(["f1", "3", "0.1", "20", *said.split()]) == 0
    history = train(Experiment.parse(f"f1 3 0.1 20 {said}"))
    assert history.experiment.more.split() != []
    assert f"last error    {history.last_error:.4f}\n" in capsys.readouterr().out
    address = "#f=f1&h=3&rate=0.1&epochs=20&" + said.replace(" ", "&")
    assert main([address]) == 0
    assert f"last error    {history.last_error:.4f}\n" in capsys.readouterr().out


@pytest.mark.parametrize(("seen", "epochs"), [("7", 4), ("0,20", 2), ("3,11", 4)])
def test_some_epochs_are_seen(capsys, seen, epochs):
    assert main(["f1", "3", "0.1", "20", "penalty=0.01", "--seen", seen]) == 0
    history = train(Experiment.parse("f1 3 0.1 20 penalty=0.01"))
    last = f"{history.last_error:.4f}"
    said = f"last error    {last}\nlowest error  {last} at epoch 20, of {epochs} that were seen\n"
    assert capsys.readouterr().out == said


def test_an_overflow_with_another_optimizer_is_said_in_one_line(capsys):
    assert main(["f1", "3", "5", "300", "optimizer=heavy-ball", "beta=0.9", "batch=100"]) == 0
    _, err = capsys.readouterr()
    assert err.count("\n") == 1 and "batch=100) overflows at epoch " in err


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


def test_an_error_beyond_reason_is_printed_in_short(capsys):
    assert main(["f2", "8", "1.5", "1000"]) == 0
    assert capsys.readouterr().out.startswith("last error    1.0428e+55\n")


def test_the_form_that_is_printed_is_read(capsys):
    assert main(["(f2, 8, 0.1, 40)"]) == main(["(f2,", "8,", "0.1,", "40)"]) == 0
    out, _ = capsys.readouterr()
    assert out[: len(out) // 2] == out[len(out) // 2 :]


def test_a_fit(capsys, tmp_path):
    file = tmp_path / "weights.npz"
    assert main(["f2", "8", "--fit", "--weights", str(file), "seed=1", "wanted=0.01"]) == 0
    found = fit(f2, 8, seed=1, wanted=0.01)
    out = f"error   {found.error:.3g}\nstarts  {found.starts}\nsteps   {found.steps}\n"
    assert capsys.readouterr() == (out, "")
    with np.load(file) as kept:
        assert (kept["U"] == found.U).all() and (kept["V"] == found.V).all()
        assert json.loads(str(kept["about"])) == {
            "schema": 1, "f": "f2", "h": 8, "error": found.error, "version": nnlib.__version__
        }  # fmt: skip


def test_a_fit_that_is_not_good_enough(capsys):
    assert main(["f2 3 starts=3", "--fit"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("error   ") and "\nstarts  3\n" in out
    assert err.startswith("no good fit: h = 3: error ") and err.count("\n") == 1


def test_a_fit_of_a_curve(capsys):
    assert main(["0,1,5", "6", "--fit"]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("f2 --fit", "a fit is written as 'f2 8', and then 'name=value' for wanted, starts, seed"),
        ("f2 8 0.1 1200 --fit", "a fit is written as 'f2 8', and then"),
        ("f2 8 seed=1 seed=2 --fit", "each once, got 'f2 8 seed=1 seed=2'"),
        ("f2 8 --fit seed=x", "seed must be an integer, got 'x'"),
        ("f2 8 --fit seed=-1", "seed must be an integer, at least 0, got -1"),
        ("f2 8 --fit wanted=x", "wanted must be a number, got 'x'"),
        ("f2 8 --fit wanted=0", "wanted must be a positive, finite number, got 0.0"),
        ("f2 x --fit", "h must be an integer, got 'x'"),
        ("f2 1 --fit", "h, the number of hidden neurons, must be an integer, at least 2, got 1"),
        ("f3 8 --fit", "the function must be one of f1, f2, or the heights of a curve"),
        ("f2 8 --fit --plot a.png", "--fit takes no --plot"),
        ("f2 8 --fit --animate a.gif", "--fit takes no --animate"),
        ("f2 8 --fit --arithmetic replay", "--fit has the portable arithmetic, not replay"),
        ("f2 8 --fit --report", "--report takes no --fit"),
        ("f2 8 --fit --weights no/such/folder/a.npz", "--weights must lie in a folder that exists"),
        ("f2 8 0.1 5 --weights a.npz", "--weights is for --fit"),
        ("--report --weights a.npz", "--report takes no --weights"),
        ("--report --plot a.png", "--report takes no --plot"),
        ("--report --animate a.gif", "--report takes no --animate"),
        ("--report --arithmetic replay", "--report takes no --arithmetic"),
        ("f1 3 0.1 5 --plot a.png --plot b.png", "--plot can be given once, got 'a.png' and 'b.p"),
        ("f1 3 --fit --weights a --weights b", "--weights can be given once, got 'a' and 'b'"),
        ("f1 3 0.1 5 --arithmetic portable --arithmetic replay", "--arithmetic can be given once"),
        ("f2 99999999999999999999 --fit", "a fit of h = 99999999999999999999 needs "),
        ("f3 3 0.1 10", "the function must be one of f1, f2, or the heights of a curve"),
        ("f1 1 0.1 10", "h, the number of hidden neurons, must be an integer, at least 2, got 1"),
        ("f1 x 0.1 10", "h, learning rate and epochs must be an integer, a number and an integer"),
        ("f1 3 -1 10", "learning_rate must be a positive, finite number, got -1"),
        ("f1 3 -1e5 10", "learning_rate must be a positive, finite number, got -100000.0"),
        ("f1 3 -inf 10", "learning_rate must be a positive, finite number, got -inf"),
        ("f1 3 -NaN 10", "learning_rate must be a positive, finite number, got nan"),
        ("f1 3 0.1 10 adam", "and then 'name=value' for all else, as in optimizer=adam, each once"),
        ("f1 3 0.1 -10", "epochs must be an integer, at least 0, got -10"),
        ("f1 3 0.1", "an experiment is written as 'f2 8 0.1 1200', got 'f1 3 0.1'"),
        ("", "an experiment is written as 'f2 8 0.1 1200', got ''"),
        ("f1 3 0.1 1e11", "h, learning rate and epochs must be an integer, a number and an "),
        ("f1 3 0.1 100000000000", "GiB of memory, and this machine has "),
        ("f1 100000000 0.1 10", "GiB of memory, and this machine has "),
        (f"f1 3 0.1 1{400 * '0'}", "GiB of memory, and this machine has "),
        ("f1 3 0.1 10 samples=100000000000 data=1", "GiB of memory, and this machine has "),
        ("f1 99999999999999999999 0.1 10", "GiB of memory, and this machine has "),
        (f"f1 3 0.1 10 data={5000 * '9'}", f"data must be an integer, got '{79 * '9'}…"),
        (f"{5000 * '9'} 3 0.1 10", f"with commas between them, got '{79 * '9'}…"),
        (
            "f1 3 0.1 10 optimizer=heavy-ball",
            "optimizer=heavy-ball needs its beta, a number in [0, 1)",
        ),
        ("f1 3 0.1 10 optimizer=nesterov beta=1", "beta of nesterov must be in [0, 1), got 1.0"),
        ("f1 3 0.1 10 optimizer=adam beta=0.9", "epsilon of adam, got 'beta'"),
        ("f1 3 0.1 10 penalty=-1", "penalty must be a finite number, at least 0, got -1.0"),
        ("f1 3 0.1 10 --seen 0", "seen must be an integer, at least 1, got 0"),
        ("f1 3 0.1 10 --seen -1", "seen must be an integer, at least 1, got -1"),
        ("f1 3 0.1 10 --seen 1,,2", "--seen must be an integer, got ''"),
        ("f1 3 0.1 10 --seen 1.5", "--seen must be an integer, got '1.5'"),
        ("f1 3 0.1 10 --seen 1,11", "seen must be epochs from 0 to 10, got 11"),
        ("f1 3 0.1 10 --seen 2 --animate a.gif", "--animate needs every epoch, and takes no --se"),
        ("f1 3 --fit --seen 2", "--fit takes no --seen"),
        ("--report --seen 2", "--report takes no --seen"),
        ("f1 3 0.1 10 optimizer=sgd", "optimizer must be one of descent, heavy-ball, "),
        ("f1 3 0.1 10 schedule=inverse", "schedule=inverse needs its half, a number above 0"),
        ("f1 3 0.1 10 inputs=hole", "inputs must be one of uniform, grid, gap, side, got 'hole'"),
        ("f1 3 0.1 10 outliers=2", "outliers must be a share from 0 to 1, got 2.0"),
        ("f1 3 0.1 10 outliers=few", "outliers must be a number, got 'few'"),
        ("f1 3 0.1 10 batch=0", "batch must be an integer, at least 1, got 0"),
        ("f1 3 0.1 10 batch=1001", "batch must be at most 1000, as there are no more samples, got"),
        ("f1 3 0.1 10 batch=20 samples=10", "batch must be at most 10, as there are no more sam"),
        ("f1 3 0.1 10 shuffle=1", "shuffle is of batches, and there are none, got 1"),
        ("f1 3 0.1 10 optimizer=armijo batch=5", "armijo sees all samples at once, and no batch"),
        ("f1 3 0.1 10 --plot -5.png", "argument --plot: expected one argument"),
        ("f1 3 0.1 10 --report", "--report takes no experiment, got 'f1 3 0.1 10'"),
        ("f1 3 0.1 10 --arithmetic odd", "(choose from "),
        ("f1 13 0.1 10 --arithmetic replay", "the replay arithmetic takes h up to 12, got 13"),
        ("f1 3 0.1 10 --plot no/such/folder/a.png", "a folder that exists, got"),
        ("f1 3 0.1 10 --plot a.xyz", "must end in one of "),
        ("f1 3 0.1 10 --plot .", "must end in one of "),
        ("f1 3 0.1 10 --plot a.gif --animate a.gif", "--plot and --animate must be two files"),
    ],
)
def test_bad_input_is_one_line_and_exit_status_2(capsys, arguments, message):
    with pytest.raises(SystemExit) as stop:
        main(arguments.split())
    out, err = capsys.readouterr()
    assert stop.value.code == 2 and out == ""
    assert message in err and err.count("\n") == 1


@pytest.fixture
def untrained(monkeypatch):
    """What is wrong is said before the training."""
    monkeypatch.setattr(__main__, "train", lambda *given, **named: pytest.fail("it was trained"))


def _refused(capsys, *arguments, status=2):
    with pytest.raises(SystemExit) as stop:
        main(["f1", "3", "0.1", "5", *map(str, arguments)])
    err = capsys.readouterr().err
    assert stop.value.code == status and err.count("\n") == 1
    return err


def test_a_folder_cannot_be_the_plot(capsys, tmp_path, untrained):
    folder = tmp_path / "plots.png"
    folder.mkdir()
    assert "--plot must be a file, got the folder" in _refused(capsys, "--plot", folder)


def test_a_place_that_cannot_be_written_to(capsys, tmp_path, untrained, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    for option, name in (("--plot", "plots.png"), ("--animate", "run.gif")):
        err = _refused(capsys, option, tmp_path / name)
        assert f"{option} must lie in a folder that can be written to" in err


@pytest.mark.parametrize("option", ["--plot", "--animate"])
def test_a_file_without_a_name(capsys, untrained, option):
    err = _refused(capsys, option, "")
    assert f"{option}: it must be the name of a file, got ''" in err


def test_a_format_that_cannot_be_made_here(capsys, tmp_path, untrained, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))  # where there is no TeX
    assert "--plot cannot make a pgf file here" in _refused(capsys, "--plot", tmp_path / "a.pgf")


def test_without_matplotlib(capsys, tmp_path, untrained, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    err = _refused(capsys, "--plot", tmp_path / "a.png")
    assert "--plot cannot draw: matplotlib is not installed; it comes with the extra 'fig" in err


@pytest.mark.parametrize(("option", "name"), [("--plot", "a.png"), ("--animate", "a.gif")])
def test_a_full_disk_leaves_the_old_file(tmp_path, option, name):
    """As far as a limit to the size of files is one."""
    pytest.importorskip("resource")
    file = tmp_path / name
    file.write_bytes(b"old")
    program = """if True:
        import resource, sys
        from nnlib import __main__, animation, figures
        animation.check_format = __main__._check_plot = lambda path: None
        figures.save = lambda figure, file, kind: file.write_bytes(bytes(20000))
        train = __main__.train
        def limited(*given, **named):
            resource.setrlimit(resource.RLIMIT_FSIZE, (10000, 10000))
            return train(*given, **named)
        __main__.train = limited
        sys.exit(__main__.main(["f1", "3", "0.1", "1", *sys.argv[1:]]))
    """
    found = subprocess.run(
        [sys.executable, "-c", program, option, file], capture_output=True, text=True, check=False
    )
    assert found.returncode == 2 and found.stderr.count("\n") == 1
    assert os.strerror(errno.EFBIG) in found.stderr
    assert file.read_bytes() == b"old" and list(tmp_path.iterdir()) == [file]


@pytest.mark.one_in(3)
@pytest.mark.parametrize("encoding", ["latin-1", "ascii"])
@pytest.mark.parametrize("option", ["--help", "--report"])
def test_what_is_printed_can_be_printed_anywhere(option, encoding):
    program = """if True:
        import sys
        from nnlib import __main__
        from nnlib.report import pins
        pins.checksum = pins.PINS.get
        __main__._cpu = lambda: "Ĉ 1"
        sys.exit(__main__.main(sys.argv[1:]))
    """
    environment = os.environ | {"PYTHONIOENCODING": encoding}
    found = subprocess.run(
        [sys.executable, "-X", "utf8=0", "-c", program, option],
        env=environment,
        capture_output=True,
        check=False,
    )
    assert (found.returncode, found.stderr) == (0, b"")
    assert ("CPU       \\u0108 1" in found.stdout.decode("ascii")) == (option == "--report")


def test_the_state_of_the_kernel_is_one_line(capsys, monkeypatch):
    monkeypatch.setattr(pins, "checksum", pins.PINS.get)
    monkeypatch.setattr("nnlib.kernel.status", lambda: "not used:\n  two lines\n")
    main(["--report"])
    assert "\nkernel    not used: two lines\n" in capsys.readouterr().out


def test_too_little_memory_after_all(capsys, monkeypatch):
    def train(*given, **named):
        raise MemoryError

    monkeypatch.setattr(__main__, "train", train)
    assert "more memory than there is" in _refused(capsys)


def _start(arguments, **named):
    command = [sys.executable, "-m", "nnlib", *arguments.split()]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, **named)


@pytest.mark.parametrize("arguments", ["f1 3 0.1 5", "--report"])
def test_a_closed_pipe(arguments):
    reader, writer = os.pipe()
    os.close(reader)
    process = _start(arguments, stdout=writer)
    os.close(writer)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 2
    assert err == "python -m nnlib: nobody reads what is printed any more\n"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no full disk to offer")
def test_a_full_disk_for_what_is_printed():
    with open("/dev/full", "w") as full:
        process = _start("f1 3 0.1 5", stdout=full)
        _, err = process.communicate(timeout=120)
    assert process.returncode == 2 and err.count("\n") == 1
    assert os.strerror(errno.ENOSPC) in err


CLOSED = "python -m nnlib: the standard output is closed, so there is nowhere to print to\n"


@pytest.mark.one_in(3)
@pytest.mark.parametrize(
    ("arguments", "closed", "status", "out", "err"),
    [
        ("f1 3 0.1 5", ">&-", 2, "", CLOSED),
        ("--report", ">&-", 2, "", CLOSED),
        ("f1 3 0.1 5", ">&- 2>&-", 2, "", ""),
        ("f1 3 0.1 5", "<&- >&- 2>&-", 2, "", ""),
        ("--help", "<&- >&- 2>&-", 0, "", ""),
        ("f1 3 0.1 5", "2>&-", 0, "last error    0.3522\nlowest error  0.3522 at epoch 5\n", ""),
        ("f1 3 5 500", "2>&-", 0, "last error    nan\nlowest error  0.9159 at epoch 0\n", ""),
        ("f1 3", "2>&-", 2, "", ""),
    ],
)
def test_closed_streams(arguments, closed, status, out, err):
    command = f"exec {shlex.quote(sys.executable)} -m nnlib {arguments} {closed}"
    found = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout, found.stderr) == (status, out, err)


def test_an_interruption(capsys, monkeypatch):
    def train(*given, **named):
        raise KeyboardInterrupt

    monkeypatch.setattr(__main__, "train", train)
    assert _refused(capsys, status=130) == "python -m nnlib: interrupted\n"


def test_an_interruption_from_outside():
    program = """if True:
        import os, signal, sys, time
        from nnlib import __main__
        def train(*given, **named):
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(60)
        signal.signal(signal.SIGINT, signal.default_int_handler)  # ours may ignore it
        __main__.train = train
        sys.exit(__main__.main("f1 3 0.1 5".split()))
    """
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert found.returncode == 130
    assert (found.stdout, found.stderr) == ("", "python -m nnlib: interrupted\n")


def test_the_help_names_all_that_an_experiment_can_say(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "10000")  # so that no word is broken
    with pytest.raises(SystemExit):
        main(["--help"])
    words = set(re.findall(r"[\w-]+", capsys.readouterr().out))
    parts = [one.name for kind in (Start, Experiment) for one in fields(kind)]
    assert words >= {*parts, *STARTS, *OPTIMIZERS, *SCHEDULES}


def test_the_version(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["--version"])
    assert stop.value.code == 0
    assert capsys.readouterr().out.startswith("nnlib ")


def test_the_report(capsys, monkeypatch):
    monkeypatch.setattr(pins, "checksum", pins.PINS.get)  # that they are so, test_same_bits tests
    assert main(["--report"]) == 0
    out, err = capsys.readouterr()
    names = [line.split()[0] for line in out.splitlines()]
    assert names[:6] == ["nnlib", "Python", "numpy", "platform", "CPU", "kernel"]
    assert out.count("the same\n") == len(names) - 6 == len(pins.PINS) and err == ""


def test_the_report_of_a_machine_that_differs(capsys, monkeypatch):
    monkeypatch.setattr(pins, "checksum", lambda pin, engine: "0" * 64)
    assert main(["--report"]) == 1
    assert capsys.readouterr().out.count(f"ANOTHER  {64 * '0'}\n") == len(pins.PINS)


def test_the_report_needs_numpy_and_tqdm_alone():
    program = """if True:
        import sys
        sys.modules.update(dict.fromkeys(("matplotlib", "IPython", "scipy", "flint")))
        from nnlib.report import pins
        pins.checksum = pins.PINS.get
        from nnlib.__main__ import main
        sys.exit(main(["--report"]))
    """
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stderr


@pytest.mark.one_in(3)
@pytest.mark.parametrize("experiment", ["f2 8 0.1 200", "f1 200 0.01 5", "f1 3 5 1000"])
def test_nothing_of_the_plots_leaves_them_or_covers_another(experiment):
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "(.*) overflows at epoch")
        history = train(Experiment.parse(experiment))
    with plt.style.context("nnlib.figures"):
        figure = __main__._draw(history)
        figure.draw_without_rendering()
        # With all that is drawn of them: titles, labels, ticks and legends.
        boxes = [ax.get_tightbbox() for ax in figure.axes]
        boxes.append(figure._suptitle.get_window_extent())
        for n, box in enumerate(boxes):
            assert figure.bbox.containsx(box.x0) and figure.bbox.containsx(box.x1)
            assert figure.bbox.containsy(box.y0) and figure.bbox.containsy(box.y1)
            assert not box.count_overlaps(boxes[:n])
        for ax in figure.axes[3:]:
            names = [Text.get_window_extent(text) for text in ax.texts]  # without its leader
            assert 0 < len(names) <= figures.LISTED
            for n, box in enumerate(names):
                assert box.x0 >= ax.get_window_extent().x1
                assert not box.count_overlaps(names[:n])
