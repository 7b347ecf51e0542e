"""The package: each subpackage imports what its extra declares, and the core is as long as is said.

Which subpackages a subpackage may import is a contract in pyproject.toml, which `make lint` holds.
"""

import ast
import re
import shutil
import subprocess
import sys
import tarfile
import tokenize
import tomllib
from pathlib import Path

import nbformat
import pytest
from packages import USE
from snapshots import ROOT, SNAPSHOTS

import nnlib

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]

# One module of the core draws, and the command line with it; that is an extra.
DRAW = {ROOT / "nnlib" / f"{name}.py" for name in ("animation", "figures", "__main__")}
# Under which name a distribution is imported, where it is another one.
IMPORTED_AS = {
    "ipython": "IPython",
    "python-flint": "flint",
    "matplotlib-inline": "matplotlib_inline",
}
# Each is a folder, with an extra of its name if it needs one; the core lies flat in nnlib.
ROOMS = {path.parent.name for path in (ROOT / "nnlib").glob("*/__init__.py")}


def imported(code):
    """The packages that a piece of code imports, at the top or within, but for those of Python."""
    found = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add(node.module)
    return {name.split(".")[0] for name in found} - {"nnlib"} - set(sys.stdlib_module_names)


def declared(extra=None):
    """The packages that the core, or an extra, brings, under the names of their imports."""
    found = set()
    for requirement in PROJECT["dependencies"] if extra is None else EXTRAS[extra]:
        name, extras = re.match(r"([\w-]+)(?:\[([\w,-]+)\])?", requirement).groups()
        if name == PROJECT["name"]:
            found |= set().union(*(declared(each) for each in extras.split(",")))
        else:
            found.add(IMPORTED_AS.get(name, name))
    return found


def needs(*paths):
    """What these modules import beyond the standard library and the package."""
    return set().union(*(imported(path.read_text(encoding="utf-8")) for path in paths))


def test_the_core_needs_numpy_and_a_progress_bar():
    core = {*(ROOT / "nnlib").glob("*.py")} - DRAW
    assert needs(*core) == declared() == {"numpy", "tqdm"}


def test_what_draws_needs_matplotlib():
    assert needs(*DRAW) - declared() == declared("figures") == {"matplotlib"}


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_a_room_needs_what_its_extra_declares(room):
    beyond = needs(*(ROOT / "nnlib" / room).glob("*.py")) - declared()
    if room not in EXTRAS:
        assert beyond == set()
        return
    others = [re.findall(r"\[(.*)\]", requirement) for requirement in EXTRAS[room]]
    below = {extra for found in others for names in found for extra in names.split(",")}
    brought = set().union(*map(declared, below))
    assert beyond <= declared(room)
    assert declared(room) - brought <= beyond


def test_the_book_needs_what_its_extra_declares():
    found = set()
    for path in SNAPSHOTS.glob("*.ipynb"):
        for cell in nbformat.read(path, as_version=4).cells:
            found |= imported(cell.source)
    assert found <= declared() | declared("book")
    assert declared("book") - set().union(*map(declared, ROOMS & set(EXTRAS))) <= found


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("import a.b", {"a"}),
        ("import sys, a", {"a"}),
        ("def f():\n    from a.b import c", {"a"}),
        ("from . import b", set()),
        ("from nnlib.b import c", set()),
    ],
)
def test_every_way_to_import_is_seen(code, found):
    assert imported(code) == found


def size(path):
    """How many lines of a module are code, and how many are docstrings."""
    code, docstrings, start = set(), set(), True
    silent = {tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    with tokenize.open(path) as file:
        for token in tokenize.generate_tokens(file.readline):
            if token.type == tokenize.NEWLINE:
                start = True
            elif token.type not in silent:  # a string that begins a line is a docstring here
                lines = docstrings if start and token.type == tokenize.STRING else code
                lines |= {*range(token.start[0], token.end[0] + 1)}
                start = False
    return len(code), len(docstrings)


def test_the_reference_says_how_long_the_core_is():
    text = " ".join((ROOT / "book" / "api" / "core.md").read_text(encoding="utf-8").split())
    said = re.findall(r"([\d,]+) lines of code and ([\d,]+) of docstrings", text)
    eight = re.search(r"Eight modules [^:]*: (.*?)\.", text)[1]
    core = [*(ROOT / "nnlib").glob("*.py")]
    first = [ROOT / "nnlib" / f"{name}.py" for name in re.findall(r"`(\w+)`", eight)]
    assert (len(said), len(first)) == (2, 8)
    for numbers, paths in zip(said, (core, first), strict=True):
        found = map(sum, zip(*map(size, paths), strict=True))
        given = [int(number.replace(",", "")) for number in numbers]
        assert given == [pytest.approx(lines, rel=0.05) for lines in found]


def test_the_version_stands_in_one_place():
    source = (Path(nnlib.__file__).parent / "version.py").read_text(encoding="utf-8")
    assert re.findall(r"^__version__ = (.*)$", source, re.MULTILINE) == [f'"{nnlib.__version__}"']
    assert PROJECT["dynamic"] == ["version"] and "version" not in PROJECT


def test_what_cannot_read_the_version_agrees_with_it():
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {nnlib.__version__}\n" in citation
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    version, date = re.search(r"^## (\S+), (.+)$", changes, re.MULTILINE).groups()
    assert version == nnlib.__version__
    assert date == "not yet released" or f"\ndate-released: {date}\n" in citation


def test_the_name_of_the_distribution_is_the_same_everywhere():
    for file in ("README.md", "CONTRIBUTING.md", "book/_extensions/notebooks.py"):
        assert PROJECT["name"] in (ROOT / file).read_text(encoding="utf-8")
    for path in [*ROOT.glob("*.md"), *(ROOT / "book").rglob("*.md"), *ROOT.glob("book/*/*.py")]:
        text = Path(path).read_text(encoding="utf-8")
        assert not re.search(r"pip install[^\n`]*\bnnlib\b", text)


@pytest.mark.parametrize("extra", sorted(set(USE) - {"cluster", "book"}))
def test_what_is_tried_with_an_extra_runs_here(extra):
    # `make packages` runs the same in an environment for each; what has been renamed shows sooner.
    exec(USE[extra], {})


@pytest.mark.slow  # 2 s: an archive is built
def test_the_source_distribution_has_the_package_and_no_test_that_cannot_run(tmp_path):
    shutil.copytree(ROOT / "nnlib", tmp_path / "nnlib")
    for name in ("pyproject.toml", "MANIFEST.in", PROJECT["readme"], *PROJECT["license-files"]):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_it.py").touch()
    program = "from setuptools import build_meta; build_meta.build_sdist('made')"
    subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, timeout=200, check=True
    )
    (archive,) = (tmp_path / "made").iterdir()
    with tarfile.open(archive) as packed:
        names = {name.partition("/")[2] for name in packed.getnames()}
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "nnlib").rglob("*.py")}
    assert modules <= names
    assert [name for name in names if name.startswith("tests")] == []
