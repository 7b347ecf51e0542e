"""What chapters put out is kept as long as nothing changes that it follows from."""

from pathlib import Path
from types import SimpleNamespace

import outputs
import pytest


@pytest.fixture
def library(tmp_path, monkeypatch):
    """A library for `state` to look at."""
    folder = tmp_path / "nnlib"
    (folder / "results").mkdir(parents=True)
    (folder / "__pycache__").mkdir()
    (folder / "__init__.py").write_text("x = 1", encoding="utf-8")
    (folder / "results" / "data.npz").write_bytes(b"1")
    spec = SimpleNamespace(origin=str(folder / "__init__.py"))
    monkeypatch.setattr(outputs, "find_spec", lambda name: spec)
    return folder


def test_the_state_is_that_of_the_contents(library, monkeypatch):
    state = outputs.state()
    (library / "__init__.py").touch()
    (library / "__pycache__" / "__init__.pyc").write_bytes(b"2")
    assert outputs.state() == state
    (library / "__init__.py").write_text("x = 2", encoding="utf-8")
    states = {state, outputs.state()}
    (library / "results" / "data.npz").write_bytes(b"2")
    states.add(outputs.state())
    (library / "results" / "data.npz").rename(library / "results" / "other.npz")
    states.add(outputs.state())
    (library / "results" / "new.npz").write_bytes(b"")
    states.add(outputs.state())
    monkeypatch.setattr(outputs, "distributions", lambda: [SimpleNamespace(name="a", version="1")])
    states.add(outputs.state())
    monkeypatch.setattr(outputs.sys, "version", "3.99")
    states.add(outputs.state())
    monkeypatch.setattr(outputs.platform, "platform", lambda: "Another-1.0")
    states.add(outputs.state())
    assert len(states) == 8


def test_outputs_are_kept_until_the_state_changes(library, tmp_path):
    app = SimpleNamespace(outdir=str(tmp_path / "html"), config=SimpleNamespace())

    def kept():
        return [folder.name for folder in (tmp_path / "outputs").iterdir()]

    outputs.keep_outputs(app, app.config)
    folder = Path(app.config.nb_execution_cache_path)
    (folder / "kept").touch()
    outputs.forget_outputs(app, None)
    outputs.keep_outputs(app, app.config)
    assert (folder / "kept").exists() and kept() == [outputs.state()]

    (library / "__init__.py").write_text("x = 2", encoding="utf-8")
    outputs.keep_outputs(app, app.config)
    assert not folder.exists() and kept() == [outputs.state()]

    (library / "__init__.py").write_text("x = 3", encoding="utf-8")  # while the chapters run
    outputs.forget_outputs(app, None)
    assert kept() == []
