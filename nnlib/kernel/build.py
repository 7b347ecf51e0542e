"""Compile the kernels: `make kernel`. It needs the compiler that `requirements.txt` here names.

`kernel.sha256` gets the hashes of the binaries, which are compared when they are loaded, and after
them those of what the binaries were made from: a test finds out if one of them has changed since.
"""

import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).parent
SOURCES = {
    "kernel": ("kernel.c", "newton.c", "neurons.c"),
    "replay": ("replay.c",),
    "hessian": ("hessian.c", "neurons.c"),
}
FILES = (
    *(f"{name}.wasm" for name in SOURCES),
    *dict.fromkeys(source for sources in SOURCES.values() for source in sources),
    "kernel.h",
    "build.py",
    "requirements.txt",
)
FLAGS = (
    "-target wasm32-freestanding -std=c17 -O2 -msimd128 -ffp-contract=off -nostdlib "
    "-Wall -Wextra -Werror -Wl,--no-entry,--strip-all,-z,stack-size=65536"
)


def compile_kernel(name):
    """The bytes of the binary of this name."""
    with TemporaryDirectory() as folder:
        binary = Path(folder) / "kernel.wasm"
        # By names without a folder, so that none can get into the binary.
        command = [sys.executable, "-m", "ziglang", "cc", *FLAGS.split(), "-o", str(binary)]
        subprocess.run([*command, *SOURCES[name]], cwd=HERE, check=True)
        return binary.read_bytes()


def hashes():
    """The lines of `kernel.sha256`, as `sha256sum` writes and checks them."""
    return "".join(f"{sha256((HERE / name).read_bytes()).hexdigest()}  {name}\n" for name in FILES)


if __name__ == "__main__":
    for name in SOURCES:
        (HERE / f"{name}.wasm").write_bytes(compile_kernel(name))
    (HERE / "kernel.sha256").write_text(hashes())
