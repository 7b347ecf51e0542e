"""Time to a good fit of `nnlib.fit` beside other libraries, restarts counted.

A method has arrived when its network has an error on the interval that is low enough; where it
comes to an end before that, it takes the next start. All see the same samples, the nodes of a
quadrature with their weights, and take the same starts, seed by seed: spread over the interval,
with the outputs fitted. Each is called as its users call it. "Stopped" is what none of them would
do: an exception leaves SciPy at its first evaluation that is good enough. Only `nnlib.fit` pays for
drawing its starts; what is loaded or compiled once is paid by none.

They take turns. What is measured is the time of the processor, on one core, so that it matters
little what else the machine does. Those that are not installed (`benchmarks/requirements.txt`) are
left out. Run it with `make benchmark`.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import warnings
from collections.abc import Callable
from importlib import metadata
from time import process_time

import numpy as np

from nnlib import f1, f2, fit, kernel
from nnlib.interval import interval_error, nodes
from nnlib.optimizers.least_squares import fit_outputs, spread_weights

SEEDS = 20
CAP = 1.0  # seconds for one seed, after which it has not arrived
CASES = ((f2, 8, 1e-2), (f2, 4, 1e-2), (f1, 3, 1e-8))
LBFGS_STEPS, ADAM_STEPS = 2000, 5000  # from one start, at most
ADAM_RATE = 0.1


class Good(Exception):
    """A network whose error is low enough."""


class Late(Exception):
    """The time of a seed is over."""


class Problem:
    """Samples, what is wanted, and a clock."""

    def __init__(self, f, h, wanted):
        self.f, self.h, self.wanted = f, h, wanted
        self.x, self.parts = nodes()
        self.y, self.root = f(self.x), np.sqrt(self.parts)
        self.X = np.stack([self.x, np.ones_like(self.x)])

    def starts(self, seed):
        """One start after the other."""
        rng = np.random.default_rng(seed)
        while True:
            yield from fit_outputs(self.x, self.y, spread_weights(self.h, 8, rng), self.parts)

    def time(self, run, seed):
        """The seconds until a method has arrived, and its weights; infinite if it does not."""
        self.begun, starts = process_time(), self.starts(seed)
        try:
            while True:
                run(self.free(next, starts))
        except Good as good:
            return process_time() - self.begun, good.args[0]
        except Late:
            return np.inf, None

    def free(self, function, *given):
        """Do something whose time is not counted."""
        begun = process_time()
        result = function(*given)
        self.begun += process_time() - begun
        return result

    def check_time(self):
        """Stop what has no time left."""
        if process_time() - self.begun > CAP:
            raise Late

    def judge(self, error, weights):
        """Stop a method that has arrived; it gives its weights as a function."""
        if error <= self.wanted:
            raise Good(self.free(weights))


def with_scipy(p, method, stopped=False):
    """`scipy.optimize.least_squares`, with errors and derivatives in plain numpy."""
    from scipy.optimize import least_squares
    from scipy.special import expit

    h, kept = p.h, {}

    def errors(w):
        p.check_time()
        H = expit(w[h:].reshape(2, -1).T @ p.X)
        kept.update(w=w.copy(), H=H)
        e = (w[: h - 1] @ H + w[h - 1] - p.y) * p.root
        if stopped:
            p.judge(e @ e / 2, lambda: kept["w"])
        return e

    def jacobian(w):
        if not np.array_equal(w, kept["w"]):
            errors(w)
        J, H = np.empty((3 * h - 2, p.x.size)), kept["H"]
        J[: h - 1], J[h - 1] = H, 1
        J[2 * h - 1 :] = (1 - H) * H * w[: h - 1, None]
        J[h : 2 * h - 1] = J[2 * h - 1 :] * p.x
        J *= p.root
        return J.T

    def run(start):
        found = least_squares(errors, start, jacobian, method=method)
        p.judge(found.cost, lambda: found.x)

    return run


def with_sklearn(p):
    """`MLPRegressor` with L-BFGS; a start is given to it in place of earlier weights."""
    from sklearn.neural_network import MLPRegressor

    h, samples = p.h, (p.x[:, None], p.y, p.parts * p.x.size)
    net = MLPRegressor(
        hidden_layer_sizes=(h - 1,), activation="logistic", solver="lbfgs", alpha=0, warm_start=True
    )

    def weights():
        (U0,), V = net.coefs_[0], net.coefs_[1][:, 0]
        return np.concatenate([V, net.intercepts_[1], U0, net.intercepts_[0]])

    def prepare():
        vars(net).pop("_backprop", None)
        net.set_params(max_iter=1, max_fun=10**6, tol=1e-9).fit(*samples)
        net.set_params(max_iter=LBFGS_STEPS)
        inner = net._backprop
        net._backprop = lambda *given: (p.check_time(), inner(*given))[1]

    def run(start):
        p.free(prepare)
        net.coefs_ = [start[None, h : 2 * h - 1].copy(), start[: h - 1, None].copy()]
        net.intercepts_ = [start[2 * h - 1 :].copy(), start[h - 1 : h].copy()]
        net.fit(*samples)
        p.judge(net.loss_, weights)

    return run


def with_torch(p, method):
    """A module of PyTorch with one of its optimizers."""
    import torch

    torch.set_num_threads(1)
    h = p.h
    net = torch.nn.Sequential(
        torch.nn.Linear(1, h - 1), torch.nn.Sigmoid(), torch.nn.Linear(h - 1, 1)
    ).double()
    x, y, parts = (torch.tensor(array)[:, None] for array in (p.x, p.y, p.parts))

    def weights():
        with torch.no_grad():
            W, c, V, b = (q.numpy().ravel() for q in net.parameters())
            return np.concatenate([V, b, W, c])

    def run(start):
        places = start[h : 2 * h - 1], start[2 * h - 1 :], start[: h - 1], start[h - 1 : h]
        with torch.no_grad():
            for parameter, values in zip(net.parameters(), places, strict=True):
                parameter.copy_(torch.tensor(values).reshape(parameter.shape))
        if method == "Adam":
            optimizer, calls = torch.optim.Adam(net.parameters(), lr=ADAM_RATE), ADAM_STEPS
        else:
            optimizer, calls = (
                torch.optim.LBFGS(
                    net.parameters(), max_iter=LBFGS_STEPS, line_search_fn="strong_wolfe"
                ),
                1,
            )

        def closure():
            optimizer.zero_grad()
            loss = (parts * (net(x) - y) ** 2).sum() / 2
            loss.backward()
            p.check_time()
            return loss

        for _ in range(calls):  # each gives the loss before it
            loss = optimizer.step(closure)
            if method == "Adam":
                p.judge(loss.item(), weights)
        p.judge(closure().item(), weights)

    return run


def with_optax(p, method):
    """JAX with an optimizer of optax, many steps in one compiled call."""
    import jax
    import optax

    jax.config.update("jax_enable_x64", True)
    jnp, h = jax.numpy, p.h
    some, most = (500, ADAM_STEPS) if method == "Adam" else (100, LBFGS_STEPS)
    optimizer = optax.adam(ADAM_RATE) if method == "Adam" else optax.lbfgs()

    def error(w):
        H = jax.nn.sigmoid(w[h:].reshape(2, -1).T @ p.X)
        return (p.parts * (w[: h - 1] @ H + w[h - 1] - p.y) ** 2).sum() / 2

    both = jax.value_and_grad(error) if method == "Adam" else optax.value_and_grad_from_state(error)

    def step(state):
        w, inner, _, n = state
        value, grad = both(w) if method == "Adam" else both(w, state=inner)
        more = {} if method == "Adam" else {"value": value, "grad": grad, "value_fn": error}
        updates, inner = optimizer.update(grad, inner, w, **more)
        good = value <= p.wanted
        return jnp.where(good, w, optax.apply_updates(w, updates)), inner, value, n + 1

    @jax.jit
    def steps(w, inner):
        going = lambda state: (state[2] > p.wanted) & (state[3] < some)  # noqa: E731
        return jax.lax.while_loop(going, step, (w, inner, jnp.inf, 0))[:3]

    def run(start):
        w = jnp.array(start)
        inner = optimizer.init(w)
        for _ in range(most // some):
            w, inner, value = steps(w, inner)
            p.judge(float(value), lambda w=w: np.asarray(w))
            p.check_time()

    return run


PEERS: dict[str, tuple[str, Callable]] = {
    "SciPy lm": ("scipy", lambda p: with_scipy(p, "lm")),
    "SciPy lm, stopped": ("scipy", lambda p: with_scipy(p, "lm", stopped=True)),
    "SciPy trf": ("scipy", lambda p: with_scipy(p, "trf")),
    "scikit-learn L-BFGS": ("scikit-learn", with_sklearn),
    "PyTorch L-BFGS": ("torch", lambda p: with_torch(p, "L-BFGS")),
    "PyTorch Adam": ("torch", lambda p: with_torch(p, "Adam")),
    "optax L-BFGS": ("optax", lambda p: with_optax(p, "L-BFGS")),
    "optax Adam": ("optax", lambda p: with_optax(p, "Adam")),
}


def ours(p, engine):
    """`nnlib.fit` itself."""

    def time(seed):
        begun = process_time()
        found = fit(p.f, p.h, wanted=p.wanted, seed=seed, starts=10**6, engine=engine)
        took = process_time() - begun
        return took, np.concatenate([found.V, found.U[:, 0], found.U[:, 1]])

    return time


def quartiles(values):
    """The median and the quartiles, as text."""
    low, middle, high = np.quantile(values, (0.25, 0.5, 0.75), method="inverted_cdf")
    return f"{middle:9.4f} ({low:.4f} to {high:.4f})"


def race(f, h, wanted):
    """Let all methods take turns on one case, and print what came out."""
    problem = Problem(f, h, wanted)
    engines = ["kernel", "numpy"] if kernel.status().startswith("used") else ["numpy"]
    ways = {f"nnlib.fit, {engine}": ours(problem, engine) for engine in engines}
    for name, (distribution, make) in PEERS.items():
        try:
            metadata.version(distribution)
        except metadata.PackageNotFoundError:
            continue
        run = make(problem)
        ways[name] = lambda seed, run=run: problem.time(run, seed)
    for way in ways.values():  # whatever is loaded or compiled once
        way(SEEDS)
    took = {name: np.empty(SEEDS) for name in ways}
    for seed in range(SEEDS):
        for name, way in ways.items():
            took[name][seed], weights = way(seed)
            if weights is not None and not interval_error(f, weights, 64) <= wanted * 1.001:
                print(f"{name}: the error is {interval_error(f, weights, 64):.3g}, seed {seed}")
    print(f"\n({f.__name__}, {h}) below {wanted:g}: seconds, median and quartiles of {SEEDS} seeds")
    for name, t in took.items():
        print(f"    {name:22} {quartiles(t)}, arrived {np.isfinite(t).mean():4.0%}")
    first, *_ = took
    called = [name for name in took if name in PEERS and "stopped" not in name]
    best = min(called, key=lambda name: np.median(took[name]), default=None)
    for other in (best, "SciPy lm, stopped"):
        if other in took:
            print(f"    {first} / {other}: {np.median(took[first]) / np.median(took[other]):.3f}")


def main():
    """Print a table for each case."""
    print(f"numpy {np.__version__}; the kernel is {kernel.status()}; {CAP:g} s for a seed at most")
    for case in CASES:
        race(*case)


if __name__ == "__main__":
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the others: that they have not converged
        main()
