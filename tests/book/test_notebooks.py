"""The notebooks that the chapters offer: plain, whole, and with a first cell that helps.

`make notebooks` runs each of them in an environment of its own, with the package as it is built.
"""

import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import nbformat
import notebooks
import pytest
from IPython.core.inputtransformer2 import TransformerManager
from snapshots import ROOT, SNAPSHOTS

ADDRESS = "https://github.com/owner/name"
OFFERED = sorted((ROOT / "_build" / "html" / "notebooks").glob("*.ipynb"))
# What would show that a page's Markdown was taken for a notebook's.
RAW = re.compile(r"\{[a-z][a-z:.-]*\}`|^\s*(:::|```\{)|^\(\S+\)=$|\]\{[.#]|%%|\.md\b", re.MULTILINE)

HEAD = """\
---
jupytext: {text_representation: {extension: .md, format_name: myst}}
kernelspec: {display_name: Python 3, language: python, name: python3}
---
"""
ONE = """\
# One, of *many*

:::{admonition} What you will see
:class: tip
A `word` and $x_1$.
:::

:::{dropdown} To be opened
Some *words*.
:::

```{margin}
A remark with a * and a_b and \\_\\_c\\_\\_, at 2 < 3, for [a] and $5.
```

See {numref}`fig-a`, {numref}`tab-a`, {eq}`eq-a`, [that part](#part-two) and
[another](two.md), [its part](two.md#deep), [words](words.md), [far](https://example.org/a_b).
The value is {glue:text}`answer`, of [(f1, 3, 1, 1000)]{.experiment}.

$$ a = b $$ (eq-a)

- one, with

  a second paragraph
- two

3. three
4. four

Term
: What it is.

```python
x = "`"
```

:::{table} What it holds.
:name: tab-a

| a | b |
|---|---|
| 1 | `2\\|3` |
:::

(part-two)=
## Part two

```{code-cell} ipython3
x = 41
```

```{code-cell} ipython3
:tags: [remove-cell]

from myst_nb import glue
glue("answer", str(x + 1), display=False)
```

Prose *between*.

```{code-cell} ipython3
---
tags: [hide-input]
mystnb:
  figure: {name: fig-a, caption: A picture.}
---
from IPython.display import SVG
SVG('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"></svg>')
```

The end.
"""
CONFIG = """\
extensions = ["myst_nb", "sphinx_design", "sphinx_book_theme", "notebooks"]
html_theme = "sphinx_book_theme"
myst_enable_extensions = ["attrs_inline", "colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
numfig = True
math_eqref_format = "Eq. ({number})"
nb_execution_mode = "force"
root_doc = "book/one"
"""
WANTED = r"""> **What you will see**
>
> A `word` and $x_1$.

<details><summary>To be opened</summary>

Some *words*.

</details>

> A remark with a \* and a_b and \_\_c\_\_, at 2 \< 3, for \[a\] and \$5.

See Fig. 1, Table 1, Eq. (1), that part and [another](two.ipynb), [its part](two.ipynb), words, [far](https://example.org/a_b). The value is 42, of <b style="color: #d32f2f">(f1, 3, 1, 1000)</b>.

$$
a = b \tag{1}
$$

- one, with

    a second paragraph
- two

3. three
4. four

- **Term**: What it is.

```python
x = "`"
```

**What it holds.**

| a | b |
|---|---|
| 1 | `2\|3` |

## Part two"""  # noqa: E501


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """A small book with all that there is for a notebook to show."""
    folder = tmp_path_factory.mktemp("book")
    (folder / "book").mkdir()
    (folder / "conf.py").write_text(CONFIG, encoding="utf-8")
    toc = "\n\n```{toctree}\ntwo\nwords\n```\n"
    cell = "\n```{code-cell} ipython3\n1\n```\n"
    pages = {
        "one": HEAD + ONE + toc,
        "two": f"{HEAD}# Two\n\n## Deep\n{cell}",
        "words": "# Words\n",
    }
    for name, text in pages.items():
        (folder / "book" / f"{name}.md").write_text(text, encoding="utf-8")
    program = f"import sys; sys.path.insert(0, {str(ROOT / 'book/_extensions')!r})\n"
    program += "from sphinx.cmd.build import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", program, "-q", "-W", "-b", "html", ".", "out/html"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder / "out" / "html" / "notebooks"


