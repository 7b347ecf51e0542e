"""Run the programs for other libraries, each library in an environment of its own.

`make elsewhere` installs what `NAME.txt` lists into a folder that is thrown away, runs the programs
of `nnlib.elsewhere` as they stand, and keeps what they print in its `results/elsewhere.json`.
It says in the end what differs from what was kept before. With names it runs only those libraries.
"""

import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from nnlib import elsewhere

HERE = Path(__file__).parent
FILE = Path(elsewhere.__file__).parent / "results" / "elsewhere.json"
# One thread, so that sums have one order; nothing is asked of the network while a program runs.
ALONE = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}
MINUTES = 10
PINNED = re.compile(r"^(@?[\w./-]+?)(?:\[.*\])?[=@]=?([\d.]+)$")


def programs(library):
    """All that is run of a library: those that are to give our run, and the traps."""
    found = []
    for experiment in elsewhere.EXPERIMENTS:
        with suppress(ValueError):  # it has no such method
            found.append((experiment, elsewhere.program(experiment, library)))
    return found + [(trap.experiment, trap.program) for trap in elsewhere.traps(library)]


def install(library, folder):
    """The command that runs a program, after what it needs was installed."""
    wanted = (HERE / f"{library}.txt").read_text().split()
    if elsewhere.LIBRARIES[library].get("language") == "JavaScript":
        command = ["npm", "install", "--silent", "--no-audit", "--no-fund", *wanted]
        subprocess.run(command, check=True, cwd=folder)
        return ["node"]
    subprocess.run([sys.executable, "-m", "venv", folder / "env"], check=True)
    python = folder / "env" / "bin" / "python"
    quiet = ["--quiet", "--disable-pip-version-check"]
    subprocess.run([python, "-m", "pip", "install", *quiet, *wanted], check=True)
    return [python]


def run(command, experiment, text, folder):
    """What a program prints: an error for each of some epochs; or why it did not."""
    with TemporaryDirectory(dir=folder) as place:
        file = Path(place) / ("program.mjs" if command == ["node"] else "program.py")
        file.write_text(text)
        (Path(place) / "run.json").write_text(elsewhere.data(experiment))
        done = subprocess.run(
            [*command, file],
            cwd=place,
            env={**os.environ, **ALONE},
            capture_output=True,
            text=True,
            timeout=60 * MINUTES,
        )
    if done.returncode:
        return (done.stderr.strip().splitlines() or ["it ends without a word"])[-1][:200]
    lines = (line.split() for line in done.stdout.splitlines())
    return {words[0]: float(words[1]) for words in lines if len(words) == 2 and words[0].isdigit()}


def measure(library):
    """What is kept of a library."""
    lines = (HERE / f"{library}.txt").read_text().split()
    found = {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "versions": dict(match.groups() for line in lines if (match := PINNED.match(line))),
    }
    if "without" in elsewhere.LIBRARIES[library]:
        return found
    with TemporaryDirectory() as folder:
        try:
            command = install(library, Path(folder))
        except subprocess.CalledProcessError as error:
            return {**found, "missing": f"{Path(error.cmd[0]).name} could not install it"}
        printed = {
            elsewhere.fingerprint(text): run(command, experiment, text, folder)
            for experiment, text in programs(library)
        }
    return {**found, "printed": printed}


def main(names):
    """Run what is asked for, and say what has changed."""
    before = json.loads(FILE.read_text()) if FILE.exists() else {}
    names = names or list(elsewhere.LIBRARIES)
    with ThreadPoolExecutor(2) as pool:
        found = dict(zip(names, pool.map(measure, names), strict=True))
    after = {
        name: found.get(name, before.get(name))
        for name in elsewhere.LIBRARIES
        if name in found or name in before
    }
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(json.dumps(after, indent=1) + "\n")
    for name in names:
        old, new = before.get(name, {}), after[name]
        kept, now = old.get("printed", {}), new.get("printed", {})
        same = sum(kept.get(key) == values for key, values in now.items())
        without = elsewhere.LIBRARIES[name].get("without") or new.get("missing")
        print(f"{name}: {without or f'{len(now)} programs, {same} as before'}")
        for key, values in now.items():
            if isinstance(values, str):
                print(f"  {key[:12]} failed: {values}")
            elif key in kept and kept[key] != values:
                print(f"  {key[:12]} printed {values}, before {kept[key]}")


if __name__ == "__main__":
    main(sys.argv[1:])
