"""The statistics of the study: spreads, proportions, components of variance, and their intervals.

What would refute a statement belongs to it: each interval holds 95 % in repeated studies, which the
tests check on made-up data whose answer is known.
"""

from collections.abc import Callable
from itertools import chain, combinations

import numpy as np
from numpy.typing import ArrayLike

from nnlib.extras import extra

__all__ = [
    "cochran",
    "crossed_ratio",
    "interval",
    "log_spread",
    "median",
    "proportion",
    "shares_of_variance",
    "variance_components",
]

_SEED = 1
_CONFIDENCE = 0.95  # of all intervals, the field's habit
_RESAMPLES = 2000  # the ends of an interval are those of other 2000 to two digits


def log_spread(errors: ArrayLike) -> float:
    """The standard deviation of the natural logarithm of errors.

    Of the logarithm, because errors differ by factors: 0.1 means that they differ by some 10 %.

    Parameters
    ----------
    errors : array_like

    Returns
    -------
    float
    """
    return float(np.std(np.log(errors), ddof=1))


def interval(statistic: Callable[..., float], *samples: ArrayLike) -> tuple[float, float, float]:
    """A statistic of one or more samples, with its bootstrap interval.

    Parameters
    ----------
    statistic : callable
        From the samples to a number.
    *samples : array_like, shape (n_i,)
        Drawn from independently of each other.

    Returns
    -------
    value, low, high : float
        The interval holds 95 %, by percentiles.
    """
    with extra("randomness"):  # here, because it is slow to load and most chapters do without
        from scipy import stats

    arrays = [np.asarray(sample) for sample in samples]
    found = stats.bootstrap(
        arrays,
        statistic,
        n_resamples=_RESAMPLES,
        vectorized=False,
        confidence_level=_CONFIDENCE,
        method="percentile",
        rng=np.random.default_rng(_SEED),
    ).confidence_interval
    return float(statistic(*arrays)), float(found.low), float(found.high)


def proportion(events: ArrayLike) -> tuple[float, float, float]:
    """How often something happens, with its exact 95 % interval (Clopper and Pearson).

    Parameters
    ----------
    events : array_like of bool

    Returns
    -------
    value, low, high : float
    """
    with extra("randomness"):
        from scipy import stats

    events = np.asarray(events)
    found = stats.binomtest(int(events.sum()), events.size).proportion_ci(_CONFIDENCE)
    return float(events.mean()), float(found.low), float(found.high)


def median(values: ArrayLike) -> tuple[float, float, float]:
    """The median of numbers, with an interval that makes no assumption about them.

    Parameters
    ----------
    values : array_like, shape (n,)

    Returns
    -------
    value, low, high : float
        The interval reaches from one of the numbers to another and holds at least 95 %, since half
        of all numbers there could be lie below their median. Of less than six it is infinite.
    """
    with extra("randomness"):
        from scipy import stats

    ordered = np.sort(np.asarray(values, dtype=float))
    n = ordered.size
    beyond = int(stats.binom.ppf((1 - _CONFIDENCE) / 2, n, 0.5))
    if beyond == 0:
        return float(np.median(ordered)), -np.inf, np.inf
    return float(np.median(ordered)), float(ordered[beyond - 1]), float(ordered[n - beyond])


def variance_components(table: ArrayLike) -> dict[tuple[int, ...], float]:
    """How much of a variance comes from each factor of a crossed table, and from their meetings.

    The model is that of random effects: a value is a sum of one random number for each factor and
    each set of factors, and the factors' levels are a sample of all there could be.

    Parameters
    ----------
    table : array_like, shape (n_0, n_1, ...)
        One value for each combination of the levels of the factors, at least two of each.

    Returns
    -------
    dict of tuple of int to float
        The estimated variance for each set of axes: ``(0,)`` is what goes with the first factor
        alone, ``(0, 1)`` the interaction of the first two, and so on. The last, of all axes,
        holds everything else as well. Without bias, so a small one can come out negative.

    Notes
    -----
    By the expected mean squares of the analysis of variance (Searle, Casella and McCulloch,
    *Variance Components*, chapter 4): the mean square of a set of factors is expected to be the sum
    of the components of all sets that contain it, each times the number of values that share a
    level of it. A plug-in share, variances of the row means over the whole, is too high: a mean
    over few values has the noise of these values in it.
    """
    table = np.asarray(table, dtype=float)
    axes = range(table.ndim)
    mean_squares = {}
    for chosen in _subsets(axes):
        # The effect of a set is what its means have beyond the effects of all smaller sets: a sum
        # of means with alternating signs.
        effect = np.zeros(())
        for inner in chain([()], _subsets(chosen)):
            others = tuple(set(axes) - set(inner))
            sign = (-1) ** (len(chosen) - len(inner))
            effect = effect + sign * table.mean(axis=others, keepdims=True)
        freedom = np.prod([table.shape[axis] - 1 for axis in chosen])
        mean_squares[chosen] = np.sum(effect**2) * (table.size / effect.size) / freedom
    components = {}
    for chosen in sorted(mean_squares, key=len, reverse=True):
        above = 0.0  # added one by one: Python's `sum` rounds otherwise from 3.12 on
        for larger, component in components.items():
            if set(chosen) < set(larger):
                above += _times(table.shape, larger) * component
        components[chosen] = float((mean_squares[chosen] - above) / _times(table.shape, chosen))
    return {chosen: components[chosen] for chosen in mean_squares}


