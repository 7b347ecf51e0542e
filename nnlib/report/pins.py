"""The pinned experiments: the checksum that each whole history, or each fit, has on every machine.

It needs numpy and tqdm alone, so that it runs wherever those do.
"""

# ruff: noqa: E501, as a pin is one line

import json
from collections.abc import Iterable
from hashlib import sha256

from nnlib.experiment import Experiment
from nnlib.interval import nodes
from nnlib.optimizers.least_squares import fit, fit_outputs, spread_weights
from nnlib.targets import TARGETS
from nnlib.training import train

__all__ = ["PINS", "checksum", "digest", "is_compiled", "others"]

# A change of any bit, of any error, weight or gradient, in any epoch, is seen. There is one for each
# optimizer, each schedule and each kind of start, and some with a penalty.
PINS = {
    "f1 3 1 1000 portable": "054b7709e6e080c94422a7122ff6963ba0945d5c92934a62f02b089d8c03a71e",
    "f2 8 0.1 1200 portable": "3d7d9d7730e3486c6f63a5c9d012091dfa4303372a966f1478ca4a6b4e8896a7",
    "f2 12 0.05 300 portable": "9b73521901d2d5dc890d474f2686b0e3bcfc57997f321a3d5fce9ed8b9ff3ed2",
    "f1 3 1 1000 replay": "003be3a738541ec7293eb7fa1f2f05528646f63caba0ac593e1d381095b12698",
    "f2 6 0.1 1000 replay": "0700e10e25b06a3c0247d0b7a45e7610d0234a5dc6f29051e2082428e2d02009",
    "f2 8 0.1 1200 replay": "6cfe9dcba810fa92c75fb0cc540728f96044847d9bbf4fca372c97fb42c2a28e",
    "f2 4 0.05 100 optimizer=heavy-ball beta=0.9 portable": "1e80bee8faf4554ea3ed113ab5cfc67b004020a83ea48979b2ac67b6760b71f4",
    "f2 4 0.05 100 optimizer=nesterov beta=0.9 portable": "24a5e1a268fb889c89da28b279d7cd3f67d933561583576edd3717ccd820a509",
    "f2 4 0.5 100 optimizer=adagrad portable": "4bbe04b2fa3519395b362ce0078e5ef9e2896f55dc8340324edf8feea33586c4",
    "f2 4 0.05 100 optimizer=rmsprop portable": "d76406743f0f87132ce7c0ab0c590bd814e98957d23de3ee5958a4c41b781eb2",
    "f2 4 0.3 100 optimizer=adam portable": "9b0c595b466cccee0ae6e72238262fce72d22fa3ba914e551f7809febcdf7fe2",
    "f2 4 0.3 100 optimizer=adamw decay=0.1 portable": "2a3f0a179a23d65230c2be7b55cf2216fa40af17f621b5acde9634810585a053",
    "f2 4 0.01 100 optimizer=rprop portable": "0ef02f3210c82e5255c4f03372abca6cc066c6536784c4ef05ee76c6557b0d7e",
    "f2 4 0.5 100 optimizer=halving up=1.05 portable": "987177cc3d52a9ae0c93405ebcc4fa76ebf404e6ee6ed8876cf153955e18704b",
    "f2 4 0.5 100 optimizer=armijo portable": "eef1ffacf638002dd0757c3935be23d99261a388ffbdfe4d79cf294d43471085",
    "f2 4 0.01 100 optimizer=barzilai-borwein portable": "72841224117548953340c252ef8c304c76246b335318aece077b317f0bef6a74",
    "f2 4 0.5 100 optimizer=angle patience=3 portable": "5f4b35849d1c16b5a9d65a6458ce79a3103fb17a96ee9b0158b142891be5e1d0",
    "f2 4 2 100 optimizer=sharpness portable": "a64265c247b273b7fbe621247936b49248aeff222387300e561aae0b8ca0b83d",
    "f2 4 1 100 optimizer=gauss-newton portable": "fd5b7a56b6ccea1f6518c0cbc337d782699e5071b7ed68b3e2c24326d2c69e2e",
    "f2 4 0.1 100 optimizer=lbfgs portable": "d41ed04b19cc9fdaf503708e6c977ee049f723327955d67f28e47e852cbdef9c",
    "f2 4 0.1 100 schedule=steps portable": "f8dbc635d39027636c6149163d6d8c41931e5688221121472431a56e7ff5eddb",
    "f2 4 0.1 100 schedule=inverse half=20 portable": "1766e65c10a82576a7b59f5d45c6b76d2580e5894d7f6e69f53f390323602e36",
    "f2 4 0.1 100 schedule=cosine portable": "585e33c86fac70c102dbd2b48ac50b8b50bf264d6da585c6bb7babe749581fdb",
    "f2 4 0.05 20 batch=128 portable": "085099cb6ef82bb581fce654a819c6d85303337d0ee3d959a85bc0297adca496",
    "f2 4 0.05 20 optimizer=adam schedule=cosine batch=90 shuffle=3.1 portable": "f5c85e409e0e1168331e1ceb43da5d0dcb2022ce29f3c23a8c2b7aebccf3458b",
    "f2 4 0.1 100 penalty=0.001 portable": "08a9aadc53e620ca56a6b801a567f94a58e7d47f5e1ae8d1110aaa9eb5c4d852",
    "f2 4 0.05 20 optimizer=adam batch=90 penalty=0.01 portable": "96651d3ff9107a2d9e4827d2f1e8cc331d8e55a741cca12f34028962fb7a7f15",
    "f2 4 1 100 optimizer=gauss-newton penalty=0.01 portable": "44ee611573f66e3980fc61a4dc7b7a3cf28b69c97ff81e4cd72c76fee2263d9d",
    "f2 4 0.1 100 start=spread portable": "2bd8774ade3f9d16da65427e4fe67199d411ff3120127fb2da0fcd5e9a1710ad",
    "f2 4 0.1 100 weights=3 start=glorot portable": "898a192c31c039cf2d2b6a0e5447e3db7963a96dfbcb3e92b5838582884bc98c",
    "f1 3 1 1000 at=481:rate=0.5 portable": "a9aa7ec1fbb78516db768cda3bdb4df80130868a40fe7acc333bb04f7fef6322",
    "f2 4 0.05 30 optimizer=heavy-ball beta=0.9 batch=90 at=7:rate=0.02:shuffle=3 at=12:optimizer=adam:penalty=0.01 at=20:batch=all:schedule=cosine portable": "e8f83a634a84655438dcc34429b89ee23353ea7d85011c44120e751a6fd46374",
    "f1 2 fit": "8ba5bac2e92994f485d75754a504960445b5a5c67cfeb68d69b781c35407834c",
    "f2 8 fit": "df22a6b2f5627c4f5729ac59fe10a73e05e010ac24df8e09164cfb2dbd12149f",
}
_FITS, _STEPS = 16, 100  # how many networks a pinned fit is of, and how many steps each may take


