"""Every chapter as a notebook that runs as it is, and buttons to get and to launch it.

The prose is taken from the finished page, where every reference has its number and every computed
value its digits, and becomes plain Markdown. The cells are the chapter's own, in the same order.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from posixpath import dirname, join, normpath
from textwrap import indent

import nbformat
from docutils import nodes
from published import address
from sphinx.addnodes import toctree

DISTRIBUTION = "basic-neural-network-executed[book]"  # as pyproject.toml names it
PYTHON = "3.13"  # for Binder, which would take an older one than the library allows
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
# Without it a converter takes the cells for plain text, and writes no .py.
LANGUAGE = {"name": "python", "file_extension": ".py", "mimetype": "text/x-python"}
LANGUAGE |= {"pygments_lexer": "ipython3", "nbconvert_exporter": "python"}

INSTALLED = """\
# This notebook runs on the library of the book that it is a chapter of.
try:
    import IPython, flint, matplotlib, scipy, sympy

    import nnlib.report
except ImportError as missing:
"""
INSTALL = """\
    %pip install --quiet "{requirement}"
"""
SAY_HOW = """\
    import sys

    raise ImportError(
        f"{{missing}}. Go to the folder with the sources of the book, run there\\n\\n"
        f'    {{sys.executable}} -m pip install ".[{extra}]"\\n\\n'
        "and then run this notebook again."
    ) from None
