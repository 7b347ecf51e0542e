"""Time per epoch of `nnlib.train` beside other ways, and peak memory of a long run.

Beside it run plain vectorised numpy; the same trainer with `numpy.tanh`, which shows what the
portable sigmoid costs; and the replay. All keep the whole history and take turns, so that whatever
else the machine does hits them all; what counts is the ratio. Run it with `make benchmark`;
OpenBLAS is kept to one thread.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"

import resource
import sys
from statistics import median
from time import perf_counter
from unittest.mock import patch

import numpy as np

from nnlib import (
    Experiment,
    History,
    f1,
    f2,
    get_initial_weights,
    get_test_set,
    get_train_set,
    network,
    reference,
    replay,
    train,
)

EPOCHS, ROUNDS = 1000, 21


def plain(experiment):
    """What one would write first: matrix products and `numpy.exp`, all samples at a time."""
    (x, y), (x_test, y_test) = get_train_set(experiment.f), get_test_set(experiment.f)
    U, V = get_initial_weights(experiment.h)
    X, X_test = np.stack([x, np.ones_like(x)]), np.stack([x_test, np.ones_like(x_test)])
    bias, bias_test = np.ones((1, len(x))), np.ones((1, len(x_test)))
    epochs = []
    for _ in range(experiment.epochs + 1):
        H = np.vstack([1 / (1 + np.exp(-(U @ X))), bias])
        e = V @ H - y
        grad_V = e @ H.T / len(x)
        grad_U = (V[:, :-1].T * e * H[:-1] * (1 - H[:-1])) @ X.T / len(x)
        H_test = np.vstack([1 / (1 + np.exp(-(U @ X_test))), bias_test])
        e_test = V @ H_test - y_test
        epochs.append(
            ((e_test**2).mean() / 2, (e**2).mean() / 2, U, V[0], grad_U, grad_V[0]),
        )
        U = U - experiment.learning_rate * grad_U
        V = V - experiment.learning_rate * grad_V
    test_error, train_error, U, V, grad_U, grad_V = map(np.array, zip(*epochs, strict=True))
    return History(experiment, test_error, train_error, U, V, grad_U[:-1], grad_V[:-1])


def with_tanh(experiment):
    """`train` with the sigmoid (1 + tanh(z/2)) / 2, whose bits are not the same on every CPU."""

    def sigmoid(z, out):
        np.multiply(z, 0.5, out=out)
        np.tanh(out, out=out)
        out += 1.0
        out *= 0.5

    with patch.object(network, "sigmoid", sigmoid):
        return train(experiment)


def seconds(function, *arguments, **named):
    """Run once, and say how long it took."""
    start = perf_counter()
    function(*arguments, **named)
    return perf_counter() - start


def quartiles(ratios):
    """The median and the quartiles, as text."""
    low, middle, high = np.quantile(ratios, (0.25, 0.5, 0.75))
    return f"{middle:.2f} ({low:.2f} to {high:.2f})"


def main():
    """Print the table."""
    print(f"numpy {np.__version__}; {ROUNDS} rounds of {EPOCHS} epochs; medians; µs per epoch")
    print(
        " h   train   train / plain           train / with tanh       replay / train   loop / train"
    )
    for h, learning_rate in ((3, 0.1), (8, 0.05), (20, 0.05)):
        experiment = Experiment(f2, h, learning_rate, EPOCHS)
        rounds = [
            [seconds(way, experiment) for way in (train, plain, with_tanh)] for _ in range(ROUNDS)
        ]
        ours, plains, tanhs = np.array(rounds).T
        us = median(ours) / EPOCHS * 1e6
        loop_us = seconds(reference.train, Experiment(f1, h, learning_rate, 5)) / 6 * 1e6
        replayed = "-"
        if h <= 12:
            replay_us = seconds(train, experiment, arithmetic="replay") / EPOCHS * 1e6
            with patch.object(replay, "_cpu_has_the_same_exp", lambda: False):
                emulated = seconds(train, experiment, arithmetic="replay") / EPOCHS * 1e6
            replayed = f"{replay_us / us:.0f} to {emulated / us:.0f}"
        print(
            f"{h:2}  {us:6.1f}   {quartiles(ours / plains)}     {quartiles(ours / tanhs)}"
            f"{replayed:>16} {loop_us / us:14.0f}"
        )

    train(Experiment(f2, 20, 0.05, 40_000))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peak /= 1e6 if sys.platform == "darwin" else 1e3
    print(f"peak memory with (f2, 20, 0.05, 40000): {peak:.0f} MB")


if __name__ == "__main__":
    main()
