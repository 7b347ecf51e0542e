"""Normal random numbers: those of numpy, but for the last bits of the tail."""

from decimal import Context, Decimal
from math import copysign

import numpy as np
import pytest

from nnlib import get_new_random_weights
from nnlib.normal import _INVERSE, _TAIL, _minus_log, normal


@pytest.mark.parametrize(
    "m", [1, 2, 3, 2**52, 2**53 - 1, 2**53, *np.random.default_rng(1).integers(1, 2**53, 500)]
)
def test_the_logarithm_is_rounded_once(m):
    context = Context(prec=60)
    exact = context.ln(context.divide(Decimal(int(m)), Decimal(2**53)))
    assert _minus_log(int(m)) == float(-exact)


@pytest.mark.parametrize(("seed", "size"), [(1, (3, 2000)), (2, 4000), (5, (200, 300)), (6, 0)])
def test_they_are_numpys_but_for_the_last_bits_of_the_tail(seed, size):
    ours, theirs = np.random.default_rng(seed), np.random.default_rng(seed)
    ours.integers(5, dtype=np.uint32), theirs.integers(5, dtype=np.uint32)  # half a number is kept
    z, wanted = normal(ours, 0.5, size), theirs.normal(0, 0.5, size)
    assert z.shape == wanted.shape
    in_tail = abs(wanted) > 0.5 * _TAIL
    np.testing.assert_array_equal(z[~in_tail], wanted[~in_tail])
    np.testing.assert_array_max_ulp(z, wanted, 2)
    assert ours.bit_generator.state == theirs.bit_generator.state


def test_a_tail_has_its_own_uniform_number():
    """From the raw numbers, as the ziggurat takes them: the first pair that it does not reject."""
    found = 0
    for seed in range(10_000, 20_000):
        raw = [int(n) >> 11 for n in np.random.PCG64(seed).random_raw(3)]
        bits = int(np.random.PCG64(seed).random_raw())
        x, y = _INVERSE * _minus_log(2**53 - raw[1]), _minus_log(2**53 - raw[2])
        in_tail = bits & 0xFF == 0 and bits >> 9 & 2**52 - 1 >= 4208095142473578
        if in_tail and y + y > x * x:
            sign = -1 if bits >> 17 & 1 else 1
            assert normal(np.random.default_rng(seed), 1, 1)[0] == copysign(_TAIL + x, sign)
            found += 1
    assert found > 1


# Where the GNU C library and the newest browsers round the logarithm differently.
@pytest.mark.parametrize(
    ("seed", "draw", "wanted"),
    [
        (2204, 21, "0x1.4178e646e782cp-5"),
        (13037, 1, "0x1.60e405190d5aap-5"),
        (13675, 10, "-0x1.32b6c7ffba222p-5"),
        (19953, 12, "-0x1.67d0534a31180p-5"),
    ],
)
def test_initial_weights_of_the_tail(seed, draw, wanted):
    U, V = get_new_random_weights(8, rng=seed)
    assert np.append(U, V)[draw].hex() == wanted


def test_other_generators_give_what_numpy_makes_of_them():
    ours, theirs = (np.random.Generator(np.random.MT19937(1)) for _ in range(2))
    np.testing.assert_array_equal(normal(ours, 2, 20_000), theirs.normal(0, 2, 20_000))