@pytest.mark.slow  # 5 s: a book is built
def test_a_page_becomes_a_notebook(book):
    assert sorted(path.name for path in book.iterdir()) == ["one.ipynb", "two.ipynb"]
    notebook = nbformat.read(book / "one.ipynb", as_version=4)
    nbformat.validate(notebook)
    title, first, prose, *rest = notebook.cells
    assert title.source == "# One, of *many*"
    assert first.source == notebooks.setup_cell("").rstrip()
    assert prose.source == WANTED
    assert notebook.metadata.language_info.file_extension == ".py"  # what a converter asks
    assert [(cell.cell_type, cell.source.partition("\n")[0]) for cell in rest] == [
        ("code", "x = 41"),
        ("code", "from myst_nb import glue"),
        ("markdown", "Prose *between*."),
        ("code", "from IPython.display import SVG"),
        ("markdown", "The end."),
    ]
    assert rest[2].source == "Prose *between*.\n\n*The next cell makes Fig. 1.*"
    hidden = [bool(cell.metadata.get("jupyter")) for cell in rest]
    assert hidden == [False, True, False, True, False]


@pytest.mark.parametrize(
    ("refuri", "unpublished", "published"),
    [
        ("two.html#deep", "two.ipynb", "https://owner.github.io/name/book/two.html#deep"),
        ("words.html", "", "https://owner.github.io/name/book/words.html"),
        ("api/core.html", "", "https://owner.github.io/name/book/api/core.html"),
    ],
)
def test_where_links_lead(refuri, unpublished, published):
    node = SimpleNamespace(get={"refuri": refuri, "internal": True}.get)
    for pages, wanted in (("", unpublished), (notebooks.address(ADDRESS), published)):
        prose = notebooks.Prose("book/one", {"one", "two"}, pages)
        assert prose.target(node) == wanted


def test_an_equation_has_the_number_that_the_book_gives_it():
    block = notebooks.nodes.math_block("", "a = b", ids=["equation-a"], number=1)
    for given, shown in (({"equation-a": (5,)}, r" \tag{5}"), ({}, "")):
        prose = notebooks.Prose("book/one", set(), "", given)
        assert list(prose.blocks(block)) == [f"$$\na = b{shown}\n$$"]


def test_what_a_notebook_cannot_show_is_an_error():
    prose = notebooks.Prose("book/one", set(), "")
    with pytest.raises(NotImplementedError, match="book/one: a notebook does not know how to show"):
        list(prose.blocks(notebooks.nodes.topic()))
    with pytest.raises(NotImplementedError, match=r"a picture that no cell draws: a\.png"):
        prose.inline(notebooks.nodes.image(uri="a.png"))
    cell = notebooks.nodes.container(nb_element="cell_code")
    with pytest.raises(NotImplementedError, match="a cell of code within a note"):
        list(prose.blocks(notebooks.nodes.note("", cell)))


def test_what_opens_with_a_solution_follows_its_cell():
    text = notebooks.nodes.paragraph
    heading, words = text("", "Seen"), notebooks.nodes.container("", text("", "A line."))
    seen = notebooks.nodes.container("", heading, words, classes=["seen"])
    cell = notebooks.nodes.container("", seen, nb_element="cell_code")
    said = [cell, "<details><summary>Seen</summary>\n\nA line.\n\n</details>"]
    assert list(notebooks.Prose("book/one", set(), "").blocks(cell)) == said


def test_the_first_cell(monkeypatch):
    source = notebooks.setup_cell("")
    exec(source, {})
    monkeypatch.setitem(sys.modules, "flint", None)
    with pytest.raises(ImportError, match=r"flint.*\n\n    \S*python\S* -m pip install \"\.\[book"):
        exec(source, {})