def digest() -> str:
    """What stands for all pins together.

    Returns
    -------
    str
        A SHA-256.
    """
    return sha256(json.dumps(PINS).encode()).hexdigest()


def checksum(pin: str, engine: str | None = None) -> str:
    """Train a pinned experiment, or fit networks.

    Parameters
    ----------
    pin : str
        Written as the keys of `PINS`: an experiment, and the name of an arithmetic; or a function
        and a size, and "fit".
    engine : {None, "numpy", "kernel"}, optional
        As of `nnlib.train`.

    Returns
    -------
    str
        What `nnlib.History.checksum` says; of fits, the SHA-256 of all weights as little-endian
        doubles.

    Raises
    ------
    ValueError
        If it is not written so.
    """
    experiment, _, arithmetic = pin.rpartition(" ")
    if arithmetic == "fit":
        f, h = experiment.split()
        return _fit(TARGETS[f], int(h), engine)
    return train(Experiment.parse(experiment), arithmetic=arithmetic, engine=engine).checksum()


def is_compiled(pin: str) -> bool:
    """Whether the kernel has what is pinned.

    Parameters
    ----------
    pin : str
        As of `checksum`.

    Returns
    -------
    bool
    """
    text, _, arithmetic = pin.rpartition(" ")
    if arithmetic == "fit":
        return True
    experiment = Experiment.parse(text)
    if arithmetic == "replay":
        return experiment.is_descent
    return all(part.optimizer.compiled for _, part in experiment.parts)


def others(pins: Iterable[str] = PINS, engine: str | None = None) -> dict[str, str]:
    """Train pinned experiments and keep those whose checksum is another one.

    Parameters
    ----------
    pins : iterable of str, optional
        Keys of `PINS`; all of them if not given.
    engine : {None, "numpy", "kernel"}, optional
        As of `nnlib.train`.

    Returns
    -------
    dict of str to str
        The pins that differ, with the checksums found; empty where all is as it should be.

    Raises
    ------
    KeyError
        If there is no such pin.
    """
    found = {pin: (PINS[pin], checksum(pin, engine)) for pin in pins}
    return {pin: here for pin, (pinned, here) in found.items() if here != pinned}


def _fit(f, h, engine):
    """The checksum of networks that are fitted from spread starts."""
    x, parts = nodes()
    start = fit_outputs(x, f(x), spread_weights(h, _FITS, 1), parts)
    found = fit(x, f(x), start, parts=parts, steps=_STEPS, engine=engine)
    return sha256(found.weights.astype("<f8").tobytes()).hexdigest()
