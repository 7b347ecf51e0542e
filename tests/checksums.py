"""Train the pinned experiments and compare the checksum of each whole history.

It needs numpy and tqdm alone, so that it runs wherever those do; with `--engine kernel`, wasmtime.
It prints the versions, and ends with status 1 if a checksum is another.
"""

import argparse
import json
import platform
import sys
from hashlib import sha256

import numpy as np

import nnlib

# A change of any bit, of any error, weight or gradient, in any epoch, is seen.
PINS = {
    "f1 3 1 1000 portable": "054b7709e6e080c94422a7122ff6963ba0945d5c92934a62f02b089d8c03a71e",
    "f2 8 0.1 1200 portable": "3d7d9d7730e3486c6f63a5c9d012091dfa4303372a966f1478ca4a6b4e8896a7",
    "f2 12 0.05 300 portable": "9b73521901d2d5dc890d474f2686b0e3bcfc57997f321a3d5fce9ed8b9ff3ed2",
    "f1 3 1 1000 replay": "003be3a738541ec7293eb7fa1f2f05528646f63caba0ac593e1d381095b12698",
    "f2 6 0.1 1000 replay": "0700e10e25b06a3c0247d0b7a45e7610d0234a5dc6f29051e2082428e2d02009",
    "f2 8 0.1 1200 replay": "6cfe9dcba810fa92c75fb0cc540728f96044847d9bbf4fca372c97fb42c2a28e",
}


def digest():
    """What stands for all pins together."""
    return sha256(json.dumps(PINS).encode()).hexdigest()


def checksum(pin, engine="numpy"):
    """The checksum of an experiment that is written as a key of PINS."""
    text, _, arithmetic = pin.rpartition(" ")
    experiment = nnlib.Experiment.parse(text)
    return nnlib.train(experiment, arithmetic=arithmetic, engine=engine).checksum()


def main(arguments):
    """Check some of the pins, or all that the engine has; return the exit status."""
    parser = argparse.ArgumentParser()
    parser.add_argument("pins", nargs="*")
    parser.add_argument("--engine", default="numpy", choices=("numpy", "kernel"))
    options = parser.parse_args(arguments)
    others = {}
    for pin in options.pins or PINS:
        if options.engine == "kernel" and pin.endswith("replay"):
            continue
        found = checksum(pin, options.engine)
        if found != PINS[pin]:
            others[pin] = found
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
