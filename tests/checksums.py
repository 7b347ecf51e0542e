"""Train the pinned experiments and compare the checksum of each whole history.

It needs numpy and tqdm alone, so that it runs wherever those do. It prints the versions, and ends
with status 1 if a checksum is another.
"""

import json
import platform
import sys

import numpy as np

from nnlib.report import pins


def main(names):
    """Check some of the pins, or all; return the exit status."""
    others = pins.others(names or pins.PINS)
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
