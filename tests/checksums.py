"""Train the pinned experiments and compare the checksum of each whole history.

It needs numpy and tqdm alone, so that it runs wherever those do; with `--engine kernel`, wasmtime.
It prints the versions, and ends with status 1 if a checksum is another.
"""

import argparse
import json
import platform
import sys

import numpy as np

from nnlib.report import pins


def main(arguments):
    """Check some of the pins, or all that the engine has; return the exit status."""
    parser = argparse.ArgumentParser()
    parser.add_argument("pins", nargs="*")
    parser.add_argument("--engine", default="numpy", choices=("numpy", "kernel"))
    options = parser.parse_args(arguments)
    names = options.pins or pins.PINS
    if options.engine == "kernel":
        names = [*filter(pins.is_compiled, names)]
    others = pins.others(names, options.engine)
    report = {
        "machine": platform.machine(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "others": others,
    }
    print(json.dumps(report, indent=1))
    return int(bool(others))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
