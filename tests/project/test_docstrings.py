"""Every example in a docstring of the library runs, and gives what it says."""

import doctest
import pkgutil
from importlib import import_module

import pytest

import nnlib

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(nnlib.__path__, "nnlib.", onerror=lambda _: None)
)


@pytest.mark.parametrize("name", ["nnlib", *MODULES])
def test_examples(name):
    try:
        module = import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] == "nnlib":
            raise
        pytest.skip(f"{error.name} is not installed")
    result = doctest.testmod(module, raise_on_error=False)
    assert result.failed == 0


def test_there_are_examples():
    finder = doctest.DocTestFinder()
    core = [import_module(f"nnlib.{name}") for name in ("datasets", "history", "training")]
    assert all(sum(len(test.examples) for test in finder.find(module)) > 0 for module in core)
