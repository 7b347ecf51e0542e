"""Any number of bits, and balls: against fractions, against doubles, and at their limits."""

import pickle
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import partial

import numpy as np
import pytest
from flint import ctx

from nnlib import Experiment, f1, get_initial_weights, train
from nnlib.oscillation import certificate, sweep
from nnlib.oscillation.enclosure import Enclosure, enclose
from nnlib.oscillation.precision import train_with_bits

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


def _output(cut, weights, x):
    """What the network with h = 2 and these weights gives."""
    u0, u1, v0, v1 = weights
    hidden = cut(1 / cut(1 + cut(_exp(-cut(cut(u0 * x) + u1)))))
    return cut(cut(v0 * hidden) + v1)


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
    history = train_with_bits(Experiment(f1, 2, 0.75, 4), bits, **SMALL)
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
        history = train_with_bits(experiment, bits)
        for name in ("test_error", "train_error", "U", "V", "grad_U", "grad_V"):
            ours, theirs = getattr(history, name), getattr(doubles, name)
            assert ours.shape == theirs.shape
            np.testing.assert_allclose(ours, theirs, rtol=0, atol=tolerance * abs(theirs).max())
    assert abs(train_with_bits(experiment, 24).U - doubles.U).max() > 1e-8  # but 24 bits are fewer


def test_a_ball_holds_what_exact_arithmetic_gives():
    errors, _ = _run(lambda value: value, 0.75, 2)
    proof = enclose(Experiment(f1, 2, 0.75, 2), 200, **SMALL)
    for (low, high), exact in zip(proof.test_error, errors, strict=True):
        assert Fraction(low) < exact < Fraction(high)
        assert high - low < 1e-15 * high
    middle, radius = re.fullmatch(r"\[(\S+) \+/- (\S+)\]", proof.digits[-1]).groups()
    assert abs(Fraction(middle) - errors[-1]) <= Fraction(radius) < 1e-28
    assert -205 < proof.radius_exponent[0] < proof.radius_exponent[-1] < -166
    assert Fraction(radius) > Fraction(2) ** int(proof.radius_exponent[-1])  # with fewer digits
    swapped = {**SMALL, "train_set": SMALL["test_set"], "test_set": SMALL["train_set"]}
    other = enclose(Experiment(f1, 2, 0.75, 0), 200, **swapped)
    np.testing.assert_array_equal(proof.train_error[0], other.test_error[0])


def test_what_is_proven_and_what_is_not():
    def proof(lower, upper):
        bounds = np.array([lower, upper]).T
        return Enclosure(Experiment(f1, 2, 1, 2), 53, "", bounds, bounds, (), np.zeros(3, int))

    assert proof([5, 4, 2], [5, 4, 3]).falls_until == 2
    assert proof([5, 4, 2], [5, 4, 3]).best_epoch == 2
    assert proof([5, 3, 2], [5, 4, 3]).falls_until == 1  # 3 and 3 may be the same
    assert proof([5, 3, 2], [5, 4, 3]).best_epoch is None
    assert proof([5, 2, 3], [5, 2, 4]).falls_until == 1


def test_bits_run_out_with_a_word_on_how_many_would_do():
    experiment = Experiment(f1, 3, 1, 60)
    with pytest.raises(ArithmeticError, match=r"64 bits last for \d+ epochs of .*, 60\)") as error:
        enclose(experiment, 64)
    epoch, needed = map(
        int, re.search(r"for (\d+) epochs .* about (\d+)", str(error.value)).groups()
    )
    assert 20 < epoch < 60
    assert len(enclose(experiment, needed).digits) == 61
    assert len(enclose(Experiment(f1, 3, 1, epoch - 1), 64).digits) == epoch


@pytest.mark.parametrize("compute", [train_with_bits, enclose])
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


@pytest.mark.slow  # 2 s: 400 epochs in 30 bits
def test_overflow():
    with pytest.raises(OverflowError, match=r"5, 400\) overflows at epoch \d+: the learning rate"):
        train_with_bits(Experiment(f1, 3, 5, 400), 30)
    with pytest.raises(OverflowError, match="overflows at epoch 1: the learning rate"):
        enclose(Experiment(f1, 3, 1e200, 5), 5000)


