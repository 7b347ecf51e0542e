"""Time per epoch of `nnlib.train` beside other ways, and peak memory of a long run.

`train` runs in both engines, the kernel and numpy. Beside it run plain vectorised numpy; JAX,
compiled beforehand and with the whole loop in one `scan`, if it is installed
(`benchmarks/requirements.txt`); numpy's engine with `numpy.tanh`, which shows what the portable
sigmoid costs; and the replay. Then the kernel's optimizers: heavy ball and Adam beside gradient
descent, and beside Adam by optax with JAX; and passes of batches of 10, in orders that numpy draws
for both. All keep the whole history and take turns, so that whatever else the machine does hits
them all; what counts is the ratio.

Then many small runs, whose errors are wanted at 50 epochs: 200 networks, each on samples of its
own, by `train_many` on all cores and on one; one after the other with their whole histories; and by
JAX, mapped over the networks, which computes errors at those epochs alone, too. `--many` does that
only. Run it with `make benchmark`; OpenBLAS is kept to one thread.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"

import resource
import sys
from contextlib import suppress
from functools import partial
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
    logarithmic,
    network,
    reference,
    replay,
    train,
    train_many,
    training,
)

EPOCHS, PASSES, ROUNDS = 1000, 200, 21
NETWORKS, LONG, SEEN, FEW_ROUNDS = 200, 10_000, 50, 3  # of many small runs


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


def in_kernel_by(experiment, optimizer, *settings, batch=None):
    """A function of no arguments that trains in the kernel by an optimizer, perhaps in batches."""
    sets = get_train_set(experiment.f), get_test_set(experiment.f)
    epochs, row = experiment.epochs, network.pack(*get_initial_weights(experiment.h))

    def run():
        rows, sums = np.empty((epochs + 1, row.size)), np.empty((epochs + 1, row.size + 1))
        rows[0] = row
        history = rows, sums, np.empty(epochs + 1)
        how = {"optimizer": optimizer, "settings": settings, "batch": batch}
        orders = in_batches(experiment) if batch else ()
        for _ in kernel.descend(*sets, experiment.learning_rate, *history, **how, orders=orders):
            pass

    return run


def in_batches(experiment):
    """The order of the samples in each epoch, one after the other."""
    rng = np.random.default_rng(0)
    return (rng.permutation(experiment.start.samples) for _ in range(experiment.epochs))


def with_jax(experiment, optimizer=None, batch=None):
    """A function of no arguments that trains with JAX, compiled; with one of optax's optimizers."""
    import jax

    jax.config.update("jax_enable_x64", True)
    jnp = jax.numpy
    (x, y), (x_test, y_test) = get_train_set(experiment.f), get_test_set(experiment.f)

    def half_mean_square(weights, x, y):
        U, V = weights
        H = jax.nn.sigmoid(U @ jnp.stack([x, jnp.ones_like(x)]))
        e = V @ jnp.concatenate([H, jnp.ones((1, x.size))]) - y
        return (e * e).mean() / 2

    def step(weights, state, gradient):
        if optimizer:
            change, state = optimizer.update(gradient, state, weights)
            return jax.tree.map(jnp.add, weights, change), state
        new = jax.tree.map(lambda w, g: w - experiment.learning_rate * g, weights, gradient)
        return new, state

    def step_of_batch(now, chosen):
        weights, state = now
        gradient = jax.grad(half_mean_square)(weights, *chosen)
        return step(weights, state, gradient), None

    def epoch(now, order):
        weights, state = now
        error, gradient = jax.value_and_grad(half_mean_square)(weights, x, y)
        kept = half_mean_square(weights, x_test, y_test), error, weights, gradient
        if order is None:
            return step(weights, state, gradient), kept
        batches = jnp.asarray(x)[order].reshape(-1, batch), jnp.asarray(y)[order].reshape(-1, batch)
        return jax.lax.scan(step_of_batch, now, batches)[0], kept

    def train(weights, orders):
        now = weights, optimizer.init(weights) if optimizer else None
        return jax.lax.scan(epoch, now, orders, length=None if batch else experiment.epochs + 1)[1]

    loop = jax.jit(train)

    def run():
        orders = np.array(list(in_batches(experiment))) if batch else None
        kept = loop(get_initial_weights(experiment.h), orders)
        return jax.tree.map(np.asarray, kept)

    run()
    return run


def many_with_jax(experiments, seen):
    """A function of no arguments that trains all networks together with JAX, compiled."""
    import jax

    jax.config.update("jax_enable_x64", True)
    jnp, one = jax.numpy, experiments[0]
    x_test, y_test = one.start.test_set(one.f)
    gaps = np.diff(seen, append=seen[-1])  # updates after each epoch that is seen

    def half_mean_square(weights, x, y):
        U, V = weights
        H = jax.nn.sigmoid(U @ jnp.stack([x, jnp.ones_like(x)]))
        e = V @ jnp.concatenate([H, jnp.ones((1, x.size))]) - y
        return (e * e).mean() / 2

    def train_one(weights, x, y):
        def update(_, weights):
            gradient = jax.grad(half_mean_square)(weights, x, y)
            return jax.tree.map(lambda w, g: w - one.learning_rate * g, weights, gradient)

        def stretch(weights, gap):
            errors = half_mean_square(weights, x_test, y_test), half_mean_square(weights, x, y)
            return jax.lax.fori_loop(0, gap, update, weights), errors

        return jax.lax.scan(stretch, weights, gaps)[1]

    together = jax.jit(jax.vmap(train_one))
    weights = map(np.stack, zip(*(e.start.initial_weights(e.h) for e in experiments), strict=True))
    sets = map(np.stack, zip(*(e.start.train_set(e.f) for e in experiments), strict=True))
    given = tuple(map(jnp.asarray, weights)), *map(jnp.asarray, sets)

    def run():
        return jax.tree.map(np.asarray, together(*given))

    run()
    return run


