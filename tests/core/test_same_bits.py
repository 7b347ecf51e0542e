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

from nnlib.optimizers import OPTIMIZERS, SCHEDULES
from nnlib.report.pins import PINS, digest
from nnlib.start import STARTS

CHECKSUMS = ROOT / "tests" / "checksums.py"
ENVIRONMENTS = {
    # Without the instruction sets that some CPUs lack, if numpy has any to choose among.
    "baseline": {"NPY_DISABLE_CPU_FEATURES": " ".join(x86_features())},
    "as it comes": {},
    "another time zone": {"TZ": "Asia/Kathmandu"},
    "OpenBLAS for Prescott, one thread": {
        "OPENBLAS_CORETYPE": "Prescott",
        "OPENBLAS_NUM_THREADS": "1",
    },
}


@pytest.mark.one_in(4)  # 9 s for each
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_checksums_are_pinned(environment):
    found = run(str(CHECKSUMS), **ENVIRONMENTS[environment])
    assert found.returncode in (0, 1), found.stderr
    assert json.loads(found.stdout)["others"] == {}


def run(*arguments, **environment):
    """What a Python says that runs in another environment."""
    return subprocess.run(
        [sys.executable, "-W", "error", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=250,
        check=False,
    )


@pytest.mark.slow  # 4 s: all pins once more
def test_checksums_are_pinned_where_a_comma_stands_for_the_point(tmp_path):
    """With a locale that the machine has, or makes here."""
    locale = "de_DE.UTF-8"
    environment = {"LC_ALL": locale}
    if shutil.which("localedef"):
        make = ["localedef", "-i", "de_DE", "-f", "UTF-8", str(tmp_path / locale)]
        if subprocess.run(make, capture_output=True, timeout=100, check=False).returncode == 0:
            environment["LOCPATH"] = str(tmp_path)
    begin = "import locale, runpy, sys; locale.setlocale(locale.LC_ALL, '')"
    found = run("-c", f"{begin}; print(locale.localeconv()['decimal_point'])", **environment)
    if found.returncode:
        pytest.skip(f"this machine neither has nor makes the locale {locale}: {found.stderr}")
    assert found.stdout == ",\n"
    program = f"{begin}; sys.argv[:] = sys.argv[1:]; runpy.run_path(sys.argv[0], None, '__main__')"
    found = run("-c", program, str(CHECKSUMS), **environment)
    assert found.returncode == 0, found.stderr
    assert json.loads(found.stdout)["others"] == {}


def test_the_table_of_machines_is_green():
    table = json.loads(TABLE.read_text(encoding="utf-8"))
    assert table["checksums"] == digest(), "the table is of other checksums: make portability"
    rows = table["machines"]
    assert {row["verdict"] for row in rows} == {"the same"}
    assert {row.get("machine") for row in rows} == {"x86_64", "aarch64"}
    assert len(rows) >= 10


def test_each_choice_has_a_pin():
    said = " ".join(PINS).split()
    wanted = [f"optimizer={name}" for name, rule in OPTIMIZERS.items() if rule.compiled]
    wanted += [f"schedule={name}" for name in SCHEDULES] + [f"start={kind}" for kind in STARTS]
    usual = {"optimizer=descent", "schedule=constant", "start=document"}
    assert {*wanted} - usual <= {*said} and "batch=128" in said


def test_a_changed_bit_is_seen(tmp_path):
    shutil.copytree(ROOT / "nnlib", tmp_path / "nnlib")
    changed = tmp_path / "nnlib" / "report" / "pins.py"
    pin = "f1 3 1 1000 portable"
    text = changed.read_text(encoding="utf-8")
    changed.write_text(text.replace(PINS[pin], PINS[pin][::-1]), encoding="utf-8")
    found = run(str(CHECKSUMS), pin, PYTHONPATH=str(tmp_path))
    assert found.returncode == 1 and json.loads(found.stdout)["others"] == {pin: PINS[pin]}
