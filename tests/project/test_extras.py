"""A package that is missing is named, with the extra that brings it."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import nnlib
from nnlib.extras import DISTRIBUTION, extra

LIBRARY = Path(nnlib.__file__).parent
PROJECT = tomllib.loads((LIBRARY.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PACKAGES = {"IPython": "ipython", "flint": "python-flint", "matplotlib": "matplotlib"}
PACKAGES |= {"scipy": "scipy"}


def brings(name):
    """The distributions that an extra brings."""
    found = set()
    for requirement in PROJECT["optional-dependencies"][name]:
        distribution, extras = re.match(r"([\w-]+)(?:\[([\w,-]+)\])?", requirement).groups()
        if distribution == PROJECT["name"]:
            found |= set().union(*map(brings, extras.split(",")))
        else:
            found.add(distribution)
    return found


def test_the_distribution_is_this_one():
    assert PROJECT["name"] == DISTRIBUTION


def named(tree):
    """The imports of optional packages, each with the extra under whose name it stands."""
    for node in ast.walk(tree):
        within = [
            item.context_expr.args[0].value
            for item in getattr(node, "items", ())
            if ast.unparse(item.context_expr).startswith("extra(")
        ]
        for child in ast.iter_child_nodes(node):
            names = []
            if isinstance(child, ast.Import):
                names = [alias.name for alias in child.names]
            elif isinstance(child, ast.ImportFrom):
                names = [child.module or ""]
            for name in names:
                if name.partition(".")[0] in PACKAGES:
                    yield name.partition(".")[0], within[0] if within else None


def test_every_import_of_an_optional_package_names_an_extra_that_brings_it():
    found = {
        (path.relative_to(LIBRARY).as_posix(), *pair)
        for path in LIBRARY.rglob("*.py")
        for pair in named(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert {package for _, package, _ in found} == set(PACKAGES)
    wrong = [one for one in found if not one[2] or PACKAGES[one[1]] not in brings(one[2])]
    assert wrong == []


CALLS = {
    "flint": ["import nnlib.oscillation.precision", "import nnlib.capacity.bounds"],
    "matplotlib": ["import nnlib.figures", "import nnlib.animation", "import nnlib.report.display"],
    "IPython": ["import nnlib.report.display"],
    "scipy": ["from nnlib.randomness.statistics import proportion; proportion([True, False])"],
}


@pytest.mark.parametrize("package", CALLS)
def test_the_error_says_what_to_do(package):
    program = f"""if True:
        import sys
        sys.modules[{package!r}] = None
        for call in {CALLS[package]!r}:
            try:
                exec(call)
            except ImportError as error:
                print(error)
    """
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert len(found) == len(CALLS[package])
    for line in found:
        pattern = rf"{package} is not installed; it comes with the extra '(\w+)' of {DISTRIBUTION}"
        (name,) = re.fullmatch(pattern, line).groups()
        assert PACKAGES[package] in brings(name)


def test_what_else_is_missing_is_said_as_it_is():
    with pytest.raises(ModuleNotFoundError, match="No module named 'nnlib"), extra("figures"):
        import nnlib.none  # noqa: F401
    with pytest.raises(ImportError, match="cannot import name 'none'"), extra("figures"):
        from numpy import none  # noqa: F401
