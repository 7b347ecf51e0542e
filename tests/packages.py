"""Install the wheel with each extra into an environment of its own, and use what it is for.

Once with the oldest Python and the oldest releases that pyproject.toml allows, once with the newest
to be had here. An environment gets nothing but the wheel and what it asks for, so a missing
requirement shows. The exit status is 1 if something fails. Run it with `make packages`.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path

from portability import PYTHONS, ROOT, Skip, find_python

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]

CORE = """
from importlib.util import find_spec
from time import perf_counter
start = perf_counter()
import nnlib
print(f"import nnlib takes {perf_counter() - start:.2f} s", end="")
absent = "matplotlib", "IPython", "scipy", "flint", "sympy", "distributed", "wasmtime"
assert not [name for name in absent if find_spec(name)], "the core brings more than it needs"
assert nnlib.train(nnlib.Experiment(nnlib.f1, 3, 0.1, 20)).test_error.shape == (21,)
"""

# One small thing with each extra, for which it is needed.
USE = {
    "figures": """
from tempfile import TemporaryDirectory
from nnlib.__main__ import main
with TemporaryDirectory() as folder:
    assert main(["f1", "3", "0.1", "20", "--plot", folder + "/figure.svg"]) == 0
""",
    "kernel": """
from nnlib import Experiment, f1, train
histories = [train(Experiment(f1, 3, 0.1, 20), engine=each) for each in ("kernel", "numpy")]
assert len({history.checksum() for history in histories}) == 1
""",
    "landscape": """
from nnlib import Experiment, f1, get_train_set, train
from nnlib.landscape.flow import gradient_flow
from nnlib.network import pack
history = train(Experiment(f1, 3, 0.1, 20))
assert len(gradient_flow(pack(history.U[-1], history.V[-1]), *get_train_set(f1), [0, 1])) == 2
""",
    "oscillation": """
from nnlib import Experiment, f1, train
from nnlib.oscillation.precision import train_with_bits
experiment = Experiment(f1, 3, 0.1, 20)
difference = train_with_bits(experiment, 80).last_error - train(experiment).last_error
assert abs(difference) < 1e-12
""",
    "randomness": """
from nnlib import Experiment, f1, train
from nnlib.randomness.similarity import match, paths
history = train(Experiment(f1, 3, 0.1, 20))
match(*paths([history, history]))
""",
    "capacity": """
from nnlib import f1
from nnlib.capacity.bounds import bound
from nnlib.capacity.exhibits import one_neuron
assert bound(f1, *one_neuron(10)).error[1] < 1e-8
""",
    "report": """
from nnlib.report.claims import load
from nnlib.report.ledger import check
from nnlib.report import display
claims = load()
assert check(claims[0], claims).verdict == "reproduced"
""",
    "cluster": """
from distributed import Client
from nnlib import Experiment, f1, train
import os
from nnlib.pool import workers
with Client(processes=False, dashboard_address=None) as client:
    os.environ["NNLIB_CLUSTER"] = client.scheduler.address
    with workers() as pool:
        pool.submit(train, Experiment(f1, 3, 0.1, 20)).result()
""",
    "book": """
from importlib import import_module
from pkgutil import walk_packages
import nnlib, sympy
for module in walk_packages(nnlib.__path__, "nnlib."):
    if not module.name.endswith("__main__"):
        import_module(module.name)
""",
}


def build(folder):
    """The wheel, made of a copy, in which nothing is left of what was built before."""
    source = folder / "source"
    shutil.copytree(ROOT / "nnlib", source / "nnlib", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", PROJECT["readme"], *PROJECT["license-files"]):
        shutil.copy(ROOT / name, source)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet"]
    where = ["--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(source)]
    subprocess.run([*pip, *where], check=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def missing(wheel):
    """The files of the package, and the licences, that the wheel does not have."""
    there = zipfile.ZipFile(wheel).namelist()
    package = [path for path in (ROOT / "nnlib").rglob("*") if path.is_file()]
    wanted = {p.relative_to(ROOT).as_posix() for p in package if "__pycache__" not in p.parts}
    licences = {
        name for name in PROJECT["license-files"] if not any(t.endswith(name) for t in there)
    }
    return sorted(wanted - set(there) | licences)


def lowest():
    """The oldest series of each requirement, as constraints for pip."""
    bounds = {}
    for requirement in [*PROJECT["dependencies"], *chain(*EXTRAS.values())]:
        if found := re.match(r"([\w-]+)>=([\d.]+)", requirement):
            bounds[found[1]] = found[2]
    return "".join(f"{name}=={bound}.*\n" for name, bound in bounds.items())


def install_and_use(wheel, python, pip, extra, constraints):
    """What is wrong with one extra, or nothing."""
    folder = wheel.parent / f"{Path(python).name}-{extra or 'core'}"
    subprocess.run([python, "-m", "venv", "--without-pip", str(folder)], check=True)
    its_python = str(folder / "bin" / "python")
    what = f"{wheel}[{extra}]" if extra else str(wheel)
    command = [*pip, "--python", its_python, "install", "--quiet", "--no-compile"]
    steps = [[*command, "--constraint", str(constraints), what]]
    # The core twice: the time of an import that it prints is that of compiled modules.
    steps += [[its_python, "-c", USE[extra]]] if extra else 2 * [[its_python, "-c", CORE]]
    # Nothing of this environment may be seen from there.
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME")}
    environment |= {"MPLBACKEND": "agg", "MPLCONFIGDIR": str(folder), "PYTHONWARNINGS": "default"}
    for step in steps:
        done = subprocess.run(step, cwd=folder, env=environment, capture_output=True, text=True)
        if done.returncode:
            return done.stdout + done.stderr or f"status {done.returncode}", ""
    shutil.rmtree(folder)
    return "", "" if extra else done.stdout


def main():
    """Try them all; return the exit status."""
    oldest = PROJECT["requires-python"].removeprefix(">=")
    failed = 0
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
        folder = Path(folder)
        wheel = build(folder)
        if absent := missing(wheel):
            failed += 1
            print("the wheel has not all of the package:", *absent, sep="\n  ")
        (folder / "oldest.txt").write_text(lowest(), encoding="utf-8")
        (folder / "newest.txt").write_text("", encoding="utf-8")
        jobs = {}
        for name, versions in (("oldest", (oldest,)), ("newest", reversed(PYTHONS))):
            try:
                python = find_python(*versions)
            except Skip as reason:
                print(f"the {name} Python: not tried, {reason}")
                continue
            tool = folder / f"pip-{name}"
            subprocess.run([python, "-m", "venv", str(tool)], check=True)
            pip = [str(tool / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]
            for extra in (None, *EXTRAS):
                given = wheel, python, pip, extra, folder / f"{name}.txt"
                jobs[name, Path(python).name, extra] = pool.submit(install_and_use, *given)
        for (name, python, extra), job in jobs.items():
            error, said = job.result()
            failed += bool(error)
            print(f"{name} {python} {extra or 'core':12} {error or 'ok'} {said}", flush=True)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
