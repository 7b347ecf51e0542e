"""The same bits whatever instructions and BLAS kernel a CPU gets, and however many threads.

`make portability` tries many more machines; here are those that every run can afford.
"""

import json
import os
import shutil
import subprocess
import sys

import pytest
from portability import TABLE, x86_features
from snapshots import ROOT

from nnlib.report.pins import PINS, digest

ENVIRONMENTS = {
    "as it comes": {},
    "baseline": {"NPY_DISABLE_CPU_FEATURES": " ".join(x86_features())},
    "OpenBLAS for Prescott, one thread": {
        "OPENBLAS_CORETYPE": "Prescott",
        "OPENBLAS_NUM_THREADS": "1",
    },
    "another locale and time zone": {"LC_ALL": "de_DE.UTF-8", "TZ": "Asia/Kathmandu"},
}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_checksums_are_pinned(environment):
    if environment == "baseline" and not x86_features():
        pytest.skip("numpy has no instruction sets to choose among on this CPU")
    program = ROOT / "tests" / "checksums.py"
    found = subprocess.run(
        [sys.executable, "-W", "error", str(program)],
        env={**os.environ, **ENVIRONMENTS[environment]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode in (0, 1), found.stderr
    assert json.loads(found.stdout)["others"] == {}


def test_the_table_of_machines_is_green():
    table = json.loads(TABLE.read_text(encoding="utf-8"))
    assert table["checksums"] == digest(), "the table is of other checksums: make portability"
    rows = table["machines"]
    assert {row["verdict"] for row in rows} == {"the same"}
    assert {row.get("machine") for row in rows} == {"x86_64", "aarch64"}
    assert len(rows) >= 10


def test_a_changed_bit_is_seen(tmp_path):
    shutil.copytree(ROOT / "nnlib", tmp_path / "nnlib")
    changed = tmp_path / "nnlib" / "report" / "pins.py"
    pin = "f1 3 1 1000 portable"
    text = changed.read_text(encoding="utf-8")
    changed.write_text(text.replace(PINS[pin], PINS[pin][::-1]), encoding="utf-8")
    found = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "checksums.py"), pin],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 1 and json.loads(found.stdout)["others"] == {pin: PINS[pin]}
