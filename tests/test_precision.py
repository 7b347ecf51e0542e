"""Any number of bits, and balls: against fractions, against doubles, and at their limits."""

import re
from dataclasses import replace
from decimal import Decimal, localcontext
from fractions import Fraction

import numpy as np
import pytest
from flint import ctx

from nnlib import Experiment, f1, get_initial_weights, train
from nnlib.oscillation import certificate, ladder, precision

SMALL = {
    "train_set": ([-1.5, 0.25, 2.0], [0.5, 1.0, 1.75]),
    "test_set": ([0.5, -0.75], [1.0, 0.8]),
    "weights": ([[0.3, -0.2]], [[0.7, 0.1]]),
}


def _exp(z):
    with localcontext() as context:
        context.prec = 60
        return Fraction((Decimal(z.numerator) / Decimal(z.denominator)).exp())


def _cut(bits):
    """Cut a fraction to so many binary digits, towards zero."""

    def cut(value):
        if value == 0:
            return value
        exponent = bits - (abs(value.numerator).bit_length() - value.denominator.bit_length())
        for shift in (exponent, exponent - 1, exponent + 1):
            digits = abs(value) * Fraction(2) ** shift
            if 2 ** (bits - 1) <= digits < 2**bits:
                return Fraction(int(digits) * (1 if value > 0 else -1)) / Fraction(2) ** shift
        raise AssertionError(value)

    return cut


def _run(cut, learning_rate, epochs):
    """The document's recursion for h = 2 on one sample after the other."""
    x, y = (list(map(Fraction, values)) for values in SMALL["train_set"])
    x_test, y_test = (list(map(Fraction, values)) for values in SMALL["test_set"])
    (u0, u1), (v0, v1) = (map(Fraction, row[0]) for row in SMALL["weights"])
    rate, N, one = Fraction(learning_rate), len(x), Fraction(1)

    def hidden(x):
        return cut(one / cut(one + cut(_exp(-cut(cut(u0 * x) + u1)))))

    def total(terms):
        result = terms[0]
        for term in terms[1:]:
            result = cut(result + term)
        return result

    def mean(terms):
        return cut(total(terms) / len(terms))

    errors = []
    for _ in range(epochs + 1):
        e = [cut(cut(cut(v0 * hidden(a)) + v1) - b) for a, b in zip(x_test, y_test, strict=True)]
        errors.append(cut(mean([cut(d * d) for d in e]) / 2))
        H = [hidden(a) for a in x]
        e = [cut(cut(cut(v0 * c) + v1) - b) for b, c in zip(y, H, strict=True)]
        e_H = [cut(d * c) for c, d in zip(H, e, strict=True)]
        slope = [cut(cut(one - c) * d) for c, d in zip(H, e_H, strict=True)]
        sums = total(e_H), total(e), total([cut(s * a) for s, a in zip(slope, x, strict=True)])
        sums = (*sums[:2], cut(sums[2] * v0), cut(total(slope) * v0))
        v0, v1, u0, u1 = (
            cut(w - cut(cut(rate * s) / N)) for w, s in zip((v0, v1, u0, u1), sums, strict=True)
        )
    return errors, (u0, u1, v0, v1)


@pytest.mark.parametrize("bits", [2, 11, 24, 53])
def test_every_operation_is_cut(bits):
    history = precision.train(Experiment(f1, 2, 0.75, 4), bits, **SMALL)
    errors, _ = _run(_cut(bits), 0.75, 4)
    np.testing.assert_array_equal(history.test_error, np.array(errors, dtype=float))
    _, (u0, u1, v0, v1) = _run(_cut(bits), 0.75, 3)  # which returns the weights one update later
    np.testing.assert_array_equal(history.U[-1], [[float(u0), float(u1)]])
    np.testing.assert_array_equal(history.V[-1], [float(v0), float(v1)])


def test_it_is_the_training_of_doubles_but_for_rounding():
    experiment = Experiment(f1, 3, 1, 50)
    doubles = train(experiment)
    for bits in (24, 53, 100):
        tolerance = 4000 * 2.0 ** -min(bits, 53)  # some units in the last place for each sample
        history = precision.train(experiment, bits)
        for name in ("test_error", "train_error", "U", "V", "grad_U", "grad_V"):
            ours, theirs = getattr(history, name), getattr(doubles, name)
            assert ours.shape == theirs.shape
            np.testing.assert_allclose(ours, theirs, rtol=0, atol=tolerance * abs(theirs).max())
        assert repr(history.arithmetic) == f"{bits} bits"
    assert abs(precision.train(experiment, 24).U - doubles.U).max() > 1e-8  # but 24 bits are fewer


