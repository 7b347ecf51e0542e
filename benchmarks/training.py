"""Time per epoch of `nnlib.train` beside other ways, and peak memory of a long run.

`train` runs in both engines, the kernel and numpy. Beside it run plain vectorised numpy; JAX,
compiled beforehand and with the whole loop in one `scan`, if it is installed
(`benchmarks/requirements.txt`); numpy's engine with `numpy.tanh`, which shows what the portable
sigmoid costs; and the replay. All keep the whole history and take turns, so that whatever else the
machine does hits them all; what counts is the ratio. Run it with `make benchmark`; OpenBLAS is
kept to one thread.
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
    kernel,
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
        return train(experiment, engine="numpy")


def in_numpy(experiment):
    """`train` without the kernel."""
    return train(experiment, engine="numpy")


def in_kernel(experiment):
    """`train` with the kernel alone."""
    return train(experiment, engine="kernel")


def with_jax(experiment):
    """A function of no arguments that trains with JAX, compiled, or None where there is none."""
    try:
        import jax
    except ImportError:
        return None
    jax.config.update("jax_enable_x64", True)
    jnp = jax.numpy
    (x, y), (x_test, y_test) = get_train_set(experiment.f), get_test_set(experiment.f)

    def half_mean_square(weights, x, y):
        U, V = weights
        H = jax.nn.sigmoid(U @ jnp.stack([x, jnp.ones_like(x)]))
        e = V @ jnp.concatenate([H, jnp.ones((1, x.size))]) - y
        return (e * e).mean() / 2

    def epoch(weights, _):
        error, gradient = jax.value_and_grad(half_mean_square)(weights, x, y)
        kept = half_mean_square(weights, x_test, y_test), error, weights, gradient
        new = jax.tree.map(lambda w, g: w - experiment.learning_rate * g, weights, gradient)
        return new, kept

    loop = jax.jit(lambda weights: jax.lax.scan(epoch, weights, length=experiment.epochs + 1)[1])

    def run():
        kept = loop(get_initial_weights(experiment.h))
        return jax.tree.map(np.asarray, kept)

    run()
    return run


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
    print(f"numpy {np.__version__}; the kernel is {kernel.status()}")
    print(f"{ROUNDS} rounds of {EPOCHS} epochs; medians, and quartiles of ratios; µs per epoch")
    for h, learning_rate in ((3, 0.1), (8, 0.05), (20, 0.05)):
        experiment = Experiment(f2, h, learning_rate, EPOCHS)
        ways = {"numpy": in_numpy, "plain": plain, "tanh": with_tanh}
        try:
            kernel.load()
            ways["kernel"] = in_kernel
        except kernel.KernelError:
            pass
        jax = with_jax(experiment)
        if jax:
            ways["JAX"] = lambda _, jax=jax: jax()
        rounds = [[seconds(way, experiment) for way in ways.values()] for _ in range(ROUNDS)]
        took = dict(zip(ways, np.array(rounds).T, strict=True))
        print(f"h = {h}")
        print("   ", ", ".join(f"{k} {median(t) / EPOCHS * 1e6:.1f}" for k, t in took.items()))
        for one, other in (
            ("kernel", "plain"),
            ("kernel", "JAX"),
            ("kernel", "numpy"),
            ("numpy", "plain"),
            ("numpy", "tanh"),
        ):
            found = one in took and other in took
            ratio = quartiles(took[one] / took[other]) if found else "not installed"
            print(f"    {one + ' / ' + other:16} {ratio}")
        us = median(took["numpy"]) / EPOCHS * 1e6
        loop_us = seconds(reference.train, Experiment(f1, h, learning_rate, 5)) / 6 * 1e6
        print(f"    {'loop / numpy':16} {loop_us / us:.0f}")
        if h <= 12:
            replay_us = seconds(train, experiment, arithmetic="replay") / EPOCHS * 1e6
            with patch.object(replay, "_cpu_has_the_same_exp", lambda: False):
                emulated = seconds(train, experiment, arithmetic="replay") / EPOCHS * 1e6
            print(f"    {'replay / numpy':16} {replay_us / us:.0f} to {emulated / us:.0f}")

    train(Experiment(f2, 20, 0.05, 40_000))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peak /= 1e6 if sys.platform == "darwin" else 1e3
    print(f"peak memory with (f2, 20, 0.05, 40000): {peak:.0f} MB")


if __name__ == "__main__":
    main()
