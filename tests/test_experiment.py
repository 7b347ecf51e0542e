"""Experiments: what they are equal by, how they are written, and what is refused."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from nnlib import Experiment, f1, f2, train


def test_experiment():
    experiment = Experiment(f2, 8, 0.05, 10**4)
    assert repr(experiment) == "(f2, 8, 0.05, 10000)"
    assert repr(Experiment(f1, 3, 1.0, 1000)) == repr(Experiment(f1, 3, 1, 1000))
    assert experiment == Experiment(f2, 8, 0.05, 10_000)
    assert len({experiment, Experiment(f2, 8, 0.05, 10_000)}) == 1
    with pytest.raises(AttributeError):
        experiment.h = 3


@pytest.mark.parametrize(
    ("given", "same"),
    [
        ((np.uint8(3), 0.5, np.int8(127)), (3, 0.5, 127)),
        ((np.int64(3), np.float32(0.1), np.array(5)), (3, 0.10000000149011612, 5)),
        ((3, Fraction(1, 8), 5), (3, 0.125, 5)),
        ((3, np.float64(0.1), 5), (3, 0.1, 5)),
        ((3, 1, 5), (3, 1.0, 5)),
    ],
)
def test_numbers_become_those_of_python(given, same):
    experiment, expected = Experiment(f1, *given), Experiment(f1, *same)
    fields = experiment.h, experiment.learning_rate, experiment.epochs
    assert [type(value) for value in fields] == [int, float, int]
    assert fields == same
    assert experiment == expected and hash(experiment) == hash(expected)
    assert repr(experiment) == repr(expected) and Experiment.parse(repr(experiment)) == experiment
    assert train(experiment).checksum() == train(expected).checksum()


def test_a_function_without_a_name():
    class Line:
        def __call__(self, x):
            return x

        def __repr__(self):
            return "x"

    assert repr(Experiment(Line(), 3, 0.1, 10)) == "(x, 3, 0.1, 10)"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((f1, 1, 0.1, 10), r"h, the number .* must be an integer, at least 2, got 1"),
        ((f1, 2.5, 0.1, 10), r"h, the number .* must be an integer, at least 2, got 2.5"),
        ((f1, True, 0.1, 10), r"h, the number .* must be an integer, at least 2, got True"),
        ((f1, 3, 0, 10), r"learning_rate must be a positive, finite number, got 0"),
        ((f1, 3, -1, 10), r"learning_rate must be a positive, finite number, got -1"),
        ((f1, 3, math.inf, 10), r"learning_rate must be a positive, finite number, got inf"),
        ((f1, 3, math.nan, 10), r"learning_rate must be a positive, finite number, got nan"),
        ((f1, 3, "1", 10), r"learning_rate must be a positive, finite number, got '1'"),
        ((f1, 3, True, 10), r"learning_rate must be a positive, finite number, got True"),
        ((f1, 3, None, 10), r"learning_rate must be a positive, finite number, got None"),
        ((f1, 3, 0.1 + 0j, 10), r"learning_rate must be a positive, finite number, got \(0.1\+0j"),
        ((f1, 3, np.array(0.1), 10), r"learning_rate must be .* finite number, got array\(0.1\)"),
        ((f1, 3, np.ones(100), 10), r"learning_rate must be .* number, got array\(\[1., 1.,.*…$"),
        ((f1, 3, Decimal("0.1"), 10), r"learning_rate must be .* number, got Decimal\('0.1'\)"),
        ((f1, 3, 10**400, 10), r"learning_rate must be a positive, finite number, got 1000.*…$"),
        ((f1, 3, 10**5000, 10), r"learning_rate must be .* got one of int .* too long to print"),
        ((f1, 3, Fraction(1, 10**400), 10), r"learning_rate must be .* number, got Fraction\(1, 1"),
        ((f1, 3, np.timedelta64(3, "s"), 10), r"learning_rate must be .*, got np.timedelta64\(3"),
        ((f1, 3, np.True_, 10), r"learning_rate must be a positive, finite number, got np.True_"),
        ((f1, 3, 0.1, np.ma.array(3, mask=True)), r"epochs must be an integer, .* masked_array\("),
        ((f1, 3, 0.1, -1), r"epochs must be an integer, at least 0, got -1"),
        ((f1, 3, 0.1, 1e3), r"epochs must be an integer, at least 0, got 1000.0"),
        ((f1, 3, 0.1, True), r"epochs must be an integer, at least 0, got True"),
        ((f1, 3, 0.1, np.True_), r"epochs must be an integer, at least 0, got np.True_"),
        ((f1, 3, 0.1, np.timedelta64(3, "s")), r"epochs must be an integer, at least 0, got np.ti"),
        (("f1", 3, 0.1, 10), r"f must be a function, such as nnlib.f1, got 'f1'"),
    ],
)
def test_wrong_experiments(arguments, message):
    with pytest.raises(ValueError, match=message):
        Experiment(*arguments)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("f1 3 0.1", r"is written as 'f2 8 0.1 1200', got 'f1 3 0.1'"),
        ("f3 3 0.1 10", r"must be one of f1, f2, got 'f3'"),
        ("f1 3.0 0.1 10", r"must be an integer, a number and an integer, got '3.0 0.1 10'"),
        ("f1 3 0 10", r"learning_rate must be a positive, finite number, got 0.0"),
    ],
)
def test_wrong_texts(text, message):
    with pytest.raises(ValueError, match=message):
        Experiment.parse(text)
