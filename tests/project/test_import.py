"""What importing the library takes: numpy, and nothing that only some of its users need."""

import json
import subprocess
import sys

import nnlib

NOT_FOR_THE_CORE = ("IPython", "flint", "matplotlib", "pandas", "scipy", "sympy", "wasmtime")
NOT_UNTIL_ASKED_FOR = ("nnlib.figures", "nnlib.kernel", "nnlib.replay", "nnlib.results", "tqdm")

PROGRAM = f"""
import json
import sys

for name in {NOT_FOR_THE_CORE}:
    sys.modules[name] = None  # importing it now is an ImportError

import nnlib

early = [name for name in {NOT_UNTIL_ASKED_FOR} if name in sys.modules]
short = nnlib.Experiment(nnlib.f1, 3, 0.1, 2)
runs = [nnlib.train(short, arithmetic=arithmetic) for arithmetic in ("portable", "replay")]
print(json.dumps([early, [run.checksum() for run in runs]]))
"""


def test_the_core_needs_numpy_alone():
    found = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM], capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stderr
    early, checksums = json.loads(found.stdout)
    assert early == []
    short = nnlib.Experiment(nnlib.f1, 3, 0.1, 2)
    for arithmetic, checksum in zip(("portable", "replay"), checksums, strict=True):
        assert nnlib.train(short, arithmetic=arithmetic).checksum() == checksum


def test_all_names_are_there():
    assert all(hasattr(nnlib, name) for name in nnlib.__all__)
    assert nnlib.__version__.count(".") == 2
