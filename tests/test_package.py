"""The package: each room imports what its extra declares, and none that is behind it."""

import ast
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
from functools import cache
from pathlib import Path

import nbformat
import pytest
from packages import USE
from snapshots import ROOT, SNAPSHOTS

import nnlib

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]

# Which rooms a room may know. The core is what lies flat in nnlib; of it, the kernel is one more
# engine, which `training` may start and which knows the elementary functions alone.
MAY_KNOW = {
    "core": {"kernel"},
    "kernel": {"core"},
    "oscillation": {"core"},
    "randomness": {"core"},
    "optimizers": {"core"},
    "capacity": {"core", "optimizers", "oscillation"},
    "report": {"core", "kernel", "oscillation", "randomness", "optimizers", "capacity"},
    "__main__": {"core", "kernel", "oscillation", "randomness", "report"},  # the command line
}
# One module of the core draws, and the command line with it; that is an extra.
DRAWS = {"nnlib.animation", "nnlib.figures", "nnlib.__main__"}
# Under which name a distribution is imported, where it is another one.
IMPORTED_AS = {
    "ipython": "IPython",
    "python-flint": "flint",
    "matplotlib-inline": "matplotlib_inline",
}


def modules():
    """The modules of the package, by name."""
    for path in sorted((ROOT / "nnlib").rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        yield ".".join(part for part in parts if part != "__init__"), path


PATHS = dict(modules())


def room(module):
    """Where a module stands."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in MAY_KNOW else "core"


def imported(tree, name, is_package=False):
    """The modules that a piece of code imports, at the top or within, with the names it takes.

    A name that is taken from a package may be a module of it, so both are given. What only a
    checker of types imports is left out.
    """
    for node in _executed(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name
        elif isinstance(node, ast.ImportFrom):
            start = node.module or ""
            if node.level:
                here = name.split(".")[: None if is_package else -1]
                here = here[: len(here) - node.level + 1]
                start = ".".join([*here, *filter(None, [node.module])])
            yield start
            for alias in node.names:
                yield f"{start}.{alias.name}"


def _executed(node):
    """All below a node, but for what only a checker of types sees."""
    yield node
    for child in ast.iter_child_nodes(node):
        unseen = isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING")
        if not unseen:
            yield from _executed(child)


@cache
def imports(module):
    """What a module of the package imports: modules of the package, and other packages."""
    path = PATHS[module]
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = set(imported(tree, module, path.name == "__init__.py"))
    own = {name for name in found if name in PATHS} - {module}
    others = {name.split(".")[0] for name in found} - {"nnlib"} - set(sys.stdlib_module_names)
    return own, others


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


def test_the_rooms():
    folders = {path.parent.name for path in (ROOT / "nnlib").glob("*/__init__.py")}
    assert folders <= set(MAY_KNOW)
    assert {room(module) for module in PATHS} == folders | {"core", "__main__"}


@pytest.mark.parametrize("module", PATHS)
def test_no_import_runs_backwards(module):
    own, _ = imports(module)
    known = {room(other) for other in own}
    assert known <= {room(module)} | MAY_KNOW[room(module)]


def test_no_import_goes_in_a_circle():
    # Of a package's own __init__ nothing is asked: to take a module from a package is to load it.
    circles, done = [], set()

    def follow(module, path):
        if module in path:
            circles.append(" -> ".join([*path[path.index(module) :], module]))
        elif module not in done:
            for other in sorted(imports(module)[0] - {"nnlib", "nnlib." + room(module)}):
                follow(other, [*path, module])
            done.add(module)

    for module in PATHS:
        follow(module, [])
    assert circles == []


def needs(name):
    """What the modules of a room import beyond the standard library and the package."""
    found = [module for module in PATHS if room(module) == name and module not in DRAWS]
    return set().union(*(imports(module)[1] for module in found))


def test_the_core_needs_numpy_and_a_progress_bar():
    assert needs("core") == declared() == {"numpy", "tqdm"}


def test_what_draws_needs_matplotlib():
    drawing = set().union(*(imports(module)[1] for module in DRAWS))
    assert drawing - declared() == declared("figures") == {"matplotlib"}


@pytest.mark.parametrize("name", sorted({room(module) for module in PATHS} & set(EXTRAS)))
def test_a_room_needs_what_its_extra_declares(name):
    beyond = needs(name) - declared()
    below = set().union(*(declared(other) for other in MAY_KNOW[name] & set(EXTRAS)))
    assert beyond <= declared(name)
    assert declared(name) - below - declared("figures") <= beyond


def test_the_book_needs_what_its_extra_declares():
    found = set()
    for path in SNAPSHOTS.glob("*.ipynb"):
        for cell in nbformat.read(path, as_version=4).cells:
            found |= {name.split(".")[0] for name in imported(ast.parse(cell.source), "")}
    found -= {"nnlib"} | set(sys.stdlib_module_names)
    assert found <= declared() | declared("book")
    rooms = [name for name in EXTRAS if name in MAY_KNOW]
    assert declared("book") - set().union(*map(declared, rooms)) <= found


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("import a.b", ["a.b"]),
        ("def f():\n    from a import b", ["a", "a.b"]),
        ("from . import b", ["nnlib.x", "nnlib.x.b"]),
        ("from .b import c", ["nnlib.x.b", "nnlib.x.b.c"]),
        ("from ..b import c", ["nnlib.b", "nnlib.b.c"]),
        ("if TYPE_CHECKING:\n    import a", []),
    ],
)
def test_every_way_to_import_is_seen(code, found):
    assert list(imported(ast.parse(code), "nnlib.x.y")) == found


def test_the_version_stands_in_one_place():
    source = Path(nnlib.__file__).read_text(encoding="utf-8")
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
    run = subprocess.run([sys.executable, "-c", USE[extra]], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr


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
    assert {path.relative_to(ROOT).as_posix() for path in PATHS.values()} <= names
    assert [name for name in names if name.startswith("tests")] == []