def shares_of_variance(table: ArrayLike) -> dict[tuple[int, ...], tuple[float, float, float]]:
    """The components of variance as parts of their sum, with 95 % intervals.

    Parameters
    ----------
    table : array_like, shape (n_0, n_1, ...)
        As of `variance_components`, with at least three levels of each factor.

    Returns
    -------
    dict of tuple of int to tuple of float
        Value, low and high for each set of axes.

    Raises
    ------
    ValueError
        If all values are the same.

    Notes
    -----
    By the jackknife: each level of each factor is left out once, and the variances that the factors
    bring in are added up. A bootstrap of the levels would draw some twice, and two equal columns
    look like an effect; intervals from the normal distribution would not do for errors of two
    kinds. The ends are those of Student's distribution for the factor with the fewest levels.
    """
    table = np.asarray(table, dtype=float)
    if np.ptp(table) == 0:
        raise ValueError("all values are the same: there is no variance to share")
    value, reach = _shares(table), _jackknife(_shares, table)
    ends = zip(value, value - reach, value + reach, strict=True)
    return {
        axes: (float(v), float(low), float(high))
        for axes, (v, low, high) in zip(_subsets(range(table.ndim)), ends, strict=True)
    }


def crossed_ratio(table: ArrayLike) -> tuple[float, float, float]:
    """How much more a value scatters with the first factor than with the second.

    Parameters
    ----------
    table : array_like, shape (n_0, n_1)
        One value for each combination of the levels of two factors, at least three of each.

    Returns
    -------
    value, low, high : float
        The standard deviation within a column over that within a row, variances averaged over all
        columns and all rows, with its 95 % interval.

    Raises
    ------
    ValueError
        If the values do not vary within any column, or within any row.

    Notes
    -----
    A study that renews one factor and keeps the other at one level finds the scatter of one column,
    or of one row. By the components of variance this is the square root of (a + c) / (b + c), with
    a for the first factor, b for the second, and c for their interaction. The jackknife is that of
    `shares_of_variance`, of the logarithm.
    """
    table = np.asarray(table, dtype=float)
    if not np.ptp(table, axis=0).any() or not np.ptp(table, axis=1).any():
        raise ValueError("the values do not vary with both factors: there is no ratio")
    value, reach = _log_ratio(table), _jackknife(_log_ratio, table)
    value, low, high = np.exp((value, value - reach, value + reach))
    return float(value), float(low), float(high)


def cochran(events: ArrayLike, n: int = 10_000) -> tuple[float, float, float, float]:
    """Test whether the columns of a table of events are alike, apart from chance (Cochran's Q).

    Parameters
    ----------
    events : array_like of bool, shape (rows, columns)
    n : int, optional
        The number of permutations.

    Returns
    -------
    observed : float
        The standard deviation of the columns' rates.
    by_chance : float
        What it would be if within each row the events fell on any columns alike.
    p : float
        The probability of the observed one or more by that chance, from permutations within rows.
    p_chi2 : float
        The same from the distribution that Q has for many rows.

    Raises
    ------
    ValueError
        If in every row all events happen, or none.

    Notes
    -----
    Cochran, *Biometrika* 37 (1950). Given the rows' sums, Q rises with the observed deviation, so
    the two probabilities are of the same thing, found in two ways.
    """
    with extra("randomness"):
        from scipy import stats

    events = np.asarray(events, dtype=bool)
    rows, columns = events.shape
    observed = float(events.mean(axis=0).std(ddof=1))
    rates = events.mean(axis=1)
    if not np.any(rates * (1 - rates)):
        raise ValueError("in every row all events happen, or none: there is nothing to test")
    # A row's event falls on a given column with the row's rate, so a column's sum has the variance
    # Σ rate (1 - rate); that the row's sum is fixed makes it larger by columns / (columns - 1).
    variance = np.sum(rates * (1 - rates)) * columns / (columns - 1) / rows**2
    q = (columns - 1) * observed**2 / variance
    rng = np.random.default_rng(_SEED)
    table, as_high = events.astype(np.int8), 0
    for _ in range(n):
        shuffled = rng.permuted(table, axis=1).mean(axis=0).std(ddof=1)
        as_high += shuffled >= observed * (1 - 1e-12)  # a tie is a tie in any order of summation
    p = (as_high + 1) / (n + 1)
    return observed, float(np.sqrt(variance)), p, float(stats.chi2.sf(q, columns - 1))


def _subsets(axes):
    """All but the empty one, the small ones first."""
    axes = tuple(axes)
    return list(chain.from_iterable(combinations(axes, k) for k in range(1, len(axes) + 1)))


def _times(shape, chosen):
    """How many values of a table share a level of a set of its axes."""
    return int(np.prod([n for axis, n in enumerate(shape) if axis not in chosen]))


def _shares(table):
    components = np.array(list(variance_components(table).values()))
    return components / components.sum()


def _log_ratio(table):
    return np.log(table.var(axis=0, ddof=1).mean() / table.var(axis=1, ddof=1).mean()) / 2


def _jackknife(statistic, table):
    """How far a 95 % interval reaches to either side, by leaving out each level once."""
    with extra("randomness"):
        from scipy import stats

    variance = 0.0
    for axis, n in enumerate(table.shape):
        without = np.array([statistic(np.delete(table, level, axis)) for level in range(n)])
        variance = variance + (n - 1) ** 2 / n * without.var(axis=0, ddof=1)
    return stats.t.ppf((1 + _CONFIDENCE) / 2, min(table.shape) - 1) * np.sqrt(variance)
