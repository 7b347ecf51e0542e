"""The film of a run: which epochs it shows, the path of the gradients, and what is refused."""

import shutil
import subprocess
import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import animation as matplotlib_animation
from PIL import Image

from nnlib import Experiment, __main__, animation, f1, train
from nnlib.__main__ import main
from nnlib.animation import animate, check_format, choose_epochs, gradient_path


def test_the_path_has_the_norms_and_the_angles():
    history = train(Experiment(f1, 3, 0.5, 40))
    arrows = np.diff(gradient_path(history), axis=0)
    np.testing.assert_allclose(np.hypot(*arrows.T), history.gradient_norm, rtol=1e-9)
    assert arrows[0, 1] == 0 < arrows[0, 0]
    headings = np.unwrap(np.arctan2(*arrows.T[::-1]))
    turns = np.mod(np.diff(headings), 2 * np.pi)  # all to the left
    np.testing.assert_allclose(turns, history.gradient_angle[1:], rtol=1e-6, atol=1e-9)


def test_the_film_is_slow_where_the_error_jumps():
    errors = np.full(1001, 0.5)
    errors[600:] = [0.5 * 1.1 ** min(n, 20) for n in range(401)]
    epochs = choose_epochs(errors, 100)
    assert np.all(np.diff(epochs) > 0) and epochs[-1] == 1000 and len(epochs) <= 100
    jump = np.sum((epochs > 600) & (epochs <= 620))
    assert jump >= 18 > 10 > np.sum(epochs <= 200) / 2
    assert np.ptp(np.diff(choose_epochs(np.ones(1001), 100))) <= 2  # even, if nothing happens


def test_the_film_ends_where_the_error_overflows():
    assert choose_epochs(np.array([3, 2, 1, np.inf, np.nan]))[-1] == 2
    assert choose_epochs(np.array([1.0])).tolist() == [0]
    with pytest.raises(ValueError, match="there is nothing to show"):
        choose_epochs(np.array([np.inf, np.nan]))
    with pytest.raises(ValueError, match="frames must be an integer, at least 1, got 0"):
        choose_epochs(np.ones(5), 0)


@pytest.mark.one_in(3)
@pytest.mark.parametrize(
    "experiment",
    [Experiment(f1, 3, 0.5, 12), Experiment(f1, 3, 5, 200), Experiment(f1, 2, 1, 0)],
    ids=str,
)
def test_a_film_is_made(tmp_path, experiment):
    history = (train if experiment.learning_rate != 5 else _overflowing)(experiment)
    file = tmp_path / "run.gif"
    animate(history, file, frames=4)
    with Image.open(file) as film:
        assert film.n_frames <= 4 and film.size == (1100, 640)


def test_ffmpeg_makes_the_same_film(tmp_path):
    program = shutil.which("ffmpeg")
    if program is None:
        reason = "neither the program ffmpeg nor the package imageio-ffmpeg is installed"
        program = pytest.importorskip("imageio_ffmpeg", reason=reason).get_ffmpeg_exe()
    history, files = train(Experiment(f1, 3, 0.5, 12)), [tmp_path / "a.gif", tmp_path / "a.mp4"]
    with mpl.rc_context({"animation.ffmpeg_path": program}):
        for file in files:
            animate(history, file, frames=4)
    by_pillow, by_ffmpeg = (_frames(program, file) for file in files)
    assert by_pillow.shape == by_ffmpeg.shape == (4, 640, 1100, 3)
    for place, frame in enumerate(by_ffmpeg):  # of all frames, its own is most like it
        assert np.argmin(abs(by_pillow - frame).mean(axis=(1, 2, 3))) == place


def _frames(program, file):
    """What a film shows, frame by frame."""
    raw = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-fps_mode", "passthrough", "-"]
    found = subprocess.run(
        [program, "-v", "error", "-i", file, *raw], capture_output=True, check=True
    )
    return np.frombuffer(found.stdout, "u1").reshape(-1, 640, 1100, 3).astype(float)


def _overflowing(experiment):
    with pytest.warns(RuntimeWarning, match="overflows"):
        return train(experiment)


