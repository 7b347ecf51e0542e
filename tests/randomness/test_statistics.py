"""The statistics of the study, on made-up data whose answer is known."""

from itertools import product

import numpy as np
import pytest

from nnlib.randomness.statistics import (
    cochran,
    crossed_ratio,
    interval,
    log_spread,
    median,
    proportion,
    shares_of_variance,
    variance_components,
)


def _table(rng, n, variances, two_kinds=False):
    """A table of random effects: one variance for each set of axes, in the order of the keys."""
    shape = (n,) * (len(variances).bit_length())
    table = np.zeros(shape)
    subsets = variance_components(rng.normal(size=(2,) * len(shape))).keys()
    for axes, variance in zip(subsets, variances, strict=True):
        size = [n if axis in axes else 1 for axis in range(len(shape))]
        if two_kinds:  # as stuck or not
            effect = np.where(rng.random(size) < 0.3, 0.7, -0.3) / np.sqrt(0.21)
        else:
            effect = rng.normal(size=size)
        table = table + np.sqrt(variance) * effect
    return table


@pytest.mark.parametrize("variances", [(1.0, 0.2, 3.0), (1.0, 0.5, 2.0, 0.3, 0.2, 0.4, 1.5)])
def test_components_are_unbiased(variances):
    """On average over many tables they are the variances that the tables were made with."""
    rng = np.random.default_rng(1)
    found = np.array(
        [list(variance_components(_table(rng, 6, variances)).values()) for _ in range(300)]
    )
    error = found.std(axis=0) / np.sqrt(len(found))
    assert (abs(found.mean(axis=0) - variances) < 4 * error).all()


def test_components_computed_a_second_way():
    """From pairs of cells: what cells of one row share is the rows' component, and so on."""
    table = np.random.default_rng(1).normal(size=(5, 7)) + np.arange(5)[:, None]
    cells = list(product(range(5), range(7)))
    halves = {(True, False): [], (False, True): [], (False, False): []}
    for one in cells:
        for other in cells:
            same = one[0] == other[0], one[1] == other[1]
            if same in halves:
                halves[same].append((table[one] - table[other]) ** 2 / 2)
    means = {same: np.mean(values) for same, values in halves.items()}
    whole = means[False, False]
    found = variance_components(table)
    assert found[0,] == pytest.approx(whole - means[True, False])
    assert found[1,] == pytest.approx(whole - means[False, True])
    assert sum(found.values()) == pytest.approx(whole)


def test_a_plug_in_share_is_too_high():
    """The mistake that the estimator avoids: with no effect of columns it sees one of 1 / 40."""
    rng = np.random.default_rng(1)
    tables = [_table(rng, 40, (0.0, 0.0, 1.0)) for _ in range(30)]
    plug_in = np.mean([table.mean(axis=0).var() / table.var() for table in tables])
    found = [variance_components(table) for table in tables]
    unbiased = np.mean([parts[1,] / sum(parts.values()) for parts in found])
    assert plug_in == pytest.approx(1 / 40, rel=0.1) and abs(unbiased) < 0.005


@pytest.mark.parametrize("two_kinds", [False, True])
def test_the_intervals_of_the_shares_hold_what_they_promise(two_kinds):
    variances = np.array([1.0, 0.2, 2.5])
    rng = np.random.default_rng(1)
    held = np.zeros(3)
    for _ in range(40):
        shares = shares_of_variance(_table(rng, 20, variances, two_kinds))
        truth = variances / variances.sum()
        held += [low <= t <= high for t, (_, low, high) in zip(truth, shares.values(), strict=True)]
    assert (held / 40 > 0.85).all()  # 95 % ± 3.5 % were to be expected; too wide is no harm


def test_the_crossed_ratio():
    """Right by the components, in both directions, and its interval holds what it promises."""
    a, b, c = 1.0, 0.2, 2.5
    rng = np.random.default_rng(1)
    truth, held = np.sqrt((a + c) / (b + c)), 0
    for _ in range(40):
        table = _table(rng, 20, (a, b, c), two_kinds=True)
        value, low, high = crossed_ratio(table)
        assert low < value < high
        parts = variance_components(table)
        expected = (parts[0,] + parts[0, 1]) / (parts[1,] + parts[0, 1])
        assert value**2 == pytest.approx(expected)
        assert crossed_ratio(table.T) == pytest.approx((1 / value, 1 / high, 1 / low))
        held += low <= truth <= high
    assert held / 40 > 0.85
    with pytest.raises(ValueError, match="do not vary"):
        crossed_ratio(np.tile(np.arange(4.0), (5, 1)))


def test_one_column_and_one_row_are_not_the_crossed_ratio():
    """The mistake it avoids: with an interaction a level has a ratio of its own."""
    rng = np.random.default_rng(1)
    table = _table(rng, 40, (0.0, 0.0, 1.0)) * np.where(np.arange(40) < 20, 0.2, 1.8)
    calm, wild = (log_spread(np.exp(column)) for column in (table[:, 0], table[:, -1]))
    row = log_spread(np.exp(table[0]))
    assert calm / row < 0.4 and wild / row > 1.1 and 0.9 < crossed_ratio(table)[0] < 1.1


def test_cochran():
    """Computed in two ways; right when the columns are alike, and when they are not."""
    rng = np.random.default_rng(1)
    rates = rng.random((40, 1))
    ps = []
    for _ in range(40):
        observed, by_chance, p, p_chi2 = cochran(rng.random((40, 30)) < rates, n=200)
        assert p == pytest.approx(p_chi2, abs=0.14)
        assert observed == pytest.approx(by_chance, rel=0.5)
        ps.append(p)
    assert 0.35 < np.mean(ps) < 0.65 and np.mean(np.array(ps) < 0.05) < 0.18
    unlucky = rates + np.where(np.arange(30) < 10, 0.4, 0.0)
    observed, by_chance, p, p_chi2 = cochran(rng.random((40, 30)) < unlucky, n=200)
    assert observed > 1.5 * by_chance and p == 1 / 201 and p_chi2 < 0.001


def test_cochran_s_own_formula():
    events = np.random.default_rng(1).random((12, 5)) < 0.4
    columns, rows = events.sum(axis=0), events.sum(axis=1)
    k = len(columns)
    q = k * (k - 1) * np.sum((columns - columns.mean()) ** 2) / np.sum(k * rows - rows**2)
    observed, by_chance, _, _ = cochran(events, n=1)
    assert (k - 1) * (observed / by_chance) ** 2 == pytest.approx(q)


def test_intervals():
    sample = np.random.default_rng(1).normal(5, 2, 400)
    value, low, high = interval(np.mean, sample)
    assert low < value == sample.mean() < high
    assert high - low == pytest.approx(2 * 1.96 * sample.std() / 20, rel=0.1)
    assert interval(np.mean, sample) == (value, low, high)
    value, low, high = proportion(np.arange(100) < 30)
    assert value == 0.3 and (round(low, 3), round(high, 3)) == (0.212, 0.4)
    assert log_spread(np.exp([1.0, 2.0, 3.0])) == pytest.approx(1)


def test_the_interval_of_a_median_holds_it_as_often_as_it_says():
    rng = np.random.default_rng(5)
    for n, least in ((6, 0.95), (9, 0.95), (40, 0.95)):
        found = [median(rng.exponential(size=n)) for _ in range(400)]
        held = np.mean([low <= np.log(2) <= high for _, low, high in found])
        assert least - 0.02 < held < 0.99
    assert median([3.0, 1.0, 2.0]) == (2.0, -np.inf, np.inf)