def test_the_first_cell_of_a_book_that_is_published(monkeypatch):
    asked = []
    shell = SimpleNamespace(run_line_magic=lambda *given: asked.append(given))
    source = TransformerManager().transform_cell(notebooks.setup_cell(ADDRESS))
    exec(source, {"get_ipython": lambda: shell})
    assert asked == []
    monkeypatch.setitem(sys.modules, "nnlib.report", None)
    exec(source, {"get_ipython": lambda: shell})
    what = f'--quiet "basic-neural-network-executed[book] @ git+{ADDRESS}"'
    assert asked == [("pip", f"install {what}")]


@pytest.mark.parametrize("repository", ["", ADDRESS])
def test_what_binder_reads(repository, tmp_path):
    (tmp_path / "notebooks").mkdir()
    config = SimpleNamespace(report_repository=repository)
    notebooks.write_environment(SimpleNamespace(outdir=str(tmp_path), config=config), None)
    files = {path.name: path.read_text() for path in (tmp_path / "notebooks").iterdir()}
    assert sorted(files) == (["requirements.txt", "runtime.txt"] if repository else [])
    if repository:
        line, *_ = files["requirements.txt"].splitlines()
        assert line == f"basic-neural-network-executed[book] @ git+{ADDRESS}"
        root = ROOT / ".binder" / "runtime.txt"  # for who launches the repository itself
        assert files["runtime.txt"] == root.read_text(encoding="utf-8") == "python-3.13\n"


@pytest.mark.parametrize("repository", ["", ADDRESS])
def test_buttons(repository, tmp_path):
    executed = tmp_path / "jupyter_execute" / "book"
    executed.mkdir(parents=True)
    (executed / "one.ipynb").touch()
    config = SimpleNamespace(report_repository=repository)
    app = SimpleNamespace(outdir=str(tmp_path / "html"), config=config)
    download = {"label": "download-buttons", "buttons": []}
    context = {"header_buttons": [download], "pathto": lambda target, _: "../" + target}
    notebooks.add_buttons(app, "book/one", "page.html", context, None)
    assert [button["url"] for button in download["buttons"]] == ["../notebooks/one.ipynb"]
    launch = [group for group in context["header_buttons"] if group["label"] == "launch-buttons"]
    if repository:
        assert [button["url"] for button in launch[0]["buttons"]] == [
            "https://colab.research.google.com/github/owner/name/blob/notebooks/one.ipynb",
            "https://mybinder.org/v2/gh/owner/name/notebooks?labpath=one.ipynb",
        ]
    else:
        assert not launch
    context = {"header_buttons": []}  # a page without code has none
    notebooks.add_buttons(app, "book/words", "page.html", context, None)
    assert context["header_buttons"] == []


needs_the_book = pytest.mark.skipif(not OFFERED, reason="there is no book yet: run `make book`")


@needs_the_book
def test_every_chapter_is_offered():
    assert [path.name for path in OFFERED] == sorted(path.name for path in SNAPSHOTS.iterdir())


@needs_the_book
@pytest.mark.parametrize("path", OFFERED, ids=lambda path: path.stem)
def test_what_is_offered(path: Path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    snapshot = nbformat.read(SNAPSHOTS / path.name, as_version=4)
    assert code[1:] == [cell.source for cell in snapshot.cells]
    assert "import nnlib.report" in code[0]
    assert not any(cell.get("outputs") for cell in notebook.cells)
    words = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    assert RAW.findall(words) == []
    for target in re.findall(r"(?<!\\)\]\(([^)]*)\)", words):
        assert target.startswith("https://") or (path.parent / target).is_file()


@needs_the_book
def test_figures_and_tables_have_the_numbers_of_the_pages():
    announced, numbers = [], []
    for path in OFFERED:
        cells = nbformat.read(path, as_version=4).cells
        words = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
        for line in re.findall(r"^\*The next cell makes (.*)\.\*$", words, re.MULTILINE):
            announced += line.split(" and ")
        page = path.parents[1] / "book" / f"{path.stem}.html"
        numbers += re.findall(r'"caption-number">([^<]*) <', page.read_text(encoding="utf-8"))
    figures = sorted(name for name in announced if name.startswith("Fig. "))
    assert figures == sorted(name for name in numbers if name.startswith("Fig. "))
    assert len(set(announced)) == len(announced) and set(announced) <= set(numbers)