def test_a_ball_holds_what_exact_arithmetic_gives():
    errors, _ = _run(lambda value: value, 0.75, 2)
    proof = precision.enclose(Experiment(f1, 2, 0.75, 2), 200, **SMALL)
    for (low, high), exact in zip(proof.test_error, errors, strict=True):
        assert Fraction(low) < exact < Fraction(high)
        assert high - low < 1e-15 * high
    middle, radius = re.fullmatch(r"\[(\S+) \+/- (\S+)\]", proof.digits[-1]).groups()
    assert abs(Fraction(middle) - errors[-1]) <= Fraction(radius) < 1e-28
    assert 0 < proof.radius[0] < proof.radius[-1] < 1e-50
    swapped = {**SMALL, "train_set": SMALL["test_set"], "test_set": SMALL["train_set"]}
    other = precision.enclose(Experiment(f1, 2, 0.75, 0), 200, **swapped)
    np.testing.assert_array_equal(proof.train_error[0], other.test_error[0])


def test_what_is_proven_and_what_is_not():
    def proof(lower, upper):
        bounds = np.array([lower, upper]).T
        return precision.Enclosure(Experiment(f1, 2, 1, 2), 53, "", bounds, bounds, (), bounds)

    assert proof([5, 4, 2], [5, 4, 3]).falls_until == 2
    assert proof([5, 4, 2], [5, 4, 3]).best_epoch == 2
    assert proof([5, 3, 2], [5, 4, 3]).falls_until == 1  # 3 and 3 may be the same
    assert proof([5, 3, 2], [5, 4, 3]).best_epoch is None
    assert proof([5, 2, 3], [5, 2, 4]).falls_until == 1


def test_bits_run_out_with_a_word_on_how_many_would_do():
    experiment = Experiment(f1, 3, 1, 60)
    with pytest.raises(ArithmeticError, match=r"64 bits last for \d+ epochs of .*, 60\)") as error:
        precision.enclose(experiment, 64)
    epoch, needed = map(
        int, re.search(r"for (\d+) epochs .* about (\d+)", str(error.value)).groups()
    )
    assert 20 < epoch < 60
    assert len(precision.enclose(experiment, needed).digits) == 61
    assert len(precision.enclose(Experiment(f1, 3, 1, epoch - 1), 64).digits) == epoch


@pytest.mark.parametrize("compute", [precision.train, precision.enclose])
def test_bad_input(compute):
    experiment = Experiment(f1, 3, 1, 3)
    for bits in (1, 0, -5, 53.0, "53"):
        with pytest.raises(ValueError, match=f"bits must be an integer, at least 2, got {bits!r}"):
            compute(experiment, bits)
    with pytest.raises(ValueError, match="the training set must be finite"):
        compute(experiment, 53, train_set=([1.0, np.nan], [1.0, 1.0]))
    with pytest.raises(ValueError, match="for h = 3, U and V must have the shapes"):
        compute(experiment, 53, weights=get_initial_weights(4))
    with pytest.raises(TypeError, match="experiment must be an Experiment, got 'f1'"):
        compute("f1", 53)


def test_overflow():
    with pytest.raises(OverflowError, match=r"5, 400\) overflows at epoch \d+: the learning rate"):
        precision.train(Experiment(f1, 3, 5, 400), 30)
    with pytest.raises(OverflowError, match="overflows at epoch 1: the learning rate"):
        precision.enclose(Experiment(f1, 3, 1e200, 5), 5000)


def test_the_precision_of_the_session_is_left_alone():
    before = ctx.prec
    precision.train(Experiment(f1, 2, 1, 1), 20)
    precision.enclose(Experiment(f1, 2, 1, 1), 200)
    with pytest.raises(ArithmeticError):
        precision.enclose(Experiment(f1, 3, 1, 60), 20)
    assert ctx.prec == before


def test_the_certificate():
    proof = certificate.load()
    falls = proof.falls_until
    assert falls >= 1000
    assert proof.test_error[falls + 1, 0] > proof.test_error[falls, 1]  # it rises, as the book says
    assert proof.best_epoch > falls
    short = precision.enclose(Experiment(f1, 3, 1, 20), 100)
    assert certificate.agree(short, proof)
    U, V = get_initial_weights(3)
    U[0, 0] = np.nextafter(U[0, 0], 1)
    other = precision.enclose(Experiment(f1, 3, 1, 20), 100, weights=(U, V))
    assert not certificate.agree(other, proof)
    assert not certificate.agree(replace(proof, test_error=proof.test_error * 1.001), proof)
    lower, upper = proof.test_error[:1001].T
    many, few = (ladder.load(proof.experiment)[bits][:1001] for bits in (256, 128))
    assert np.all((lower <= many) & (many <= upper))
    assert not np.all((lower <= few) & (few <= upper))


def test_the_statement_says_what_holds():
    proof = certificate.load()
    text = certificate.statement(proof, 1000)
    assert proof.inputs in text
    assert f"falls at every epoch up to {proof.falls_until}." in text
    assert f"E[1000] is in {proof.digits[1000]}" in text
    short = precision.enclose(Experiment(f1, 3, 1, 2), 100)
    assert "It rises" not in certificate.statement(short)
