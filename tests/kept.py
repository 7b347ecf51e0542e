"""Chapters are not run twice: nbval compares what the last build has put out with the snapshots.

The build has run every chapter with this library, this Python and these packages, or knows that
nothing has changed since it did (`book/_extensions/outputs.py`). Where that is not so, nbval runs
the chapter.
"""

from contextlib import suppress
from functools import cache
from pathlib import Path

from myst_nb.core.read import read_myst_markdown_notebook
from nbval.plugin import IPyNbFile
from outputs import open_cache, state

ROOT = Path(__file__).parents[1]
OUTPUTS = ROOT / "_build" / "outputs"
# nbval's own tag, and what it stands beside where all is compared but pictures and times.
IGNORED, IN_PART = "nbval-ignore-output", "compared-in-part"


def read_chapter(name):
    """A chapter as a notebook that has not been run."""
    text = (ROOT / "book" / f"{name}.md").read_text(encoding="utf-8")
    return read_myst_markdown_notebook(text)


def read_outputs(name):
    """A chapter as the last build has run it; None if something has changed since."""
    folder = _folder()
    if not folder.is_dir():
        return None
    with open_cache(folder) as outputs, suppress(KeyError):
        return outputs.merge_match_into_notebook(read_chapter(name))[1]
    return None


@cache
def _folder():
    return OUTPUTS / state()


def is_compared(cell):
    """Whether what a cell of a snapshot has put out is compared, all of it or in part."""
    tags = cell.metadata.get("tags", [])
    return IGNORED not in tags or IN_PART in tags


class Chapter(IPyNbFile):
    """The snapshot of a chapter, whose cells nbval compares."""

    def collect(self):
        """The cells; also of those that nbval by itself would ignore, what can be compared is."""
        for cell in super().collect():
            cell.options["check"] = is_compared(cell.cell)
            yield cell

    def setup(self):
        """Take the kept outputs for a kernel, or start one."""
        notebook = read_outputs(self.path.stem)
        if notebook is None:
            super().setup()
        else:
            self.kernel = Kept(cell for cell in notebook.cells if cell.cell_type == "code")
            self.setup_sanitize_files()


class Kept:
    """Answers as nbval's kernel does, with what the cells of an executed notebook have put out.

    Parameters
    ----------
    cells : iterator of notebook cells
    """

    def __init__(self, cells):
        self._cells = cells

    def execute_cell_input(self, source, allow_stdin=None):
        """Find the next cell with that source; a number for it."""
        for cell in self._cells:
            if cell.source.strip() == source.strip():
                about = {"parent_header": {"msg_id": id(cell)}}
                said = [{"msg_type": it.output_type, "content": it, **about} for it in cell.outputs]
                done = {"msg_type": "status", "content": {"execution_state": "idle"}, **about}
                self._messages = iter([*said, done])
                return id(cell)
        raise LookupError("the last build has no such cell: run `make book`")

    def get_message(self, stream, timeout=None):
        """What comes next of what the cell has put out."""
        return next(self._messages)

    def is_alive(self):
        """Whether it can be asked."""
        return True

    def await_reply(self, msg_id, timeout=None):
        """Nothing is to be waited for."""

    await_idle = await_reply

    def stop(self):
        """Nothing is to be stopped."""
