"""The same bits whatever instructions and BLAS kernel a CPU gets, and however many threads."""

import os
import subprocess
import sys

import pytest
from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

# The checksum of the whole history: a change of any bit, in any epoch, is seen.
PINS = {
    "f1 3 1 1000": "c5754c3b564d4146e430dca59ae4190f65121af43703cd437fa84e402548a65d",
    "f2 8 0.1 1200": "534ebd792c4caa7804e02e2c17521a4dd21d914bd789300fef32400055d17534",
    "f2 12 0.05 300": "3788630b3fbffa6571edd73aaf77d515f7f51ecd86c61331f2981552e51e31ce",
}

AVX512 = [
    name
    for name in __cpu_dispatch__
    if __cpu_features__.get(name) and name.startswith(("AVX512", "X86_V4"))
]
ENVIRONMENTS = {
    "as it comes": {},
    "without AVX-512": {"NPY_DISABLE_CPU_FEATURES": " ".join(AVX512)},
    "OpenBLAS for Haswell": {"OPENBLAS_CORETYPE": "Haswell"},
    "OpenBLAS for Prescott, one thread": {
        "OPENBLAS_CORETYPE": "Prescott",
        "OPENBLAS_NUM_THREADS": "1",
    },
    "another locale and time zone": {"LC_ALL": "de_DE.UTF-8", "TZ": "Asia/Kathmandu"},
}

PROGRAM = """
import sys
from nnlib import Experiment, f1, f2, train
f, h, learning_rate, epochs = sys.argv[1:]
print(train(Experiment(eval(f), int(h), float(learning_rate), int(epochs))).checksum())
"""


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("experiment", PINS)
def test_checksum_is_pinned(experiment, environment):
    if environment == "without AVX-512" and not AVX512:
        pytest.skip("this CPU has no AVX-512 to switch off, or numpy no use for it")
    printed = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM, *experiment.split()],
        env={**os.environ, **ENVIRONMENTS[environment]},
        check=True,
        capture_output=True,
        text=True,
    )
    assert printed.stdout.strip() == PINS[experiment]
