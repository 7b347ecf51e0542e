"""What several chapters of one build have in common, runs and verdicts, each of them made once.

It is the chapter that asks first which trains, or judges a claim. The others read its history, or
its entry in the ledger, from a folder that lasts no longer than the build, so that nothing can be
in it but what this library has computed.
"""

import os
import pickle
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from nnlib import History
from nnlib.arithmetic import ARITHMETICS, find_arithmetic
from nnlib.report import ledger, runs
from nnlib.results import replacing
from nnlib.targets import TARGETS

STARTUP = """\
import sys
sys.path.insert(0, {here!r})
import shared
sys.path.remove({here!r})
shared.share({folder!r})
del shared, sys
"""

# Kernels keep the memory that they free, up to so many bytes. The C library would give back that of
# each larger array, and to fetch it again, page by page, can take longer than what is computed.
KEPT = {"MALLOC_MMAP_THRESHOLD_": 2**25, "MALLOC_TRIM_THRESHOLD_": 2**28}


def share(folder):
    """Have runs and verdicts looked for in a folder first, and left there when they are made."""
    train, known = runs._trained.__wrapped__, [*map(find_arithmetic, ARITHMETICS)]

    @cache
    def trained(experiment, arithmetic):
        if experiment.f not in TARGETS.values() or arithmetic not in known:
            return train(experiment, arithmetic)  # a name may stand for something else elsewhere
        name = sha256(f"{experiment!r} {arithmetic!r}".encode()).hexdigest()
        path = Path(folder, name)
        if path.exists():
            return History.load(path)
        history = train(experiment, arithmetic)
        history.save(path)
        return history

    runs._trained = trained
    judge = ledger.check

    def check(claim, claims=()):
        claims = tuple(claims)
        if not claim.document:
            return judge(claim, claims)
        said = replace(claim, function=claim.measure), [one.id for one in claims]
        path = Path(folder, f"{sha256(repr(said).encode()).hexdigest()}.entry")
        if path.exists():
            return replace(pickle.loads(path.read_bytes()), claim=claim)
        entry = judge(claim, claims)
        with replacing(path) as beside:
            Path(beside).write_bytes(pickle.dumps(replace(entry, claim=None)))
        return entry

    ledger.check = check


@contextmanager
def kernels_share():
    """Let kernels that are started meanwhile share what they train, and have no profile."""
    with TemporaryDirectory() as folder:
        startup = Path(folder, "ipython", "profile_default", "startup")
        startup.mkdir(parents=True)
        Path(folder, "runs").mkdir()
        text = STARTUP.format(here=str(Path(__file__).parent), folder=str(Path(folder, "runs")))
        (startup / "shared.py").write_text(text, encoding="utf-8")
        settings = {"IPYTHONDIR": Path(folder, "ipython"), **KEPT}
        before = {name: os.environ.get(name) for name in settings}
        os.environ.update({name: str(value) for name, value in settings.items()})
        try:
            yield
        finally:
            for name, value in before.items():
                del os.environ[name]
                if value is not None:
                    os.environ[name] = value