def test_the_command_line_makes_a_film(tmp_path, monkeypatch, capsys):
    made = []
    monkeypatch.setattr("nnlib.animation.animate", lambda *given, **_: made.append(given))
    file = tmp_path / "run.gif"
    assert main(["f1", "3", "0.1", "5", "--animate", str(file)]) == 0
    ((history, path),) = made
    assert (history.experiment, path) == (Experiment(f1, 3, 0.1, 5), file)
    assert capsys.readouterr().out.startswith("last error")


def _refused(capsys, monkeypatch, file):
    monkeypatch.setattr(__main__, "train", lambda *_, **__: pytest.fail("trained before checking"))
    with pytest.raises(SystemExit) as stopped:
        main(["f1", "3", "0.1", "5", "--animate", str(file)])
    assert stopped.value.code == 2
    return capsys.readouterr().err


def test_what_cannot_be_made_is_refused_before_the_training(tmp_path, monkeypatch, capsys):
    said = _refused(capsys, monkeypatch, tmp_path / "run.avi")
    assert "--animate must end in one of gif, mp4, got" in said
    said = _refused(capsys, monkeypatch, tmp_path / "no" / "run.gif")
    assert "must lie in a folder that exists" in said
    without = matplotlib_animation.writers
    monkeypatch.setattr(without, "is_available", lambda name: name != "ffmpeg")
    said = _refused(capsys, monkeypatch, tmp_path / "run.mp4")
    assert "--animate needs the program ffmpeg for a mp4 file" in said and "run.gif" in said
    check_format(Path("run.gif"))
    monkeypatch.setitem(sys.modules, "nnlib.animation", None)
    said = _refused(capsys, monkeypatch, tmp_path / "run.gif")
    assert "--animate cannot draw: import of nnlib.animation halted" in said


def test_each_frame_shows_the_run_up_to_its_epoch(tmp_path, monkeypatch):
    """What is drawn, and under which title, is what the history holds."""
    history, frames = train(Experiment(f1, 3, 0.5, 12)), []

    def look(writer, **_):
        figure = writer.fig
        lines = {ax.get_title(): ax.get_lines()[0].get_data() for ax in figure.axes}
        tip = figure.axes[3].get_lines()[1].get_data()
        frames.append((figure.get_suptitle(), lines, np.ravel(tip)))

    made = matplotlib_animation.writers["pillow"]
    monkeypatch.setattr(made, "grab_frame", look)
    monkeypatch.setattr(made, "finish", lambda writer: None)
    monkeypatch.setattr(animation, "check_format", lambda file: None)
    animate(history, tmp_path / "run.gif", frames=5)
    epochs = choose_epochs(history.train_error, 5).tolist()
    assert len(frames) == len(epochs) == 5 and epochs[-1] == 12
    for epoch, (title, lines, tip) in zip(epochs, frames, strict=True):
        assert title == f"(f1, 3, 0.5, 12), epoch {epoch}"
        expected = {
            "error on training set": history.train_error,
            "norm of the gradient": history.gradient_norm,
            "angle to the gradient before": np.degrees(history.gradient_angle),
        }
        for name, values in expected.items():
            x, y = lines.pop(name)
            np.testing.assert_array_equal(y, values[: epoch + 1])
            np.testing.assert_array_equal(x, np.arange(len(y)))
        path = gradient_path(history)[: epoch + 1]  # the gradient of an epoch leads on from there
        np.testing.assert_array_equal(lines.pop("the gradients, laid end to end"), path.T)
        np.testing.assert_array_equal(tip, path[-1])
        assert lines == {}


@pytest.mark.one_in(3)
@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError(28, "No space left on device")])
@pytest.mark.parametrize("when", ["at once", "later"])
def test_a_film_that_is_not_finished_leaves_the_old_one(tmp_path, monkeypatch, error, when):
    file, history, shown = tmp_path / "run.gif", train(Experiment(f1, 3, 0.5, 12)), []
    file.write_bytes(b"old")
    grab = matplotlib_animation.PillowWriter.grab_frame

    def stop(writer, **settings):
        if when == "at once" or len(shown) == 4:
            raise error
        shown.append(writer)
        grab(writer, **settings)

    monkeypatch.setattr(animation, "check_format", lambda file: None)
    monkeypatch.setattr(matplotlib_animation.writers["pillow"], "grab_frame", stop)
    with pytest.raises(type(error)):
        animate(history, file, frames=6)
    assert file.read_bytes() == b"old" and list(tmp_path.iterdir()) == [file]
