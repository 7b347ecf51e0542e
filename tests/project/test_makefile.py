"""The Makefile: it spoils nothing that is not its own, and leaves nothing elsewhere."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from snapshots import ROOT

FOREIGN = "was not made here"
VENV = " -m venv .venv"

pytestmark = pytest.mark.skipif(not shutil.which("make"), reason="this machine has no make")


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "a folder, 'so' named"
    folder.mkdir()
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    (folder / "_build").mkdir()
    return folder


def program(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)


@pytest.fixture
def built(folder):
    """A folder with an environment that is ours, of this Python."""
    program(folder / ".venv/bin/python", f'exec "{sys.executable}" "$@"')
    program(folder / ".venv/bin/jupyter-book", "env > environment")
    (folder / ".venv/installed").write_bytes(state(folder))
    return folder


def state(folder):
    """What the environment of a folder follows from: the folder, and its lists of packages."""
    command = "pwd -P; cat requirements.lock pyproject.toml | cksum"
    return subprocess.run(command, shell=True, cwd=folder, capture_output=True, check=True).stdout


def make(folder, *arguments, **environment):
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS", "PYTHON"))}
    return subprocess.run(
        ["make", *arguments],
        cwd=folder,
        env=kept | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_environment_of_somebody_else_is_left_alone(folder):
    precious = folder / ".venv/bin/precious"
    program(precious, "")
    for target in ("book", "test", ".venv/installed"):
        found = make(folder, target)
        assert found.returncode == 2 and FOREIGN in found.stdout
    found = make(folder, "clean")
    assert found.returncode == 0 and FOREIGN in found.stdout
    assert precious.exists() and not (folder / "_build").exists()


def test_ones_own_is_cleaned_away(built):
    assert make(built, "clean").returncode == 0
    assert sorted(path.name for path in built.iterdir()) == [
        "Makefile",
        "pyproject.toml",
        "requirements.lock",
    ]
    assert make(built, "clean").returncode == 0  # there is nothing left, which is no fault


def test_clean_follows_no_link(folder, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "sub").mkdir(parents=True)
    (elsewhere / "installed").touch()
    shutil.rmtree(folder / "_build")
    for name in (".venv", "_build"):
        (folder / name).symlink_to(elsewhere)
    assert make(folder, "clean").returncode == 0
    assert (elsewhere / "sub").is_dir() and not (folder / "_build").is_symlink()


def test_one_that_was_begun_is_made_anew(folder):
    (folder / ".venv").mkdir()
    (folder / ".venv/begun").touch()
    stub = folder.parent / "python"
    program(stub, f'[ "$2" = venv ] && exit 7; exec "{sys.executable}" "$@"')
    found = make(folder, "book", f"PYTHON={stub}")
    assert found.returncode == 2 and FOREIGN not in found.stdout and "Error 7" in found.stderr
    assert (folder / ".venv/begun").exists()


def test_a_python_that_is_asked_for_is_taken(built):
    same, other = built.parent / "same python", built.parent / "other python"
    program(same, f'exec "{sys.executable}" "$@"')
    program(other, "echo 3.12 of another place")
    assert VENV not in make(built, "-n", "book").stdout
    assert VENV not in make(built, "-n", "book", f"PYTHON={same}").stdout
    assert f'"{other}"{VENV}' in make(built, "-n", "book", f"PYTHON={other}").stdout
    assert f'"{other}"{VENV}' in make(built, "-n", "book", PYTHON=str(other)).stdout


@pytest.mark.parametrize(
    "does",
    [
        "echo 'Python 3.11 or newer is needed' >&2; exit 1",
        "exit 0",  # as /bin/true
        f'case "$2" in *ensurepip*) exit 1;; *) exec "{sys.executable}" "$@"; esac | sed s/3/4/',
    ],
)
def test_a_python_that_does_not_do_spoils_nothing(built, does):
    other = built.parent / "other"
    program(other, does)
    (built / "_build/html").mkdir()
    for python in (other, built / "none"):
        found = make(built, "book", f"PYTHON={python}")
        assert found.returncode == 2 and f"{python} does not do" in found.stderr
        assert (built / ".venv/bin/python").exists() and (built / "_build/html").exists()


@pytest.mark.parametrize("what", ["is moved", "is copied", "has lost its Python"])
def test_an_environment_of_elsewhere_is_made_anew_before_pages_are_deleted(built, what):
    folder = built.parent / "another"
    (built / "_build/html").mkdir()
    if what == "is moved":
        built.rename(folder)
    elif what == "is copied":
        shutil.copytree(built, folder, symlinks=True)
    else:
        folder = built
        (folder / ".venv/bin/python").unlink()
        (folder / ".venv/bin/python").symlink_to(folder / "none")
    stub = folder.parent / "python"
    program(stub, f'[ "$2" = venv ] && exit 7; exec "{sys.executable}" "$@"')
    found = make(folder, "book", f"PYTHON={stub}")
    assert found.returncode == 2 and "Error 7" in found.stderr and VENV in found.stdout
    assert (folder / "_build/html").exists()


LOCK = "".join(f"{name} \\\n    --hash=sha256:0\n" for name in ("one==1", "uv==2", "zoo==3"))
ENVIRONMENT = """
echo "$*" >> log
case "$*" in
    *ensurepip*) echo good;;
    "-m venv .venv") mkdir -p .venv/bin; cp "$0" .venv/bin/python; cp ../uv .venv/bin;;
    *uv.txt*) exit {};;
