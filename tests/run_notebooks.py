"""Run every notebook that the chapters offer as their readers do, in an environment of its own.

It is the environment that Binder makes of `.binder/`, with the wheel as it is built. What the cells
put out there is compared with the snapshots. The exit status is 1 if a notebook fails, or puts out
something else. Run it with `make notebooks`; it needs a network.
"""

import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from kept import is_compared
from packages import ROOT, build
from portability import PYTHONS, find_python
from snapshots import SNAPSHOTS, snapshot

OFFERED = sorted((ROOT / "_build" / "html" / "notebooks").glob("*.ipynb"))


def install(folder):
    """The interpreter of a fresh environment with the package as it is built."""
    wheel = build(folder)
    wanted = (ROOT / ".binder" / "requirements.txt").read_text(encoding="utf-8")
    requirements = folder / "requirements.txt"
    requirements.write_text(wanted.replace(".[book]", f"{wheel}[book]"), encoding="utf-8")
    environment = folder / "environment"
    subprocess.run([find_python(*reversed(PYTHONS)), "-m", "venv", str(environment)], check=True)
    python = environment / "bin" / "python"
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "-r", str(requirements)], check=True)
    return python


def run(python, path, folder):
    """What is wrong with a notebook, or nothing."""
    # Nothing of this environment may be seen from there, and nothing is to be left in a home.
    hidden = ("PYTHONPATH", "PYTHONHOME")
    names = ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    environment |= dict.fromkeys((*names, "MPLCONFIGDIR"), str(folder / "home"))
    result = folder / path.name
    command = [python.with_name("jupyter"), "execute", path, "--output", result]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode:
        return done.stderr
    helper, *cells = (c for c in nbformat.read(result, as_version=4).cells if c.cell_type == "code")
    errors = [f"its first cell puts out {output}" for output in helper.outputs]
    found = snapshot(nbformat.v4.new_notebook(cells=cells)).cells
    wanted = nbformat.read(SNAPSHOTS / path.name, as_version=4).cells
    errors += [
        f"its cell {n} puts out something else: {one.outputs}, and not {other.outputs}"
        for n, (one, other) in enumerate(zip(found, wanted, strict=True))
        if one.outputs != other.outputs and is_compared(other)
    ]
    return "\n".join(errors)


def main():
    """Run them all; return the exit status."""
    if not OFFERED:
        print("There are no notebooks yet: run `make book` first.")
        return 1
    failed = 0
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
        folder = Path(folder)
        python = install(folder)
        jobs = {path: pool.submit(run, python, path, folder) for path in OFFERED}
        for path, job in jobs.items():
            error = job.result()
            failed += bool(error)
            print(f"{path.stem:20} {error or 'ok'}", flush=True)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
