"""What the extension of the book does: order and outputs of the chapters, notebooks, buttons.

What needs to know the repository is offered once it is known, and nothing of it until then.
"""

from pathlib import Path
from types import SimpleNamespace

import pytest
import report

ADDRESS = "https://github.com/owner/name"


@pytest.mark.parametrize("processes", [1, 2, 3, 8])
def test_chapters_are_dealt_out(processes):
    app = SimpleNamespace(parallel=processes)
    names = [
        f"book/{name}" for name in ("a", *report.LONGEST, "b", "c", "d", "e", "f", "g", "h", "i")
    ]
    dealt = sorted(names)
    report.deal_chapters(app, None, dealt)
    assert sorted(dealt) == sorted(names)
    first = [chunk[0].removeprefix("book/") for chunk in report.make_chunks(dealt, processes)]
    assert first[:processes] == list(report.LONGEST[:processes])


@pytest.fixture
def library(tmp_path, monkeypatch):
    """A library for `state` to look at."""
    folder = tmp_path / "nnlib"
    (folder / "results").mkdir(parents=True)
    (folder / "__pycache__").mkdir()
    (folder / "__init__.py").write_text("x = 1", encoding="utf-8")
    (folder / "results" / "data.npz").write_bytes(b"1")
    spec = SimpleNamespace(origin=str(folder / "__init__.py"))
    monkeypatch.setattr(report, "find_spec", lambda name: spec)
    return folder


def test_the_state_is_that_of_the_contents(library, monkeypatch):
    state = report.state()
    (library / "__init__.py").touch()
    (library / "__pycache__" / "__init__.pyc").write_bytes(b"2")
    assert report.state() == state
    (library / "__init__.py").write_text("x = 2", encoding="utf-8")
    states = {state, report.state()}
    (library / "results" / "data.npz").write_bytes(b"2")
    states.add(report.state())
    (library / "results" / "data.npz").rename(library / "results" / "other.npz")
    states.add(report.state())
    (library / "results" / "new.npz").write_bytes(b"")
    states.add(report.state())
    monkeypatch.setattr(report, "distributions", lambda: [SimpleNamespace(name="a", version="1")])
    states.add(report.state())
    monkeypatch.setattr(report.sys, "version", "3.99")
    states.add(report.state())
    assert len(states) == 7


def test_outputs_are_kept_until_the_state_changes(library, tmp_path):
    app = SimpleNamespace(outdir=str(tmp_path / "html"), config=SimpleNamespace())

    def kept():
        return [folder.name for folder in (tmp_path / "outputs").iterdir()]

    report.keep_outputs(app, app.config)
    folder = Path(app.config.nb_execution_cache_path)
    (folder / "kept").touch()
    report.forget_outputs(app, None)
    report.keep_outputs(app, app.config)
    assert (folder / "kept").exists() and kept() == [report.state()]

    (library / "__init__.py").write_text("x = 2", encoding="utf-8")
    report.keep_outputs(app, app.config)
    assert not folder.exists() and kept() == [report.state()]

    (library / "__init__.py").write_text("x = 3", encoding="utf-8")  # while the chapters run
    report.forget_outputs(app, None)
    assert kept() == []


@pytest.mark.parametrize("repository", ["", ADDRESS])
def test_edit_links(repository):
    config = SimpleNamespace(report_repository=repository, html_theme_options={})
    report.set_repository(None, config)
    assert bool(config.html_theme_options) == bool(repository)