esac
"""


@pytest.mark.parametrize(("pip", "uv"), [(0, 0), (1, 0), (0, 1)])
def test_uv_installs_the_lock_and_where_it_cannot_pip_does(folder, pip, uv):
    (folder / "requirements.lock").write_text(LOCK, encoding="utf-8")
    program(folder.parent / "stub", ENVIRONMENT.format(pip))
    program(folder.parent / "uv", f'echo "uv $*" >> log; exit {uv}')
    found = make(folder, ".venv/installed", f"PYTHON={folder.parent / 'stub'}")
    assert found.returncode == 0, found.stderr
    said = (folder / "log").read_text(encoding="utf-8")
    by_pip = " install --require-hashes -r .venv/rest.txt" in said.replace("uv pip install", "")
    assert ("uv pip install" in said) == (pip == 0)
    assert by_pip == ("Without uv" in found.stdout) == bool(pip or uv)
    read = {name: (folder / f".venv/{name}.txt").read_text("utf-8") for name in ("uv", "rest")}
    assert read["uv"] + read["rest"] == "".join(
        LOCK.splitlines(keepends=True)[n] for n in (2, 3, 0, 1, 4, 5)
    )
    assert (folder / ".venv/installed").read_bytes() == state(folder)
    assert make(folder, "-q", ".venv/installed").returncode == 0


def test_the_workflow_is_checked_without_a_repository(built):
    (tool,) = Path(sys.executable).parent.glob("actionlint")
    shutil.copytree(ROOT / ".github", built / ".github")
    for name in ("ruff", "codespell", "pyright", "deno", "lint-imports"):
        program(built / ".venv/bin" / name, "")
    (built / ".venv/bin/actionlint").symlink_to(tool)
    found = make(built, "lint")
    assert found.returncode == 0, found.stderr
    workflow = built / ".github/workflows/book.yml"
    workflow.write_text("on: never\n", encoding="utf-8")
    assert make(built, "lint").returncode == 2


@pytest.mark.parametrize("name", ["requirements.lock", "pyproject.toml"])
def test_an_environment_is_made_anew_for_other_packages_and_not_for_another_time(built, name):
    os.utime(built / name, (2**33, 2**33))
    assert VENV not in make(built, "-n", "book").stdout
    with open(built / name, "a", encoding="utf-8") as stream:
        stream.write("# another\n")
    os.utime(built / name, (0, 0))
    assert VENV in make(built, "-n", "book").stdout


def test_what_is_asked_for_is_made_one_after_the_other(built):
    program(built / ".venv/bin/jupyter-book", "sleep 0.3; echo book >> log")
    for name in ("ruff", "codespell", "pyright", "deno", "actionlint", "lint-imports", "python"):
        program(built / ".venv/bin" / name, f"echo {name} >> log")
    make(built, "-j4", "book", "lint")
    lines = (built / "log").read_text(encoding="utf-8").splitlines()
    assert lines.index("book") < lines.index("ruff")


def test_what_is_changed_in_a_notebook_stays(built):
    notebooks = built / "_build/html/notebooks"
    notebooks.mkdir(parents=True)
    (notebooks / "one.ipynb").write_text("as built", encoding="utf-8")
    (notebooks / "two.ipynb").write_text("as built", encoding="utf-8")
    (built / "notebooks").mkdir()
    (built / "notebooks/one.ipynb").write_text("changed", encoding="utf-8")
    program(built / ".venv/lab/bin/jupyter-lab", 'echo "opened $1"')
    (built / ".venv/lab/installed").touch()
    found = make(built, "lab")
    assert found.returncode == 0 and "opened notebooks" in found.stdout, found.stderr
    kept = {path.name: path.read_text(encoding="utf-8") for path in (built / "notebooks").iterdir()}
    assert kept == {"one.ipynb": "changed", "two.ipynb": "as built"}


def test_no_chapter_is_run_for_a_pdf_without_a_browser(built):
    ask = f'[ "$1" = -c ] && exec "{sys.executable}" "$@"; echo "asked $1"; exit 1'
    program(built / ".venv/bin/python", ask)
    found = make(built, "pdf")
    assert found.returncode == 2 and "asked book/_extensions/chromium.py" in found.stdout
    assert not (built / "environment").exists()


def test_nothing_of_an_earlier_book_is_left(built):
    stale = built / "_build/html/slides/renamed.html"
    stale.parent.mkdir(parents=True)
    stale.touch()
    assert make(built, "book").returncode == 0
    assert not stale.exists()


def test_nothing_is_left_elsewhere_and_no_home_is_needed(built):
    found = make(built, "book", HOME="/dev/null/nowhere")
    assert found.returncode == 0, found.stderr
    lines = (built / "environment").read_text(encoding="utf-8").splitlines()
    environment = dict(line.split("=", 1) for line in lines if "=" in line)
    where = """if True:
        from IPython.paths import get_ipython_dir
        from jupyter_core.paths import jupyter_config_dir, jupyter_data_dir, jupyter_runtime_dir
        from matplotlib import get_cachedir, get_configdir
        for get in (get_ipython_dir, jupyter_config_dir, jupyter_data_dir, jupyter_runtime_dir):
            print(get())
        print(get_cachedir(), get_configdir(), sep="\\n")
    """
    found = subprocess.run(
        [sys.executable, "-W", "error", "-c", where],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (found.returncode, found.stderr) == (0, "")
    folders = found.stdout.splitlines()
    assert len(folders) == 6
    assert all(Path(folder).is_relative_to(built / ".venv") for folder in folders)
