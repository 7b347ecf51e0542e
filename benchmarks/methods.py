"""The comparison of methods beside those of other libraries, from the same starts.

Each peer is called as its users call it, with our loss, half the mean squared error, in double
precision. It has the budget of `nnlib.methods.peers`: an exception ends what has spent it. What a
peer has evaluated is watched; if it ends before its budget does, it is not started again. What is
missing in `nnlib/methods/results/peers.npz` is computed by `make methods` where all is installed
that `benchmarks/requirements.txt` lists.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import warnings
from functools import cache
from importlib import metadata
from time import process_time

import numpy as np

from nnlib import kept
from nnlib.methods import peers, tuning
from nnlib.network import pack
from nnlib.pool import workers
from nnlib.training import train_quietly


class Spent(Exception):
    """There is nothing left of the budget."""


class Watch:
    """What a run has seen so far; costs are gradients of all samples."""

    def __init__(self, x, y, h, levels, most):
        self.x, self.y, self.h, self.levels, self.most = x, y, h, np.array(levels), most
        self.X = np.stack([x, np.ones_like(x)])
        self.marks = peers.marks(most)
        self.reached = np.full(len(levels), np.inf)
        self.spent, self.lowest, self.best, self.kept = 0.0, np.inf, None, []

    def see(self, w, loss, cost=1.0):
        """Judge some weights, then count what has been computed there."""
        while self.marks and self.marks[0] < self.spent:
            self.marks.pop(0)
            self.kept.append(self.best)
        if not self.marks:
            raise Spent
        if loss < self.lowest:
            self.lowest, self.best = loss, w.copy()
            self.reached[(loss <= self.levels) & np.isinf(self.reached)] = self.spent
        self.spent += cost

    def row(self, f):
        """What is kept of a run."""
        weights = [*self.kept, *[self.best] * len(self.marks)]
        return peers.row(f, np.array(weights), min(self.spent, self.most), self.reached)

    def errors(self, w):
        """The errors of the samples, and the hidden neurons, in plain numpy."""
        from scipy.special import expit

        H = expit(w[self.h :].reshape(2, -1).T @ self.X)
        return w[: self.h - 1] @ H + w[self.h - 1] - self.y, H

    def jacobian(self, w, H):
        """The derivatives of the errors."""
        h = self.h
        J = np.empty((3 * h - 2, self.x.size))
        J[: h - 1], J[h - 1] = H, 1
        J[2 * h - 1 :] = (1 - H) * H * w[: h - 1, None]
        J[h : 2 * h - 1] = J[2 * h - 1 :] * self.x
        return J


def least_squares(method):
    """`scipy.optimize.least_squares` with our Jacobian."""

    def run(watch, start, tolerance, scale):
        from scipy import optimize

        root, last = np.sqrt(watch.x.size), {}

        def errors(w):
            e, H = watch.errors(w)
            last.update(w=w.copy(), H=H)
            watch.see(w, e @ e / watch.x.size / 2)
            return e / root

        def jacobian(w):
            H = last["H"] if np.array_equal(w, last["w"]) else watch.errors(w)[1]
            watch.see(w, np.inf, peers.jacobian_cost(watch.h))
            return watch.jacobian(w, H).T / root

        more = {"ftol": tolerance, "xtol": tolerance, "gtol": tolerance, "x_scale": scale}
        optimize.least_squares(errors, start, jacobian, method=method, max_nfev=10**6, **more)

    return run


def minimize(watch, start, ftol, gtol, memory):
    """`scipy.optimize.minimize` with L-BFGS-B."""
    from scipy import optimize

    def both(w):
        e, H = watch.errors(w)
        loss = e @ e / watch.x.size / 2
        watch.see(w, loss)
        return loss, watch.jacobian(w, H) @ e / watch.x.size

    options = {"maxcor": memory, "ftol": ftol, "gtol": gtol, "maxiter": 10**6, "maxfun": 10**6}
    optimize.minimize(both, start, jac=True, method="L-BFGS-B", options=options)


def sklearn(solver):
    """`MLPRegressor`, all samples in a batch; a start takes the place of earlier weights."""

    def run(watch, start, value, momentum=0.9):
        from sklearn.neural_network import MLPRegressor

        h = watch.h
        more = {"tol": value} if solver == "lbfgs" else {"tol": 0, "learning_rate_init": value}
        net = MLPRegressor(
            hidden_layer_sizes=(h - 1,),
            activation="logistic",
            solver=solver,
            alpha=0,
            momentum=momentum,
            nesterovs_momentum=False,
            warm_start=True,
            shuffle=False,
            batch_size=watch.x.size,
            max_fun=10**6,
            n_iter_no_change=10**6,
            **more,
        )
        samples = watch.x[:, None], watch.y
        net.set_params(max_iter=1).fit(*samples)  # which makes what is replaced
        net.set_params(max_iter=10**6)
        net.coefs_ = [start[None, h : 2 * h - 1].copy(), start[: h - 1, None].copy()]
        net.intercepts_ = [start[2 * h - 1 :].copy(), start[h - 1 : h].copy()]
        net.best_loss_, net._no_improvement_count = np.inf, 0
        inner = net._backprop

        def backprop(*given):
            found = inner(*given)
            (U0,), V = net.coefs_[0], net.coefs_[1][:, 0]
            w = np.concatenate([V, net.intercepts_[1], U0, net.intercepts_[0]])
            watch.see(w, found[0])
            return found

        net._backprop = backprop
        try:
            net.fit(*samples)
        except ValueError:
            if all(np.isfinite(w).all() for w in (*net.coefs_, *net.intercepts_)):
                raise  # the other one is told by what is kept

    return run


def torch_parameters(h, rows):
    """Weights of many networks as PyTorch has them: V and its bias, then U by columns."""
    import torch

    torch.set_num_threads(1)
    V, b, U0, U1 = np.split(rows, (h - 1, h, 2 * h - 1), axis=1)
    parts = V[:, None], b[:, None], U0[:, :, None], U1[:, :, None]
    return [torch.nn.Parameter(torch.tensor(np.ascontiguousarray(part))) for part in parts]


def torch_together(make):
    """An optimizer of PyTorch for many networks at once, none of which knows of the others."""

    def run(f, h, most, samples, starts, *setting):
        import torch

        x, y = (torch.tensor(np.stack(some)[:, None]) for some in zip(*samples, strict=True))
        parameters = torch_parameters(h, starts)
        V, b, U0, U1 = parameters
        optimizer = make(torch.optim, parameters, *setting)
        marks, levels = peers.marks(most), np.array(tuning.LEVELS[f])
        best, lowest = starts.copy(), np.full(len(starts), np.inf)
        reached, kept = np.full((len(starts), len(levels)), np.inf), []
        for n in range(most + 1):
            optimizer.zero_grad()
            losses = ((V @ torch.sigmoid(U0 * x + U1) + b - y) ** 2).mean(-1)[:, 0] / 2
            losses.sum().backward()
            now = losses.detach().numpy()
            better = now < lowest
            if better.any():
                w = [p.detach().numpy().reshape(len(starts), -1) for p in parameters]
                best[better] = np.concatenate(w, axis=1)[better]
                lowest[better] = now[better]
                reached[(now[:, None] <= levels) & np.isinf(reached)] = n
            if n in marks:
                kept.append(best.copy())
            optimizer.step()
        rows = zip(np.swapaxes(kept, 0, 1), reached, strict=True)
        return [peers.row(f, weights, most, at) for weights, at in rows]

    return run


def torch_lbfgs(watch, start, gradient, change, memory):
    """L-BFGS of PyTorch with its line search."""
    import torch

    parameters = torch_parameters(watch.h, start[None])
    V, b, U0, U1 = parameters
    x, y = torch.tensor(watch.x), torch.tensor(watch.y)
    optimizer = torch.optim.LBFGS(
        parameters,
        max_iter=10**6,
        max_eval=10**6,
        history_size=memory,
        tolerance_grad=gradient,
        tolerance_change=change,
        line_search_fn="strong_wolfe",
    )

    def closure():
        optimizer.zero_grad()
        loss = ((V @ torch.sigmoid(U0 * x + U1) + b - y) ** 2).mean() / 2
        loss.backward()
        w = np.concatenate([p.detach().numpy().ravel() for p in parameters])
        watch.see(w, loss.item())
        return loss

    optimizer.step(closure)


def jax_error(w, x, y):
    """The loss, for JAX."""
    import jax

    h = (w.size + 2) // 3
    H = jax.nn.sigmoid(w[h : 2 * h - 1, None] * x + w[2 * h - 1 :, None])
    return ((w[: h - 1] @ H + w[h - 1] - y) ** 2).mean() / 2


OPTAX = {
    "adam": lambda optax, rate: optax.adam(rate),
    "sgd": lambda optax, rate, beta: optax.sgd(rate, beta),
    "lbfgs": lambda optax, memory: optax.lbfgs(memory_size=memory),
}


@cache
def optax_compiled(name, f, most, fixed):
    """All steps of a run with an optimizer of optax, from one start after the other."""
    import jax
    import optax

    jax.config.update("jax_enable_x64", True)
    jnp, searches = jax.numpy, name == "lbfgs"
    marks, levels = jnp.array(peers.marks(most), float), jnp.array(tuning.LEVELS[f])

    def run(start, x, y, setting):
        optimizer = OPTAX[name](optax, *fixed, *setting)

        def error(w):
            h = (w.size + 2) // 3
            H = jax.nn.sigmoid(w[h : 2 * h - 1, None] * x + w[2 * h - 1 :, None])
            return ((w[: h - 1] @ H + w[h - 1] - y) ** 2).mean() / 2

        def step(state):
            w, inner, spent, lowest, best, reached, _ = state
            if searches:
                loss, grad = optax.value_and_grad_from_state(error)(w, state=inner)
                more = {"value": loss, "grad": grad, "value_fn": error}
            else:
                loss, grad = jax.value_and_grad(error)(w)
                more = {}
            best = jnp.where(loss < lowest, w, best)
            reached = jnp.where((loss <= levels) & jnp.isinf(reached), spent, reached)
            update, inner = optimizer.update(grad, inner, w, **more)
            taken = inner[-1].info.num_linesearch_steps if searches else 1
            w, going = optax.apply_updates(w, update), (taken > 0) & (jnp.linalg.norm(grad) > SMALL)
            return w, inner, spent + taken, jnp.fmin(lowest, loss), best, reached, going

        def until(state, mark):
            state = jax.lax.while_loop(lambda s: (s[2] <= mark) & s[-1], step, state)
            return state, state[4]

        never, none = jnp.full(levels.shape, jnp.inf), jnp.array(0.0)
        begun = start, optimizer.init(start), none, never[0], start, never, jnp.array(True)
        state, weights = jax.lax.scan(until, begun, marks)
        return weights, jnp.minimum(state[2], most), state[5]

    return jax.jit(lambda setting, *given: jax.lax.map(lambda one: run(*one, setting), given))


def optax_together(name):
    """An optimizer of optax."""

    def run(f, h, most, samples, starts, *setting):
        x, y = (np.stack(some) for some in zip(*samples, strict=True))
        fixed, free = (setting, ()) if name == "lbfgs" else ((), setting)
        found = optax_compiled(name, f, most, fixed)(free, starts, x, y)
        return [peers.row(f, *map(np.asarray, one)) for one in zip(*found, strict=True)]

    return run


SMALL = 1e-12  # a gradient at which L-BFGS of optax, which has no end of its own, is ended


def alone(run):
    """Make a function of many starts of one that takes a start at a time."""

    def run_all(f, h, most, samples, starts, *setting):
        rows = []
        for (x, y), start in zip(samples, starts, strict=True):
            watch = Watch(x, y, h, tuning.LEVELS[f], most)
            try:
                with warnings.catch_warnings(), np.errstate(all="ignore"):
                    warnings.simplefilter("ignore")  # that it has not converged
                    run(watch, start, *setting)
            except Spent:
                pass
            rows.append(watch.row(f))
        return rows

    return run_all


RUNS = {
    "SciPy lm": alone(least_squares("lm")),
    "SciPy trf": alone(least_squares("trf")),
    "SciPy L-BFGS-B": alone(minimize),
    "scikit-learn lbfgs": alone(sklearn("lbfgs")),
    "scikit-learn adam": alone(sklearn("adam")),
    "scikit-learn sgd": alone(sklearn("sgd")),
    "PyTorch SGD": torch_together(lambda optim, some, rate, beta: optim.SGD(some, rate, beta)),
    "PyTorch Adam": torch_together(lambda optim, some, rate: optim.Adam(some, rate)),
    "PyTorch LBFGS": alone(torch_lbfgs),
    **{f"optax {name}": optax_together(name) for name in OPTAX},
}


def compute(experiment, peer, settings, seeds):
    """What is kept of the runs of a peer: for each setting a row for each start."""
    ones = [tuning.start(experiment, seed) for seed in seeds]
    samples = [one.start.train_set(one.f) for one in ones]
    starts = np.array([pack(*one.start.initial_weights(one.h)) for one in ones])
    f, h, most = experiment.f, experiment.h, experiment.epochs
    with np.errstate(all="ignore"):
        return np.array([RUNS[peer](f, h, most, samples, starts, *some) for some in settings])


def tasks():
    """What is kept, and how it is computed: first that from which settings are chosen, then all."""
    found = {}
    for name, (f, kind, peer) in peers.tuned_keys().items():
        found[name] = peers.experiment(f, kind), compute, peer, peers.tried(f, peer), tuning.SEEDS
    yield found
    for name, (f, kind, peer, seeds) in peers.judged_keys().items():
        setting = peers.chosen(f, kind, peer)
        found[name] = peers.experiment(f, kind), compute, peer, [setting], seeds
    for f in tuning.BUDGET:
        found[peers.seconds_key(f)] = peers.experiment(f, "spread"), measure
    yield found


def measure(experiment):
    """The seconds of a run of each of ours, and of each peer, which take turns."""
    names = *tuning.METHODS, *peers.PEERS
    for name in names:  # whatever is loaded or, for the whole budget, compiled once
        short = experiment if name.startswith("optax") else experiment.replaced(epochs=20)
        seconds(short, name, peers.TIMED[0])
    return np.array([[seconds(experiment, name, seed) for name in names] for seed in peers.TIMED]).T


def seconds(experiment, name, seed):
    """The seconds of one core that a run takes."""
    f, kind = experiment.f, experiment.start.start
    if name in tuning.METHODS:
        one = tuning.start(tuning.tried(f, kind, name)[0], seed)
        one = one.replaced(epochs=min(one.epochs, experiment.epochs))
        begun = process_time()
        train_quietly(one)
    else:
        setting = peers.chosen(f, kind, name)
        begun = process_time()
        compute(experiment, name, [setting], [seed])
    return process_time() - begun


def do(experiment, function, *given):
    """Do what a task says."""
    return function(experiment, *given)


def main():
    """Compute what is missing."""
    names = "scipy", "scikit-learn", "torch", "jax", "optax"
    try:
        versions = {name: metadata.version(name) for name in names}
    except metadata.PackageNotFoundError as error:
        print(f"{error.name} is not installed; what is kept of the other libraries stays")
        return
    about = {**peers.CONDITIONS, "versions": versions}
    with workers() as pool:
        for some in tasks():
            kept.complete(pool, peers.FILE, about, do, some)


if __name__ == "__main__":
    main()
