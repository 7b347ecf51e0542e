"""Run every notebook that the chapters offer as their readers do, in an environment of its own.

It is the environment that Binder makes of `.binder/`, with the wheel as it is built. The exit
status is 1 if a notebook fails. Run it with `make notebooks`; it needs a network.
"""

import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from packages import ROOT, build
from portability import PYTHONS, find_python

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
    outputs = [
        output
        for cell in nbformat.read(result, as_version=4).cells
        for output in cell.get("outputs", [])
    ]
    errors = [output.text for output in outputs if output.get("name") == "stderr"]
    return "\n".join(errors) if outputs else "it has shown nothing"


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
