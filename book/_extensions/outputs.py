"""Outputs of the chapters, which are kept until something changes that they follow from."""

import platform
import sys
from hashlib import sha256
from importlib.metadata import distributions
from importlib.util import find_spec
from pathlib import Path
from shutil import rmtree

from jupyter_cache import get_cache


def keep_outputs(app, config):
    """Run a chapter again only if something has changed that its outputs follow from.

    myst-nb keeps them in a cache, where it finds a chapter by its cells. All else that a chapter
    can see names the folder of the cache. The folders of other states are removed.
    """
    folder = Path(app.outdir).parent / "outputs" / state()
    for other in set(folder.parent.glob("*")) - {folder}:
        rmtree(other)
    get_cache(folder).db  # noqa: B018  (makes it, before several processes would try to)
    config.nb_execution_cache_path = str(folder)


def forget_outputs(app, exception):
    """Do not keep what was computed while the library was edited: nobody knows from what."""
    folder = Path(app.config.nb_execution_cache_path)
    if folder.name != state():
        rmtree(folder)


def state():
    """What the outputs of a chapter follow from, but for its own cells, as one checksum.

    The machine's system, the Python, the versions of all that is installed, and each file of the
    library, its data among them, by its contents.
    """
    library = Path(find_spec("nnlib").origin).parent
    files = [path for path in library.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    parts = [
        platform.platform(),
        sys.version,
        *sorted(f"{found.name} {found.version}" for found in distributions()),
    ]
    for path in sorted(files):
        contents = sha256(path.read_bytes()).hexdigest()
        parts.append(f"{path.relative_to(library).as_posix()} {contents}")
    return sha256("\n".join(parts).encode()).hexdigest()


def setup(app):
    """Register it with Sphinx."""
    app.connect("config-inited", keep_outputs)
    app.connect("build-finished", forget_outputs)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