def test_a_history_predicts_with_the_bits_of_its_run():
    x = np.array([-1.5, 0.25, 2.0])
    for bits in (11, 24):
        history = train_with_bits(Experiment(f1, 2, 0.75, 2), bits, **SMALL)
        _, weights = _run(_cut(bits), 0.75, 1)
        expected = [float(_output(_cut(bits), weights, Fraction(value))) for value in x]
        np.testing.assert_array_equal(history.predict(x), expected)
        assert repr(history.arithmetic) == f"{bits} bits"
        again = pickle.loads(pickle.dumps(history))
        assert again.predict(0.25) == expected[1]
        assert history.predict([]).shape == (0,)
        assert history.predict(x.reshape(3, 1)).shape == (3, 1)
        with pytest.raises(TypeError, match=f"for {bits} bits use .*train_with_bits"):
            train(Experiment(f1, 2, 0.75, 2), arithmetic=history.arithmetic)
    doubles = train(Experiment(f1, 2, 0.75, 2), **SMALL).predict(x)
    many = train_with_bits(Experiment(f1, 2, 0.75, 2), 200, **SMALL).predict(x)
    np.testing.assert_allclose(many, doubles, rtol=1e-14)
    assert abs(expected / doubles - 1).max() > 1e-9


def test_threads_take_turns():
    experiment, before = Experiment(f1, 2, 1, 12), ctx.prec
    alone = {bits: train_with_bits(experiment, bits).test_error for bits in (24, 80)}
    with ThreadPoolExecutor(2) as pool:
        together = {bits: pool.submit(train_with_bits, experiment, bits) for bits in alone}
        proof = pool.submit(enclose, experiment, 200)
        for bits, future in together.items():
            np.testing.assert_array_equal(future.result().test_error, alone[bits])
        digits = proof.result().digits
    assert digits == enclose(experiment, 200).digits
    assert ctx.prec == before
    assert not np.array_equal(*alone.values())


@pytest.mark.parametrize("compute", [train_with_bits, enclose])
def test_a_precision_changed_from_outside_is_an_error(compute, monkeypatch):
    before = ctx.prec

    def meddle(descend, *args):
        for n, state in enumerate(descend(*args)):
            if n == 1:
                ctx.prec = 77
            yield state

    module = sys.modules[compute.__module__]
    monkeypatch.setattr(module, "descend", partial(meddle, module.descend))
    with pytest.raises(
        RuntimeError, match="other code has set flint's precision to 77 while a run"
    ):
        compute(Experiment(f1, 2, 1, 5), 60)
    assert ctx.prec == before


def test_the_precision_of_the_session_is_left_alone():
    before = ctx.prec
    train_with_bits(Experiment(f1, 2, 1, 1), 20)
    enclose(Experiment(f1, 2, 1, 1), 200)
    with pytest.raises(ArithmeticError):
        enclose(Experiment(f1, 3, 1, 60), 20)
    assert ctx.prec == before


def test_the_certificate():
    proof = certificate.load()
    falls = proof.falls_until
    assert falls >= 1000
    assert proof.test_error[falls + 1, 0] > proof.test_error[falls, 1]  # it rises, as the book says
    assert proof.best_epoch > falls
    short = enclose(Experiment(f1, 3, 1, 20), 100)
    assert certificate.agree(short, proof)
    U, V = get_initial_weights(3)
    U[0, 0] = np.nextafter(U[0, 0], 1)
    other = enclose(Experiment(f1, 3, 1, 20), 100, weights=(U, V))
    assert not certificate.agree(other, proof)
    assert not certificate.agree(replace(proof, test_error=proof.test_error * 1.001), proof)
    lower, upper = proof.test_error[:1001].T
    many, few = (sweep.load(proof.experiment)[bits][:1001] for bits in (256, 128))
    assert np.all((lower <= many) & (many <= upper))
    assert not np.all((lower <= few) & (few <= upper))


def test_radii_do_not_underflow():
    proof = certificate.load()
    exponents = proof.radius_exponent
    assert np.all(np.diff(exponents) >= 0)
    assert exponents[0] < -1074 - 1000  # less than any double
    for epoch in (0, 100, 1000, 1200):  # the decimal radius has rounded the digits, too
        radius = Decimal(re.search(r"\+/- (\S+)\]", proof.digits[epoch])[1])
        assert Fraction(2) ** int(exponents[epoch]) <= Fraction(radius)
    few, many = (enclose(Experiment(f1, 3, 1, 12), bits).radius_exponent for bits in (120, 3000))
    assert np.all(abs(many - few + 2880) <= 2)  # the same but for the bits it began with


def test_a_stale_certificate_says_so(monkeypatch):
    def other(x):
        return 1.01 * f1(x)

    other.__name__ = "f1"
    monkeypatch.setattr(certificate, "EXPERIMENT", Experiment(other, 3, 1, 1200))
    with pytest.raises(
        ValueError, match=r"certificate.npz is stale: it is of \(f1, 3, 1, 1200\) fr"
    ):
        certificate.load()


def test_the_statement_says_what_holds():
    proof = certificate.load()
    text = certificate.statement(proof, 1000)
    assert proof.inputs in text
    assert f"falls at every epoch up to {proof.falls_until}." in text
    assert f"E[1000] is in {proof.digits[1000]}" in text
    short = enclose(Experiment(f1, 3, 1, 2), 100)
    assert "It rises" not in certificate.statement(short)
