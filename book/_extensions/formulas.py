"""Formulas, set when the book is built: its pages need no script for them, and no network.

MathJax sets them as SVG, with MathML beside it for those who listen. Deno runs it, as it runs the
checks of the laboratory's scripts.
"""

import json
import os
import re
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from subprocess import PIPE, Popen

from deno import find_deno_bin
from docutils import nodes
from sphinx.util.math import get_node_equation_number

SCRIPT = Path(__file__).with_suffix(".cjs")
MATHJAX = Path(find_spec("sphinx-mathjax-offline").origin).parent / "static" / "mathjax"


@cache
def _process(pid):
    """MathJax, waiting for formulas: one for each process in which Sphinx writes pages."""
    command = [find_deno_bin(), "run", "--quiet", "--no-config", "--no-remote", "--no-npm"]
    command += [f"--allow-read={MATHJAX},{SCRIPT}", "--allow-env", SCRIPT, MATHJAX]
    return Popen(command, stdin=PIPE, stdout=PIPE, text=True, encoding="utf-8")


@cache
def typeset(tex: str, display: bool) -> str:
    """The HTML of a formula.

    Parameters
    ----------
    tex : str
        In LaTeX.
    display : bool
        Whether it stands alone.

    Raises
    ------
    ValueError
        If MathJax does not understand it, or has ended.
    """
    process = _process(os.getpid())
    with suppress(BrokenPipeError):  # if it has ended, which its answer tells
        process.stdin.write(json.dumps({"tex": tex, "display": display}) + "\n")
        process.stdin.flush()
    answer = json.loads(process.stdout.readline() or '{"error": "MathJax has ended"}')
    if "error" in answer:
        raise ValueError(f"cannot set the formula {tex!r}: {answer['error']}")
    return re.sub(r' data-[\w-]+="[^"]*"', "", answer["html"])  # what only its menu would need


def visit_math(writer, node):
    """Write a formula within a text."""
    html = typeset(node.astext(), False)
    writer.body.append(writer.starttag(node, "span", "", CLASS="math") + html + "</span>")
    raise nodes.SkipNode


def visit_math_block(writer, node):
    """Write a formula that stands alone, with its number, if it has one."""
    writer.body.append(writer.starttag(node, "div", CLASS="math"))
    if node["number"]:
        writer.body.append(f'<span class="eqno">({get_node_equation_number(writer, node)})')
        writer.add_permalink_ref(node, "Link to this equation")
        writer.body.append("</span>")
    tex = node.astext()
    if "\\\\" in tex and not node["nowrap"]:
        tex = rf"\begin{{split}}{tex}\end{{split}}"
    writer.body.append(typeset(tex, True) + "</div>\n")
    raise nodes.SkipNode


def setup(app):
    """Register it with Sphinx."""
    # What Deno keeps from run to run stays here.
    os.environ.setdefault("DENO_DIR", str(Path(app.doctreedir).parent / "deno"))
    app.add_html_math_renderer("formulas", (visit_math, None), (visit_math_block, None))
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
