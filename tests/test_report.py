"""What the extension of the book does: order and outputs of the chapters, notebooks, buttons.

What needs to know the repository is offered once it is known, and nothing of it until then.
"""

import sys
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from snapshots import ROOT, SNAPSHOTS

sys.path.insert(0, str(ROOT / "book" / "_extensions"))
import report

ADDRESS = "https://github.com/owner/name"


@pytest.fixture(params=["", ADDRESS])
def app(request, tmp_path):
    executed = tmp_path / "jupyter_execute" / "book"
    executed.mkdir(parents=True)
    (tmp_path / "html").mkdir()
    text = (SNAPSHOTS / "3-notebook.ipynb").read_text(encoding="utf-8")
    (executed / "3-notebook.ipynb").write_text(text, encoding="utf-8")
    config = SimpleNamespace(report_repository=request.param, html_theme_options={})
    return SimpleNamespace(outdir=str(tmp_path / "html"), config=config)


@pytest.mark.parametrize("processes", [1, 2, 3, 8])
def test_chapters_are_dealt_out(app, processes):
    app.parallel = processes
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


def test_outputs_are_kept_until_the_state_changes(app, library, tmp_path):
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


def test_notebooks(app, tmp_path):
    report.write_notebooks(app, None)
    folder = tmp_path / "html" / "notebooks"
    notebook = nbformat.read(folder / "3-notebook.ipynb", as_version=4)
    nbformat.validate(notebook)
    assert all(not cell.get("outputs") for cell in notebook.cells)
    known = bool(app.config.report_repository)
    assert notebook.cells[0].source.startswith("%pip install") == known
    assert (folder / "requirements.txt").exists() == known


def test_buttons(app):
    download = {"label": "download-buttons", "buttons": []}
    context = {"header_buttons": [download], "pathto": lambda target, _: "../" + target}
    report.add_buttons(app, "book/3-notebook", "page.html", context, None)
    assert [button["url"] for button in download["buttons"]] == ["../notebooks/3-notebook.ipynb"]
    launch = [group for group in context["header_buttons"] if group["label"] == "launch-buttons"]
    if app.config.report_repository:
        assert [button["url"] for button in launch[0]["buttons"]] == [
            "https://colab.research.google.com/github/owner/name/blob/notebooks/3-notebook.ipynb",
            "https://mybinder.org/v2/gh/owner/name/notebooks?labpath=3-notebook.ipynb",
        ]
    else:
        assert not launch


def test_pages_without_code_have_no_buttons(app):
    context = {"header_buttons": []}
    report.add_buttons(app, "book/glossary", "page.html", context, None)
    assert context["header_buttons"] == []


def test_edit_links(app):
    report.set_repository(app, app.config)
    assert bool(app.config.html_theme_options) == bool(app.config.report_repository)
