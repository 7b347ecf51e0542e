"""The standard datasets and weights are pinned to the bit; the random ones follow their seed."""

from hashlib import sha256

import numpy as np
import pytest

from nnlib import (
    f1,
    f2,
    get_initial_weights,
    get_new_random_dataset,
    get_new_random_weights,
    get_test_set,
    get_train_set,
)

PINS = {
    "x train f1": "d030cafeb4cf668ff302322749e8f377888920f6370e2e0110661b56d3165392",
    "y train f1": "170140b3c4ff984f743b9c11648eb54a23240878b4288923a68862ece24117ac",
    "x test f1": "e64d6c4ec67b4b1dc73f52d2d4f4d327d575909bb0659fa46442c83c0d87a5f9",
    "y test f1": "dfe145b00750793a2796d195e3f748bc2ff73b26461bb2438ff0f1b78ccb3422",
    "x train f2": "d030cafeb4cf668ff302322749e8f377888920f6370e2e0110661b56d3165392",
    "y train f2": "c96dc3663253ae189870081d79c1863f52d3cf674dc7a2cf0f28260d775a114a",
    "x test f2": "e64d6c4ec67b4b1dc73f52d2d4f4d327d575909bb0659fa46442c83c0d87a5f9",
    "y test f2": "983252ae7dc7216d325ccbea8baaf685840f0c7944dfb1572b4662b741ac4095",
    "U 2": "8de7b24df20d2b024721946556bb6da00eabc0bf129ae9af763b75aae6d927ef",
    "V 2": "2bffa959c0e354fdf642adf3fed5608e9ee4112cdafaeb513d47d3bd355b86e9",
    "U 3": "598aafa9bc6fec2516c2bef31c95cdda8655c936b182fe55bd38d1ffdc604e17",
    "V 3": "e0df96bffb13d0ed65cee59f8b0c8c16e521bb3dbb223d1044a23cb96175ac85",
    "U 5": "ae38520495f12a8a3da9eff1c7695352b5822c6b3d68514d3810d5d6a4c59e7b",
    "V 5": "ce7c7bcd40144c82871dabf043d72ce3d31204f9617adbec70f6ffe08791f85d",
    "U 6": "75dd592864c84775a1232ff678452851a6a8de15e1e2eca5af60707b2b1d2d08",
    "V 6": "edd759d0d0b16722729d7d8009ae643586f617731af5f6a58e000b1ea85d1ed4",
    "U 8": "2ce6ac25b5e37ee492908001da39b1720b929998e27ee7536f9ad104aa6504bd",
    "V 8": "b12f83214a889b3fa2890cfd259094d81f748345e6ce48be219122e0b2f920c2",
    "U 12": "ae1a3a2d146dd4effada6a1050e6462c5278224192e551f1eea007c2f83492cb",
    "V 12": "76b20f37a20aa445219a28b50c4d9a22bb7c05022679c2a3627296f24c39234e",
    "U 20": "bc14981c4807919698fcab21a1cfff3ab9085c86796ca59bb564088a5402d490",
    "V 20": "5363bb8a4b5ac301e49b98dcba61b0ee78f17317f50ba40a82177734b40fc540",
}


def _standard_arrays():
    for f in (f1, f2):
        for name, get in (("train", get_train_set), ("test", get_test_set)):
            for symbol, array in zip("xy", get(f), strict=True):
                yield f"{symbol} {name} {f.__name__}", array
    for h in (2, 3, 5, 6, 8, 12, 20):
        for symbol, array in zip("UV", get_initial_weights(h), strict=True):
            yield f"{symbol} {h}", array


@pytest.mark.parametrize(("name", "array"), list(_standard_arrays()))
def test_standard_arrays_are_pinned(name, array):
    assert sha256(array.astype("<f8").tobytes()).hexdigest() == PINS[name]


@pytest.mark.parametrize("get", [get_train_set, get_test_set])
def test_datasets_are_fresh_arrays(get):
    x, y = get(f1)
    x[:], y[:] = 0, 0
    assert get(f1)[0].any() and get(f1)[1].any()


def test_a_target_cannot_change_the_inputs():
    def f(x):
        x *= 2
        return x

    x, y = get_train_set(f)
    np.testing.assert_array_equal(y, 2 * x)


def test_test_set_is_not_part_of_the_training_set():
    assert not np.isin(get_test_set(f1)[0], get_train_set(f1)[0]).any()


def test_random_datasets():
    x, y = get_new_random_dataset(f2, 50, rng=1)
    np.testing.assert_array_equal(y, f2(x))
    assert x.shape == (50,) and -5 <= x.min() < x.max() < 5
    np.testing.assert_array_equal(x, get_new_random_dataset(f1, 50, np.random.default_rng(1))[0])
    assert (x != get_new_random_dataset(f2, 50)[0]).all()


def test_random_weights():
    U, V = get_new_random_weights(8, rng=1)
    assert U.shape == (7, 2) and V.shape == (1, 8)
    np.testing.assert_array_equal(U, get_new_random_weights(8, np.random.default_rng(1))[0])
    assert (get_new_random_weights(8)[0] != U).all()
    many, _ = get_new_random_weights(10_001, rng=1)
    assert abs(many.std() - 0.01) < 3e-4


@pytest.mark.parametrize("N", [0, -1, 2.5, "3", None, True])
def test_wrong_sizes(N):
    with pytest.raises(ValueError, match="N must be an integer, at least 1, got"):
        get_new_random_dataset(f1, N)


@pytest.mark.parametrize("h", [1, 0, -3, 2.5, "3", None, True])
def test_wrong_h(h):
    for get in (get_initial_weights, get_new_random_weights):
        with pytest.raises(ValueError, match=r"h, the number of hidden neurons, must be .* got"):
            get(h)


def test_targets_that_do_not_map_arrays():
    with pytest.raises(
        ValueError, match=r"same shape \(N,\), N at least 1, got \(1000,\) and \(\)"
    ):
        get_train_set(lambda x: 3.0)
    with pytest.raises(ValueError, match=r"must be finite, got y\[\d+\] = inf"):
        get_new_random_dataset(lambda x: np.full(x.shape, np.inf), 10)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda x: None,
        lambda x: x.astype(str),
        lambda x: x.astype(complex),
        lambda x: x.astype(int).astype("M8[D]"),
        lambda x: np.ma.array(x, mask=x < 0),
        lambda x: [*x[1:], None],
    ],
)
def test_targets_that_do_not_give_real_numbers(wrong):
    for use in (get_train_set, get_test_set, lambda f: get_new_random_dataset(f, 10, rng=1)):
        with pytest.raises(
            ValueError, match=r"y of the dataset of <lambda> must be .* real number"
        ):
            use(wrong)


def test_what_a_target_returns_is_copied():
    kept = np.zeros(1000)
    y = get_train_set(lambda x: kept)[1]
    y[:] = 1
    assert not kept.any()