def many(h, N):
    """Print the part on many small runs."""
    seen = logarithmic(LONG, SEEN)
    experiments = [
        Experiment(f2, h, 0.05, LONG).starting(samples=N, data=k, weights=k)
        for k in range(1, NETWORKS + 1)
    ]
    ways = {
        "all cores": partial(train_many, experiments, seen=seen),
        "one core": partial(train_many, experiments, seen=seen, threads=1),
    }
    if N == 30:

        def whole():
            for experiment in experiments:
                training.train_quietly(experiment)

        ways["whole histories"] = whole
    with suppress(ImportError):
        ways["JAX"] = many_with_jax(experiments, seen)
    pairs = [("all cores", "JAX"), ("one core", "JAX"), ("all cores", "one core")]
    pairs += [("all cores", "whole histories")] * (N == 30)
    print(f"N = {N}, h = {h}")
    compare(ways, pairs, LONG * NETWORKS, FEW_ROUNDS)


def seconds(function, *arguments, **named):
    """Run once, and say how long it took."""
    start = perf_counter()
    function(*arguments, **named)
    return perf_counter() - start


def quartiles(ratios):
    """The median and the quartiles, as text."""
    low, middle, high = np.quantile(ratios, (0.25, 0.5, 0.75))
    return f"{middle:.2f} ({low:.2f} to {high:.2f})"


def compare(ways, pairs, epochs, rounds=ROUNDS):
    """Let all ways take turns, print the medians and the ratios of pairs, and give the times."""
    took = {name: np.empty(rounds) for name in ways}
    rng = np.random.default_rng(0)
    for k in range(rounds):
        # In another order each time: a system favours what runs after a way that waits for threads.
        for name in rng.permutation(list(ways)):
            took[name][k] = seconds(ways[name])
    print("   ", ", ".join(f"{k} {median(t) / epochs * 1e6:.1f}" for k, t in took.items()))
    width = max(len(f"{one} / {other}") for one, other in pairs)
    for one, other in pairs:
        found = one in took and other in took
        ratio = quartiles(took[one] / took[other]) if found else "not installed"
        print(f"    {f'{one} / {other}':{width}} {ratio}")
    return took


def optimizers(h):
    """Print the part on the kernel's optimizers."""
    try:
        kernel.load()
    except kernel.KernelError:
        return
    adam = 0.9, 0.999, 1e-8
    experiment, passes = Experiment(f2, h, 0.01, EPOCHS), Experiment(f2, h, 0.01, PASSES)
    ways = {
        "descent": in_kernel_by(experiment, "descent"),
        "heavy ball": in_kernel_by(experiment, "heavy-ball", 0.9),
        "Adam": in_kernel_by(experiment, "adam", *adam),
    }
    batches = {"batches": in_kernel_by(passes, "descent", batch=10)}
    with suppress(ImportError):
        import optax

        ways["optax's Adam"] = with_jax(experiment, optax.adam(0.01))
        batches["JAX's batches"] = with_jax(passes, batch=10)
    pairs = ("heavy ball", "descent"), ("Adam", "descent"), ("Adam", "optax's Adam")
    compare(ways, pairs, EPOCHS)
    compare(batches, [("batches", "JAX's batches")], PASSES)


def main():
    """Print the table."""
    if "--many" not in sys.argv:
        single()
    print(f"{NETWORKS} networks of {LONG} epochs, {FEW_ROUNDS} rounds; µs per epoch of a network")
    for N in (30, 100, 1000):
        for h in (3, 8, 20):
            many(h, N)


def single():
    """Print the part on one run at a time, and the peak memory."""
    print(f"numpy {np.__version__}; the kernel is {kernel.status()}")
    print(f"{ROUNDS} rounds of {EPOCHS} epochs; medians, and quartiles of ratios; µs per epoch")
    for h, learning_rate in ((3, 0.1), (8, 0.05), (20, 0.05)):
        experiment = Experiment(f2, h, learning_rate, EPOCHS)
        ways = {
            "numpy": partial(train, experiment, engine="numpy"),
            "plain": partial(plain, experiment),
            "tanh": partial(with_tanh, experiment),
        }
        with suppress(kernel.KernelError):
            kernel.load()
            ways["kernel"] = partial(train, experiment, engine="kernel")
        with suppress(ImportError):
            ways["JAX"] = with_jax(experiment)
        pairs = (
            ("kernel", "plain"),
            ("kernel", "JAX"),
            ("kernel", "numpy"),
            ("numpy", "plain"),
            ("numpy", "tanh"),
        )
        print(f"h = {h}")
        took = compare(ways, pairs, EPOCHS)
        us = median(took["numpy"]) / EPOCHS * 1e6
        loop_us = seconds(reference.train, Experiment(f1, h, learning_rate, 5)) / 6 * 1e6
        print(f"    {'loop / numpy':16} {loop_us / us:.0f}")
        if h <= 12:
            replay_us = seconds(train, experiment, arithmetic="replay") / EPOCHS * 1e6
            with patch.object(replay, "_cpu_has_the_same_exp", lambda: False):
                emulated = seconds(train, experiment, arithmetic="replay") / EPOCHS * 1e6
            print(f"    {'replay / numpy':16} {replay_us / us:.0f} to {emulated / us:.0f}")
        optimizers(h)

    train(Experiment(f2, 20, 0.05, 40_000))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peak /= 1e6 if sys.platform == "darwin" else 1e3
    print(f"peak memory with (f2, 20, 0.05, 40000): {peak:.0f} MB")


if __name__ == "__main__":
    main()
