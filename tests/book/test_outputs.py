"""What chapters put out is kept as long as nothing changes that it follows from."""

import os
import subprocess
import sys
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
    installed = [SimpleNamespace(name="NumPy", version="1"), *outputs.distributions()]
    monkeypatch.setattr(outputs, "distributions", lambda: installed)
    states.add(outputs.state())
    monkeypatch.setattr(outputs.sys, "version", "3.99")
    states.add(outputs.state())
    monkeypatch.setattr(outputs.platform, "machine", lambda: "another")
    states.add(outputs.state())
    monkeypatch.setattr(outputs.platform, "libc_ver", lambda: ("another", "1"))
    states.add(outputs.state())
    assert len(states) == 9


def test_nothing_changes_with_what_no_output_follows_from(library, monkeypatch):
    state = outputs.state()
    installed = [SimpleNamespace(name="unrelated", version="1"), *outputs.distributions()]
    monkeypatch.setattr(outputs, "distributions", lambda: installed)
    monkeypatch.setattr(outputs.platform, "release", lambda: "another")
    monkeypatch.setattr(outputs.platform, "platform", lambda **kwargs: "Another-1.0")
    assert outputs.state() == state


def test_outputs_are_kept_until_the_state_changes(library, tmp_path):
    config = SimpleNamespace(nb_execution_allow_errors=False, nb_execution_timeout=9)
    app = SimpleNamespace(outdir=str(tmp_path / "html"), config=config)

    def kept():
        return [folder.name for folder in (tmp_path / "outputs").iterdir() if folder.is_dir()]

    (tmp_path / "outputs").mkdir()
    (tmp_path / "outputs" / ".DS_Store").touch()  # as the Finder leaves one in a folder
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


def test_outputs_are_not_kept_where_errors_are_allowed(library, tmp_path):
    config = SimpleNamespace(nb_execution_allow_errors=True, nb_execution_timeout=9)
    app = SimpleNamespace(outdir=str(tmp_path / "html"), config=config)
    outputs.keep_outputs(app, config)
    lenient = Path(config.nb_execution_cache_path)
    config.nb_execution_allow_errors = False
    outputs.keep_outputs(app, config)
    assert not lenient.exists()  # nor if that build was interrupted

    config.nb_execution_allow_errors = True
    outputs.keep_outputs(app, config)
    outputs.forget_outputs(app, None)
    assert list((tmp_path / "outputs").iterdir()) == []


CHAPTER = """\
---
kernelspec: {{name: python3, display_name: Python 3}}
---
# Title

```{{code-cell}}
{}
```
"""


RUN = """
import os, sys
from pathlib import Path
from types import SimpleNamespace
import outputs

folder, names = Path(sys.argv[1]), sys.argv[2:]
config = SimpleNamespace(nb_execution_allow_errors=False, nb_execution_timeout=300)
outputs.state = lambda: "state"
outputs.keep_outputs(SimpleNamespace(outdir=str(folder / "html")), config)
env = SimpleNamespace(doc2path=lambda name: str(folder / f"{name}.md"))
outputs.run_ahead(SimpleNamespace(config=config), env, names)
"""


@pytest.mark.slow  # 5 s: kernels, as each `make book` starts them
def test_chapters_are_run_before_they_are_read(tmp_path):
    texts = {"good": CHAPTER.format("print(6 * 7)"), "bad": CHAPTER.format("1 / 0"), "prose": "# A"}
    for name, text in texts.items():
        (tmp_path / f"{name}.md").write_text(text, encoding="utf-8")

    def run_ahead(*names):
        command = [sys.executable, "-c", RUN, tmp_path, *names]
        places = [str(Path(outputs.__file__).parent), os.environ.get("PYTHONPATH", "")]
        path = {"PYTHONPATH": os.pathsep.join(filter(None, places))}
        found = subprocess.run(
            command, env=os.environ | path, capture_output=True, text=True, check=False
        )
        others = [it for it in found.stderr.splitlines() if it != "bad.md failed, and is run again"]
        assert (found.returncode, others) == (0, [])  # no kernel warns of anything

    run_ahead(*texts)
    with outputs.open_cache(tmp_path / "outputs" / "state") as cache:
        (record,) = cache.list_cache_records()
        assert Path(record.uri).stem == "good"
        good = outputs.read_myst_markdown_notebook(texts["good"])
        assert cache.merge_match_into_notebook(good)[1].cells[1].outputs[0].text == "42\n"
        run_ahead("good")
        assert [it.pk for it in cache.list_cache_records()] == [record.pk]  # it is not run again
