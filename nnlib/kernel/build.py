"""Compile the kernel: `make kernel`. It needs the compiler that `requirements.txt` here names.

`kernel.sha256` gets the hash of the binary, which is compared when it is loaded, and after it the
hashes of what the binary was made from: a test finds out if one of them has changed since.
"""

import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).parent
FILES = "kernel.wasm", "kernel.c", "kernel.h", "build.py", "requirements.txt"
FLAGS = (
    "-target wasm32-freestanding -std=c17 -O2 -msimd128 -ffp-contract=off -nostdlib "
    "-Wall -Wextra -Werror -Wl,--no-entry,--strip-all,-z,stack-size=65536"
)


def compile_kernel():
    """The bytes of the binary that the source gives."""
    with TemporaryDirectory() as folder:
        binary = Path(folder) / "kernel.wasm"
        # By a name without a folder, so that none can get into the binary.
        command = [sys.executable, "-m", "ziglang", "cc", *FLAGS.split(), "-o", str(binary)]
        subprocess.run([*command, "kernel.c"], cwd=HERE, check=True)
        return binary.read_bytes()


def hashes():
    """The lines of `kernel.sha256`, as `sha256sum` writes and checks them."""
    return "".join(f"{sha256((HERE / name).read_bytes()).hexdigest()}  {name}\n" for name in FILES)


if __name__ == "__main__":
    (HERE / "kernel.wasm").write_bytes(compile_kernel())
    (HERE / "kernel.sha256").write_text(hashes())
