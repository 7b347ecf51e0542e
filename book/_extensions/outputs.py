"""Outputs of the chapters, which are kept until something changes that they follow from."""

import os
import platform
import re
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from hashlib import sha256
from importlib.metadata import distributions
from importlib.util import find_spec
from pathlib import Path
from shutil import rmtree

from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.executors.utils import single_nb_execution
from jupyter_client import KernelManager
from myst_nb.core.read import read_myst_markdown_notebook
from shared import kernels_share
from sphinx.util.logging import getLogger

logger = getLogger(__name__)
LOCK = Path(__file__).parents[2] / "requirements.lock"
# So that no core is left alone with one in the end, and the ledger comes when most of its runs have
# been trained; only the time depends on this. The others come by their number of cells.
LONGEST_FIRST = (
    "1b-2-2-instability",
    "1b-2-1-alarms",
    "1b-2-1-gradients",
    "1b-2-1-rate",
    "stuck",
    "1b-3-1-neurons",
    "randomness",
    "separate",
    "1b-3-3-differ",
    "4-1-f1",
    "4-2-f2",
    "how-well",
    "why-755",
    "ledger",
    "what-it-can-do",
    "exactly-the-same",
    "self-stabilisation",
)


def keep_outputs(app, config):
    """Run a chapter again only if something has changed that its outputs follow from.

    myst-nb keeps them in a cache, where it finds a chapter by its cells. All else that a chapter
    can see names the folder of the cache. The folders of other states are removed, and so is, in
    the end, what was put out where errors are allowed.
    """
    name = "with-errors" if config.nb_execution_allow_errors else state()
    folder = Path(app.outdir).parent / "outputs" / name
    for other in set(folder.parent.glob("*/")) - {folder}:
        rmtree(other)
    with open_cache(folder) as cache:
        cache.db  # noqa: B018  (makes it, before several processes would try to)
    config.nb_execution_cache_path = str(folder)
    # What kernels say is enciphered, or each of them would warn that it is not.
    KernelManager.transport_encryption.default_value = "auto"


@contextmanager
def open_cache(folder):
    """A cache whose database is closed in the end, or Python 3.13 warns."""
    cache = get_cache(folder)
    try:
        yield cache
    finally:
        cache.db.dispose()


def run_ahead(app, env, docnames):
    """Run the chapters before they are read, one to a core at any time: Sphinx reads in batches.

    One that fails is left to myst-nb, which runs it again and says why.
    """
    cache = get_cache(app.config.nb_execution_cache_path)
    notebooks = {}
    for path in map(Path, map(env.doc2path, docnames)):
        text = path.read_text(encoding="utf-8") if path.suffix == ".md" else ""
        if "{code-cell}" in text:
            notebook = read_myst_markdown_notebook(text)
            try:
                cache.match_cache_notebook(notebook)
            except KeyError:
                notebooks[path] = notebook

    def rank(path):
        known = path.stem in LONGEST_FIRST
        return LONGEST_FIRST.index(path.stem) if known else 99, -len(notebooks[path].cells)

    def run(path):
        limits = {
            "timeout": app.config.nb_execution_timeout,
            "allow_errors": app.config.nb_execution_allow_errors,
        }
        with suppress(RuntimeError):  # a kernel that does not start
            return path, single_nb_execution(notebooks[path], cwd=str(path.parent), **limits)
        return path, None

    with kernels_share(), ThreadPoolExecutor(os.cpu_count()) as pool:
        runs = [pool.submit(run, path) for path in sorted(notebooks, key=rank)]
        for path, result in (done.result() for done in as_completed(runs)):
            if not result or result.err is not None:
                logger.warning("%s failed, and is run again", path.name)
            else:
                bundle = CacheBundleIn(
                    notebooks[path], str(path), data={"execution_seconds": result.time}
                )
                cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)


def forget_outputs(app, exception):
    """Do not keep what was computed while the library was edited: nobody knows from what."""
    folder = Path(app.config.nb_execution_cache_path)
    if folder.name != state():
        rmtree(folder)


def state():
    """What the outputs of a chapter follow from, but for its own cells, as one checksum.

    The kind of machine and its C library, the Python, the versions of the packages that the lock
    names, and each file of the library, its data among them, by its contents.
    """
    library = Path(find_spec("nnlib").origin).parent
    files = [path for path in library.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    locked = set(re.findall(r"(?m)^([\w.-]+)==", LOCK.read_text(encoding="utf-8")))
    installed = {(re.sub(r"[-_.]+", "-", it.name).lower(), it.version) for it in distributions()}
    parts = [
        sys.platform,
        platform.machine(),
        *platform.libc_ver(),
        sys.version,
        *sorted(f"{name} {version}" for name, version in installed if name in locked),
    ]
    for path in sorted(files):
        contents = sha256(path.read_bytes()).hexdigest()
        parts.append(f"{path.relative_to(library).as_posix()} {contents}")
    return sha256("\n".join(parts).encode()).hexdigest()


def setup(app):
    """Register it with Sphinx."""
    app.connect("config-inited", keep_outputs)
    app.connect("env-before-read-docs", run_ahead)
    app.connect("build-finished", forget_outputs)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
