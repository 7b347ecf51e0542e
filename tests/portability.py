"""Compare the checksums on every kind of machine that this one can be made to look like.

CPU features are switched off in numpy, kernels and threads chosen in OpenBLAS, the oldest and the
newest supported numpy and Python installed, and 64-bit Arm emulated. What cannot be had here is
skipped, with the reason. The table goes to `nnlib/report/portability.json`; the exit status is 1 if
a checksum differs. Run it with `make portability`.
"""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

from nnlib.report.pins import digest

ROOT = Path(__file__).resolve().parents[1]
WORK = ROOT / "_build" / "portability"
TABLE = ROOT / "nnlib" / "report" / "portability.json"
WASM = "WebAssembly, by wasmtime"
CHECKSUMS = str(ROOT / "tests" / "checksums.py")
KERNELS = ("Prescott", "Nehalem", "Sandybridge", "Haswell", "SkylakeX", "Sapphirerapids")
PYTHONS = ("3.11", "3.12", "3.13", "3.14")


class Skip(Exception):
    """What is missing."""


def x86_features():
    """The instruction sets that numpy may choose among here, the smallest first."""
    from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

    return [name for name in __cpu_dispatch__ if __cpu_features__.get(name)]


def environments():
    """Environment variables for this very Python, by what they make of the machine."""
    features = x86_features()
    avx512 = [name for name in features if name.startswith(("AVX512", "X86_V4"))]
    yield "as it comes", {}
    if avx512:
        yield "without AVX-512", {"NPY_DISABLE_CPU_FEATURES": " ".join(avx512)}
    if features:
        yield (
            "with numpy's baseline instructions alone",
            {"NPY_DISABLE_CPU_FEATURES": " ".join(features)},
        )
    seen = set()
    for kernel in KERNELS:
        chosen = {"OPENBLAS_CORETYPE": kernel}
        core = openblas_core(chosen)
        if core not in seen:
            seen.add(core)
            yield f"with OpenBLAS's kernels for {core}", chosen
    for threads in ("1", "2"):
        name = f"with {threads} thread{'s' * (threads != '1')} in OpenBLAS"
        yield name, {"OPENBLAS_NUM_THREADS": threads}


def openblas_core(environment):
    """The kernels that OpenBLAS takes."""
    said = subprocess.run(
        [sys.executable, "-c", "import numpy"],
        env={**os.environ, **environment, "OPENBLAS_VERBOSE": "2"},
        capture_output=True,
        text=True,
        check=True,
    )
    return re.findall(r"^Core: (\w+)", said.stdout + said.stderr, re.MULTILINE)[-1]


def find_python(*versions):
    """The command of the first of some versions of Python that this machine has."""
    places = [*os.environ["PATH"].split(os.pathsep), *Path.home().glob(".pyenv/versions/*/bin")]
    for version in versions:
        for command in (str(Path(place) / f"python{version}") for place in places):
            if Path(command).exists() and runs(command):
                return command
    raise Skip(f"there is no Python {' or '.join(versions)} here")


def installed(python, numpy):
    """The command of a Python with a version of numpy, in an environment of its own."""
    found = find_python(python)
    folder = WORK / f"python{python}-{numpy}"
    try:
        subprocess.run([found, "-m", "venv", "--clear", str(folder)], check=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]
        subprocess.run([*pip, "install", "--quiet", numpy, "tqdm"], check=True)
    except subprocess.CalledProcessError as error:
        raise Skip(f"{numpy} for Python {python} cannot be installed") from error
    return [str(folder / "bin" / "python")]


def runs(command):
    """Whether it is more than a name."""
    return not subprocess.run([command, "--version"], capture_output=True, check=False).returncode


def newest_python():
    """The command of the newest supported one that this machine has, with the newest numpy."""
    for python in reversed(PYTHONS):
        try:
            return installed(python, "numpy")
        except Skip:
            continue
    raise Skip("there is no Python here but this one")


def arm64():
    """The command of a Python for 64-bit Arm."""
    script = [str(ROOT / "tests" / "arm64.sh"), str(WORK / "arm64")]
    said = subprocess.run(script, stdout=subprocess.PIPE, text=True, cwd=ROOT, check=False)
    if said.returncode:
        raise Skip(said.stdout.strip().splitlines()[-1] if said.stdout else "it failed")
    return said.stdout.split()


def machines():
    """What to run: a name, and a function that gives the command and its environment."""
    for name, environment in environments():
        yield name, lambda environment=environment: ([sys.executable], environment)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    oldest = project["requires-python"].removeprefix(">=")
    numpy = next(d for d in project["dependencies"] if d.startswith("numpy"))
    numpy = numpy.replace(">=", "==") + ".0"
    yield "with the oldest Python and numpy", lambda: (installed(oldest, numpy), {})
    yield "with the newest Python and numpy to be had", lambda: (newest_python(), {})
    yield "64-bit Arm, emulated", lambda: (arm64(), {})
    yield WASM, lambda: (webassembly([sys.executable]), {})
    yield f"{WASM}, on 64-bit Arm, emulated", lambda: (webassembly(arm64()), {})


def webassembly(command):
    """A command for the kernel, if the Python that it runs has what the kernel needs."""
    ask = "from nnlib.kernel import status; print(status())"
    said = subprocess.run(
        [*command, "-c", ask], env=environment(), capture_output=True, text=True, check=False
    )
    if not said.stdout.startswith("used"):
        raise Skip(said.stdout.strip() or "it failed")
    return command


def environment(chosen=()):
    """What to run a command in."""
    return {**os.environ, "PYTHONPATH": str(ROOT), **dict(chosen)}


def run(name, prepare):
    """One row of the table."""
    try:
        command, chosen = prepare()
    except Skip as reason:
        return {"verdict": f"not run: {reason}"}
    said = subprocess.run(
        [*command, CHECKSUMS, "--engine", "kernel" if name.startswith(WASM) else "numpy"],
        env=environment(chosen),
        capture_output=True,
        text=True,
        check=False,
    )
    if not said.stdout:
        raise SystemExit(said.stderr)
    report = json.loads(said.stdout)
    others = report.pop("others")
    verdict = "the same" if not others else f"others: {', '.join(others)}"
    return {**report, "verdict": verdict}


def main():
    """Run them all and write the table; return the exit status."""
    rows = []
    for name, prepare in machines():
        rows.append({"name": name, **run(name, prepare)})
        print(f"{rows[-1]['verdict']:10}  {name}", flush=True)
    table = {"checksums": digest(), "machines": rows}
    TABLE.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
    return int(any(row["verdict"].startswith("others") for row in rows))


if __name__ == "__main__":
    sys.exit(main())
