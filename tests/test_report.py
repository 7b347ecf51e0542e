"""What the book offers once its repository is known, and nothing of it until then."""

import sys
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