"""
RED = "#d32f2f"  # of the document's tuples; readable on white and on black
BAR = r"\|"  # where it does not end a cell of a table
# What stands in no notebook: anchors, remarks, and what only a page can do.
LEFT_OUT = (nodes.comment, nodes.raw, nodes.substitution_definition, nodes.target, toctree)
GROUPS = (nodes.document, nodes.section, nodes.compound, nodes.container, nodes.tgroup)


def requirement(repository: str) -> str:
    """What pip is to install, once the repository has been published."""
    return f"{DISTRIBUTION} @ git+{repository}"


def setup_cell(repository: str) -> str:
    """The first cell: it installs what the notebook needs, or says how to."""
    if repository:
        return (
            INSTALLED.removesuffix(" as missing:\n")
            + ":\n"
            + INSTALL.format(requirement=requirement(repository))
        )
    return INSTALLED + SAY_HOW.format(extra=DISTRIBUTION.partition("[")[2].rstrip("]"))


class Prose:
    """Makes Markdown of what stands between the cells of a page.

    Parameters
    ----------
    docname : str
        Of the page.
    chapters : set of str
        The names of those that are notebooks.
    pages : str
        Where the pages are published, or nothing.
    equations : dict of str to tuple, optional
        The numbers that the book gives to those of the page, by their identifiers.
    """

    def __init__(self, docname: str, chapters: set[str], pages: str, equations=None):
        self.docname, self.chapters, self.pages = docname, chapters, pages
        self.equations = equations or {}

    def blocks(self, node: nodes.Node, level: int = 0) -> Iterator[str | nodes.container]:
        """The blocks of a node, as Markdown; a cell of code is given as it is.

        Raises
        ------
        NotImplementedError
            If there is something for which no Markdown is known.
        """
        if isinstance(node, nodes.container) and node.get("nb_element") == "cell_code":
            yield node
            for seen in node.findall(nodes.container):
                if "seen" in seen["classes"]:  # which the page opens with the cell
                    yield self.details(*seen.children)
        elif isinstance(node, GROUPS):
            for child in node.children:
                yield from self.blocks(child, level + isinstance(node, nodes.section))
        elif isinstance(node, nodes.title):
            yield f"{'#' * level} {self.inline(node)}"
        elif isinstance(node, (nodes.paragraph, nodes.rubric)):
            yield self.inline(node)
        elif isinstance(node, nodes.math_block):
            numbers = [self.equations[name] for name in node["ids"] if name in self.equations]
            tag = f" \\tag{{{'.'.join(map(str, numbers[0]))}}}" if numbers else ""
            yield f"$$\n{node.astext().strip()}{tag}\n$$"
        elif isinstance(node, nodes.literal_block):
            yield f"```{node.get('language', '')}\n{node.astext().rstrip()}\n```"
        elif isinstance(node, (nodes.Admonition, nodes.sidebar, nodes.block_quote)):
            yield indent(self.together(node), "> ", lambda line: True).replace("> \n", ">\n")
        elif node.tagname == "dropdown_main":
            yield self.details(*node.children)
        elif isinstance(node, nodes.bullet_list):
            yield "\n".join(self.item("- ", item) for item in node.children)
        elif isinstance(node, nodes.enumerated_list):
            start = node.get("start", 1)
            items = enumerate(node.children, start)
            yield "\n".join(self.item(f"{n}. ", item) for n, item in items)
        elif isinstance(node, nodes.definition_list):
            for item in node.children:
                term, definition = item.children
                yield self.item(f"- **{self.inline(term)}**: ", definition)
        elif isinstance(node, nodes.table):
            yield self.table(node)
        elif isinstance(node, nodes.transition):
            yield "---"
        elif not isinstance(node, LEFT_OUT):
            raise NotImplementedError(
                f"{self.docname}: a notebook does not know how to show {node.tagname!r}; "
                f"see book/_extensions/notebooks.py"
            )

    def details(self, title, body):
        summary = f"<summary>{self.inline(title)}</summary>"
        return f"<details>{summary}\n\n{self.together(body)}\n\n</details>"

    def together(self, node):
        """All that is in a node; its title, if it has one, in bold print."""
        parts = []
        for child in node.children:
            titled = isinstance(child, nodes.title) and child.astext()
            parts += [f"**{self.inline(child)}**"] if titled else self.blocks(child)
        if not all(isinstance(part, str) for part in parts):
            raise NotImplementedError(f"{self.docname}: a cell of code within a {node.tagname}")
        return "\n\n".join(filter(str.strip, parts))

    def item(self, mark, node):
        return mark + indent(self.together(node), "    ").strip()

    def table(self, node):
        lines = []
        for row in node.findall(nodes.row):
            cells = (" ".join(map(self.inline, entry.children)) for entry in row.children)
            lines.append(f"| {' | '.join(cell.replace('|', BAR) for cell in cells)} |")
            if len(lines) == 1:
                lines.append("|---" * len(row.children) + "|")
        titles = [f"**{self.inline(title)}**\n\n" for title in node.findall(nodes.title)]
        return "".join(titles) + "\n".join(lines)

    def inline(self, node: nodes.Node) -> str:
        """What a paragraph is made of, as Markdown."""
        if isinstance(node, nodes.Text):
            return _escape(node.astext().replace("\n", " "))
        if isinstance(node, nodes.math):
            return f"${node.astext()}$"
        if isinstance(node, nodes.literal):
            fence = "``" if "`" in node.astext() else "`"
            return f"{fence}{node.astext()}{fence}"
        if isinstance(node, LEFT_OUT):
            return ""
        text = "".join(map(self.inline, node.children))
        if isinstance(node, nodes.emphasis):
            return f"*{text}*"
        if isinstance(node, nodes.strong):
            return f"**{text}**"
        if "experiment" in node.get("classes", ()):
            return f'<b style="color: {RED}">{text}</b>'
        if isinstance(node, nodes.reference):
            target = self.target(node)
            return f"[{text}]({target})" if target else text
        if isinstance(node, nodes.image):
            raise NotImplementedError(
                f"{self.docname}: a picture that no cell draws: {node['uri']}"
            )
        return text

    def target(self, node):
        """Where a link leads to, if it leads anywhere from a notebook."""
        uri = node.get("refuri", "")
        if not node.get("internal"):
            return uri
        path = normpath(join(dirname(self.docname), uri)) if uri else ""
        if self.pages:
            return self.pages + (path or f"{self.docname}.html#{node['refid']}")
        name = Path(path.partition("#")[0]).stem
        return f"{name}.ipynb" if name in self.chapters and path else ""


def _escape(text):
    text = re.sub(r"([\\`*\[\]<$])", r"\\\1", text)
    return re.sub(r"(?<![^\W_])_|_(?![^\W_])", r"\\_", text)


def convert(notebook, doctree, prose, numbers, repository):
    """Put the cells of a chapter between its prose.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        The chapter as it was run.
    doctree : docutils.nodes.document
        Its page, with all references resolved.
    prose : Prose
    numbers : dict of str to str
        What the figures and tables are called, by their identifiers.
    repository : str

    Returns
    -------
    nbformat.NotebookNode
    """
    cells, words, done = [], [], 0
    blocks = prose.blocks(doctree)
    words.append(next(blocks))  # the title
    _say(cells, words)
    cells.append(_code(setup_cell(repository), "setup"))
    for block in blocks:
        if isinstance(block, str):
            words.append(block)
            continue
        index = block["cell_index"]
        cells += _cells(notebook, done, index)  # what the page does not show, after what it follows
        made = [numbers[i] for node in block.findall() for i in _ids(node) if i in numbers]
        if made:
            words.append(f"*The next cell makes {' and '.join(made)}.*")
        _say(cells, words)
        cells += _cells(notebook, index, index + 1)
        done = index + 1
    _say(cells, words)
    cells += _cells(notebook, done, len(notebook.cells))
    return nbformat.v4.new_notebook(
        cells=cells, metadata={"kernelspec": KERNEL, "language_info": LANGUAGE}
    )


def _ids(node):
    return node.get("ids", ()) if isinstance(node, (nodes.figure, nodes.table)) else ()


def _say(cells, words):
    if words:
        text = "\n\n".join(words)
        cells.append(nbformat.v4.new_markdown_cell(text, id=f"prose-{len(cells)}"))
        words.clear()


def _cells(notebook, start, end):
    """The cells of code of a part of a chapter; those that a page does not show are among them."""
    for n, cell in enumerate(notebook.cells[start:end], start):
        if cell.cell_type == "code":
            tags = cell.metadata.get("tags", [])
            hidden = any(tag in tags for tag in ("hide-input", "hide-cell", "remove-cell"))
            yield _code(cell.source, f"cell-{n}", hidden)


def _code(source, name, hidden=False):
    metadata = {"jupyter": {"source_hidden": True}} if hidden else {}
    return nbformat.v4.new_code_cell(source.rstrip(), id=name, metadata=metadata)


def write_notebook(app, doctree, docname):
    """Put a chapter beside the pages, as a notebook ready to run."""
    source = executed(app, docname)
    if app.builder.name != "html" or not source.exists():
        return
    repository = app.config.report_repository
    chapters = {path.stem for path in source.parent.glob("*.ipynb")}
    numbered = app.env.toc_fignumbers.get(docname, {})
    equations = numbered.get("displaymath")
    prose = Prose(docname, chapters, address(repository) if repository else "", equations)
    numbers = {
        name: app.config.numfig_format[kind] % ".".join(map(str, number))
        for kind, names in numbered.items()
        if kind in app.config.numfig_format
        for name, number in names.items()
    }
    notebook = nbformat.read(source, as_version=4)
    folder = Path(app.outdir) / "notebooks"
    folder.mkdir(exist_ok=True)
    result = convert(notebook, doctree, prose, numbers, repository)
    nbformat.write(result, folder / f"{source.stem}.ipynb")


def write_environment(app, exception):
    """Say beside the notebooks what Binder is to install for them."""
    repository, folder = app.config.report_repository, Path(app.outdir) / "notebooks"
    if repository and folder.exists():
        requirements = f"{requirement(repository)}\nnotebook\n"
        (folder / "requirements.txt").write_text(requirements, encoding="utf-8")
        (folder / "runtime.txt").write_text(f"python-{PYTHON}\n", encoding="utf-8")


def add_buttons(app, pagename, templatename, context, doctree):
    """Offer the notebook, and where to launch it, beside the theme's other buttons."""
    name = Path(pagename).name + ".ipynb"
    if "header_buttons" not in context or not executed(app, pagename).exists():
        return
    for group in context["header_buttons"]:
        if group.get("label") == "download-buttons":
            group["buttons"].insert(0, _button(".ipynb", context["pathto"]("notebooks/" + name, 1)))
    repository = app.config.report_repository
    if repository:
        where = repository.removeprefix("https://github.com/").rstrip("/")
        launch = {
            "Colab": f"https://colab.research.google.com/github/{where}/blob/notebooks/{name}",
            "Binder": f"https://mybinder.org/v2/gh/{where}/notebooks?labpath={name}",
        }
        context["header_buttons"].insert(
            0,
            {
                "type": "group",
                "tooltip": "Launch this chapter",
                "icon": "fas fa-rocket",
                "buttons": [_button(text, url) for text, url in launch.items()],
                "label": "launch-buttons",
            },
        )


def _button(text, url):
    return {"type": "link", "text": text, "url": url, "tooltip": text, "icon": "fas fa-file-code"}


def executed(app, docname):
    """Where a chapter lies that has been run."""
    return Path(app.outdir).parent / "jupyter_execute" / f"{docname}.ipynb"


def setup(app):
    """Register all of it with Sphinx."""
    app.add_config_value("report_repository", "", "env")
    app.connect("doctree-resolved", write_notebook, priority=900)
    app.connect("html-page-context", add_buttons, priority=900)
    app.connect("build-finished", write_environment)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
