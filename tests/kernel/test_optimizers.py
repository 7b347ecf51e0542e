"""The optimizers of the kernel: the bits of numpy, by the formulas as one writes them down."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlib import get_new_random_weights, kernel
from nnlib.network import LossGradient, forward_pass, loss, pack, unpack


def dot(u, v):
    """Term by term."""
    return np.add.accumulate(u * v)[-1]


def descent(w, g, L, n, rate, past):
    return w - rate * g / n


def heavy_ball(w, g, L, n, rate, past, beta):
    m = past["m"] = beta * past.get("m", 0) + g
    return w - rate * m / n


def nesterov(w, g, L, n, rate, past, beta):
    m = past["m"] = beta * past.get("m", 0) + g
    return w - rate * (g + beta * m) / n


def adagrad(w, g, L, n, rate, past, epsilon):
    a = g / n
    s = past["s"] = past.get("s", 0) + a * a
    return w - rate * a / (np.sqrt(s) + epsilon)


def rmsprop(w, g, L, n, rate, past, beta, epsilon):
    a = g / n
    s = past["s"] = beta * past.get("s", 0) + (1 - beta) * (a * a)
    return w - rate * a / (np.sqrt(s) + epsilon)


def adam(w, g, L, n, rate, past, beta1, beta2, epsilon, decay=None):
    a = g / n
    m = past["m"] = beta1 * past.get("m", 0) + (1 - beta1) * a
    v = past["v"] = beta2 * past.get("v", 0) + (1 - beta2) * (a * a)
    p1, p2 = past["p1"], past["p2"] = past.get("p1", 1) * beta1, past.get("p2", 1) * beta2
    change = (m / (1 - p1)) / (np.sqrt(v / (1 - p2)) + epsilon)
    return w - rate * (change if decay is None else change + decay * w)


def rprop(w, g, L, n, rate, past, up, down):
    a, d = g / n, past.get("d", np.full_like(w, rate))
    c = a * past.get("before", 0)
    d = np.where(c > 0, np.minimum(d * up, 50), np.where(c < 0, np.maximum(d * down, 1e-6), d))
    a = np.where(c < 0, 0, a)
    past.update(before=a, d=d)
    return np.where(a > 0, w - d, np.where(a < 0, w + d, w))


def halving(w, g, L, n, rate, past, up, down):
    r = past.get("r", 1)
    if "last" in past:
        r = r * (down if past["last"] < L else up)
    past.update(r=r, last=L)
    return w - rate * r * g / n


def armijo(w, g, L, n, rate, past, slope, up, down):
    r = past.get("r", 1)
    if "base" not in past:
        past["base"] = w, g, L
    else:
        _, g0, L0 = past["base"]
        if L0 - slope * (rate * r) * (dot(g0, g0) / n) >= L:
            past["base"] = w, g, L
            r = r * up
        else:
            r = r * down
    past["r"] = r
    w, g, _ = past["base"]
    return w - rate * r * g / n


def barzilai_borwein(w, g, L, n, rate, past):
    q = past.get("q", rate)
    if "w" in past:
        s, y = w - past["w"], g - past["g"]
        if dot(s, y) > 0:
            q = n * dot(s, s) / dot(s, y)
    past.update(w=w, g=g, q=q)
    return w - q * g / n


def angle(w, g, L, n, rate, past, small, large, up, down, patience):
    r, before = past.get("r", rate), past.get("before", np.zeros_like(g))
    a, b = np.sqrt(dot(g, g)), np.sqrt(dot(before, before))
    is_small, is_large = True, False
    if a > 0 and b > 0:
        u, v = g / a, before / b
        less, more = np.sqrt(dot(u - v, u - v)), np.sqrt(dot(u + v, u + v))
        is_small, is_large = less < small * more, less > large * more
    calm = past.get("calm", 0) + 1 if is_small else 0
    if is_large:
        r = r * down
    elif calm == patience:
        r, calm = r * up, 0
    past.update(r=r, calm=calm, before=g)
    return w - r * g / n


# The step, a rate for it, and settings with which it changes something soon.
OPTIMIZERS = {
    "descent": (descent, 0.1, ()),
    "heavy-ball": (heavy_ball, 0.1, (0.9,)),
    "nesterov": (nesterov, 0.1, (0.9,)),
    "adagrad": (adagrad, 0.1, (1e-8,)),
    "rmsprop": (rmsprop, 0.01, (0.9, 1e-8)),
    "adam": (adam, 0.01, (0.9, 0.999, 1e-8)),
    "adamw": (adam, 0.01, (0.9, 0.999, 1e-8, 0.01)),
    "rprop": (rprop, 0.1, (1.2, 0.5)),
    "halving": (halving, 1.0, (1.1, 0.5)),
    "armijo": (armijo, 1.0, (0.0001, 2.0, 0.5)),
    "barzilai-borwein": (barzilai_borwein, 0.1, ()),
    "angle": (angle, 0.5, (np.tan(0.05), np.tan(0.5), 1.1, 0.5, 3)),
}


def with_penalty(total, w, strength):
    """The gradient and the loss, with a penalty on all weights."""
    if strength == 0:
        return total[:-1], total[-1]
    g, squares = total[:-1].copy(), 0.0
    for i in range(len(w)):
        g[i] += strength * w[i]
        squares += w[i] * w[i]
    return g, total[-1] + strength * squares / 2


def descend(engine, module, train_set, test_set, rates, rows, sums, test_error, *chosen, seen=None):
    """Do what the kernel does."""
    if seen is not None:  # the whole, of which some rows are taken
        size = rows.shape[1]
        whole = [np.empty((seen[-1] + 1, *width)) for width in ((size,), (size + 1,), ())]
        whole[0][0] = rows[0]
        yield from descend(engine, module, train_set, test_set, rates, *whole, *chosen)
        for array, all_of_it in zip((rows, sums, test_error), whole, strict=True):
            array[:] = all_of_it[seen]
        return
    optimizer, values, batch, orders, penalty = (*(chosen or ("descent", (), None, ())), 0.0)[:5]
    (x, y), (x_test, y_test), h = train_set, test_set, (rows.shape[1] + 2) // 3
    epochs, orders, past = len(rows) - 1, iter(orders), {}
    rates, (step, _, own) = np.broadcast_to(rates, epochs), OPTIMIZERS[optimizer]
    values = values[: len(own)]
    for epoch in range(epochs + 1):
        w = rows[epoch]
        test_error[epoch] = loss(forward_pass(*unpack(w, h), x_test) - y_test)
        sums[epoch] = LossGradient(x, y, h).sums(w)
        sums[epoch, :-1], L = with_penalty(sums[epoch], w, x.size * penalty)
        yield epoch + 1
        if epoch == epochs or not np.isfinite(sums[epoch, -1]):
            return
        if batch is None:
            w = step(w, sums[epoch, :-1], L, x.size, rates[epoch], past, *values)
        else:
            order = next(orders)
            for k in range(0, x.size, batch):
                some = order[k : k + batch]
                total = LossGradient(x[some], y[some], h).sums(w) * (batch / len(some))
                g, L = with_penalty(total, w, batch * penalty)
                w = step(w, g, L, batch, rates[epoch], past, *values)
        rows[epoch + 1] = w


def shuffled(n, seed=0):
    rng = np.random.default_rng(seed)
    while True:
        yield rng.permutation(n)


def run_of(optimizer, h, n, epochs, batch=None, rates=None, scale=1.0, seed=0, penalty=0.0):
    """What a training is called with, and three arrays that it fills."""
    rng = np.random.default_rng((seed, h, n))
    x, x_test = rng.uniform(-5, 5, n), rng.uniform(-5, 5, n // 3 + 1)
    rows, sums = np.full((epochs + 1, 3 * h - 2), np.nan), np.full((epochs + 1, 3 * h - 1), np.nan)
    rows[0] = pack(*get_new_random_weights(h, rng)) * 50 * scale
    _, rate, values = OPTIMIZERS[optimizer]
    sets = (x, np.sin(x)), (x_test, np.sin(x_test))
    filled = rows, sums, np.full(epochs + 1, np.nan)
    if rates is None:
        rates = rate * rng.uniform(0.5, 1, epochs)
    return (*sets, rates, *filled, optimizer, values, batch, shuffled(n), penalty), filled


@np.errstate(all="ignore")
def trained(way, *given, **named):
    """The bits of a history, where all NaN are alike, and how many epochs it has."""
    run, filled = run_of(*given, **named)
    done = list(way(*kernel.load(), *run))[-1]
    return [np.where(np.isnan(a), np.nan, a).tobytes() for a in filled], done


def agree(*given, **named):
    wanted = trained(descend, *given, **named)
    assert trained(kernel._descend, *given, **named) == wanted
    return wanted


def test_all_of_them_are_tried():
    assert tuple(OPTIMIZERS) == kernel.OPTIMIZERS


@pytest.mark.one_in(7)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("n", [1, 7, 100, 129, 1000])
@pytest.mark.parametrize("h", [2, 3, 8, 20])
def test_all_samples_at_once(optimizer, h, n):
    _, done = agree(optimizer, h, n, 30)
    assert done == 31


@pytest.mark.one_in(7)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("batch", [1, 10, 100, 999, 1000])
@pytest.mark.parametrize("h", [2, 3, 8, 20])
def test_batches(optimizer, h, batch):
    epochs = 1 if batch == 1 else 2
    _, done = agree(optimizer, h, 1000, epochs, batch, scale=0.1)
    assert done == epochs + 1


@pytest.mark.one_in(5)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("n", [1, 7, 100, 129])
def test_batches_of_few_samples(optimizer, n):
    for batch in {1, min(n, 2), min(n, 10), n - n // 2, n}:
        agree(optimizer, 3, n, 5, batch)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("batch", [None, 30])
def test_a_run_in_pieces(optimizer, batch, monkeypatch):
    whole = trained(kernel._descend, optimizer, 3, 100, 40, batch)
    for some in (1, 7, 40, 41):
        monkeypatch.setattr(kernel, "_WORK", some * (134 + 4 * kernel._BATCH * bool(batch)) * 3)
        pieces = run_of(optimizer, 3, 100, 40, batch)[0]
        steps = np.diff([0, *kernel._descend(*kernel.load(), *pieces)])
        assert max(steps) == min(some, 40)
        assert trained(kernel._descend, optimizer, 3, 100, 40, batch) == whole
    monkeypatch.undo()
    seven = partial(kernel._descend, at_once=7)
    assert max(np.diff([*seven(*kernel.load(), *run_of(optimizer, 3, 100, 40, batch)[0])])) == 7
    assert trained(seven, optimizer, 3, 100, 40, batch) == whole


@pytest.mark.one_in(7)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("batch", [None, 7, 50])
@pytest.mark.parametrize("rate", [30, 1e9, 1e155, 1e300])
def test_an_overflow(optimizer, batch, rate):
    for scale in (1, 1e3):
        agree(optimizer, 3, 50, 40, batch, rates=np.full(40, float(rate)), scale=scale)


@pytest.mark.one_in(5)
@pytest.mark.parametrize("scale", [0.0, 5e-324, 1e-160, 1e8, 1e150, 1e307])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_weights_of_all_sizes(optimizer, scale):
    agree(optimizer, 4, 100, 20, scale=scale)
    agree(optimizer, 4, 100, 5, 30, scale=scale)


@pytest.mark.parametrize("epochs", [0, 1, 2])
@pytest.mark.parametrize("batch", [None, 30])
def test_few_epochs(epochs, batch):
    agree("adam", 3, 100, epochs, batch)


@pytest.mark.one_in(3)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("penalty", [1e-300, 1e-3, 10, 1e300])
def test_a_penalty(optimizer, penalty):
    for h, batch in ((2, None), (8, None), (3, 30)):
        with_it = agree(optimizer, h, 100, 20, batch, penalty=penalty)
        assert with_it != agree(optimizer, h, 100, 20, batch) or penalty < 1e-200


def test_no_more_orders_are_drawn_than_there_are_epochs():
    orders = iter([np.arange(100)] * 5 + [None])
    run, _ = run_of("descent", 3, 100, 5, 30)
    assert list(kernel.descend(*run[:6], batch=30, orders=orders))[-1] == 6
    assert next(orders) is None


@pytest.mark.parametrize("rate", [1.5e-6, 49])
def test_the_limits_of_a_step_of_rprop(rate):
    agree("rprop", 3, 100, 5, 10, rates=np.full(5, rate))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_loss_that_stays_for_a_while(optimizer):
    agree(optimizer, 3, 100, 20, rates=np.repeat([1e-30, 0.1], 10))


def test_a_falling_rate():
    agree("descent", 3, 100, 50, rates=0.5 / np.arange(1, 51))


@given(st.data())
def test_any_training(data):
    n, draw = data.draw(st.integers(1, 300)), data.draw
    agree(
        draw(st.sampled_from(kernel.OPTIMIZERS)),
        draw(st.integers(2, 9)),
        n,
        draw(st.integers(0, 12)),
        draw(st.none() | st.integers(1, n)),
        draw(st.floats(1e-4, 100)),
        draw(st.sampled_from([0.01, 1, 100, 1e5])),
        draw(st.integers(0, 1000)),
    )


def test_the_proof_is_what_numpy_gives(monkeypatch):
    monkeypatch.setattr(kernel, "_descend", descend)
    assert kernel._is_proven(None, None)


@pytest.mark.parametrize("optimizer", kernel._PROVEN)
def test_other_bits_of_an_optimizer_are_found_out(optimizer, monkeypatch):
    real = kernel._descend

    def descend(engine, module, *run, **named):
        yield from real(engine, module, *run, **named)
        if run[6:7] == (optimizer,):
            run[3][-1, 0] = np.nextafter(run[3][-1, 0], 0)

    monkeypatch.setattr(kernel, "_descend", descend)
    assert not kernel._is_proven(*kernel.load())
