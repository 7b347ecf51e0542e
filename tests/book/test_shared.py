"""What several chapters of one build train is trained once."""

import os
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
import shared

from nnlib import Experiment, f1, train
from nnlib.arithmetic import find_arithmetic
from nnlib.report import ledger, runs
from nnlib.report.claims import load

EXPERIMENT = Experiment(f1, 3, 0.1, 20)


@pytest.fixture
def trained(monkeypatch):
    """The experiments that were trained, and not read."""
    asked = []

    @cache
    def note(experiment, arithmetic):
        asked.append(experiment)
        return train(experiment, arithmetic=arithmetic)

    monkeypatch.setattr(runs, "_trained", note)
    monkeypatch.setattr(ledger, "check", ledger.check)  # what is shared is put back
    return asked


def share(folder, monkeypatch):
    """What a kernel that has just been started does."""
    note = runs._trained
    shared.share(folder)
    ask, again = runs._trained, note
    monkeypatch.setattr(runs, "_trained", again)
    return lambda experiment: ask(experiment, find_arithmetic("portable"))


def test_a_run_is_trained_by_who_asks_first(tmp_path, trained, monkeypatch):
    first, second = (share(tmp_path, monkeypatch) for _ in range(2))
    assert first(EXPERIMENT).checksum() == second(EXPERIMENT).checksum()
    assert first(EXPERIMENT).experiment == second(EXPERIMENT).experiment
    assert trained == [EXPERIMENT]
    others = EXPERIMENT.starting(scale=2), Experiment(f1, 3, 0.1, 21)
    for other in others:
        assert second(other).checksum() == train(other).checksum()
    assert trained == [EXPERIMENT, *others]
    assert len(list(tmp_path.iterdir())) == 3


def test_a_claim_is_judged_by_who_asks_first(tmp_path, trained, monkeypatch):
    claims = [claim for claim in load("1A") if claim.experiments and claim.kind == "digits"][:2]
    claim, real, judged = claims[0], ledger.check, []

    def judge(claim, claims=()):
        judged.append(claim.id)
        return real(claim, claims)

    def ask(claim, claims=()):
        monkeypatch.setattr(ledger, "check", judge)
        share(tmp_path, monkeypatch)
        return ledger.check(claim, claims)

    expected = real(claim, claims)
    assert ask(claim, claims) == ask(claim, iter(claims)) == expected
    assert judged == [claim.id]
    assert ask(claim) == real(claim)  # among no others, it may be judged otherwise
    mine = replace(claim, document="")
    assert ask(mine) == ask(mine) == real(mine)
    assert judged == [claim.id] * 4
    changed = replace(claim, value="0.1234")
    assert ask(changed) == real(changed) != expected


def test_a_name_may_stand_for_another_function_elsewhere(tmp_path, trained, monkeypatch):
    def f1(x):
        return 0 * x

    other = Experiment(f1, 3, 0.1, 20)
    share(tmp_path, monkeypatch)(EXPERIMENT)
    assert share(tmp_path, monkeypatch)(other).checksum() == train(other).checksum()
    assert trained == [EXPERIMENT, other]


def test_kernels_share_until_the_build_has_run_them(monkeypatch):
    monkeypatch.setenv("MALLOC_TRIM_THRESHOLD_", "1")
    monkeypatch.delenv("MALLOC_MMAP_THRESHOLD_", raising=False)
    before = dict(os.environ)
    with shared.kernels_share():
        assert int(os.environ["MALLOC_TRIM_THRESHOLD_"]) > 2**27
        assert int(os.environ["MALLOC_MMAP_THRESHOLD_"]) > 2**24
        startup = Path(os.environ["IPYTHONDIR"], "profile_default", "startup", "shared.py")
        ask = "from nnlib.report import runs; print(runs._trained.__module__)"
        command = [sys.executable, "-c", startup.read_text(encoding="utf-8") + ask]
        found = subprocess.run(command, capture_output=True, text=True, check=True)
        assert found.stdout == "shared\n"
    assert os.environ == before and not startup.exists()
