"""The statistics of the study: spreads, shares and components of variance, with their intervals."""

import numpy as np

__all__ = ["decompose", "interval", "share", "spread"]

_SEED = 1


def spread(errors):
    """The standard deviation of the logarithm of errors.

    Parameters
    ----------
    errors : array_like

    Returns
    -------
    float
    """
    return float(np.std(np.log(errors), ddof=1))


def interval(statistic, *samples, n=2000):
    """A statistic of one or more samples, with its bootstrap interval.

    Parameters
    ----------
    statistic : callable
        From the samples to a number.
    *samples : array_like, shape (n_i,)
        Drawn from independently of each other.
    n : int, optional
        The number of resamples.

    Returns
    -------
    value, low, high : float
        The interval holds 95 %, by percentiles.
    """
    from scipy import stats  # here, because it is slow to load and most chapters do without

    samples = [np.asarray(sample) for sample in samples]
    found = stats.bootstrap(
        samples,
        statistic,
        n_resamples=n,
        vectorized=False,
        method="percentile",
        rng=np.random.default_rng(_SEED),
    ).confidence_interval
    return float(statistic(*samples)), float(found.low), float(found.high)


def share(events):
    """How often something happens, with its exact 95 % interval (Clopper and Pearson).

    Parameters
    ----------
    events : array_like of bool

    Returns
    -------
    value, low, high : float
    """
    from scipy import stats

    events = np.asarray(events)
    found = stats.binomtest(int(events.sum()), events.size).proportion_ci()
    return float(events.mean()), float(found.low), float(found.high)


def decompose(errors):
    """Split the variance of the logarithm of errors among datasets, weights and interaction.

    Parameters
    ----------
    errors : array_like, shape (datasets, weights)
        One error for each combination.

    Returns
    -------
    datasets, weights, interaction : float
        Parts of the whole, which sum up to 1.
    """
    table = np.log(errors)
    table = table - table.mean()
    rows, columns = table.mean(axis=1, keepdims=True), table.mean(axis=0, keepdims=True)
    parts = [np.mean(part**2) for part in (rows, columns, table - rows - columns)]
    return tuple(float(part / sum(parts)) for part in parts)
