"""The modules of the laboratory, as one script that gives a page of a test each by its name."""

import laboratory  # the extension of Sphinx

NAMES = {path.stem for path in laboratory.SCRIPTS.glob("*.js")} - {*laboratory.ENTRIES, "worker"}


def write_script(path):
    """Write it; what begins by itself is left out."""
    shown = ", ".join(f"{name}: ${name}" for name in sorted(NAMES))
    end = f"globalThis.lab = {{ {shown} }};\n"
    path.write_text(laboratory.bundle(*sorted(NAMES), end=end), encoding="utf-8")
