"""Compile the kernel: `make kernel`. It needs the compiler that `requirements.txt` here names."""

import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).parent
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


if __name__ == "__main__":
    compiled = compile_kernel()
    (HERE / "kernel.wasm").write_bytes(compiled)
    (HERE / "kernel.sha256").write_text(f"{sha256(compiled).hexdigest()}  kernel.wasm\n")
