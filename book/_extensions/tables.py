"""Tables: numbers stand below one another by their decimal point, and wide tables take the margin.

What a number lacks of the longest of its column before the point is put before it by the style
sheet, where nobody sees it, and neither a search nor who listens finds it. The class `full-width`
is the theme's, whose script folds the contents at the right as long as something of it is seen.
"""

import re
from html import escape

from docutils import nodes

NUMBER = re.compile(r"([-−+]?)(\d{1,3}(?:,\d{3})+|\d+)(?![\w:])")  # up to its point
NOTHING = re.compile(r"[-–—]?")  # what stands where there is no number
ROOM = 690  # pixels beside the margins
LETTER, BOLD, PADDING = 7.8, 9.6, 17  # pixels of a letter, and of a cell besides


def align(entries):
    """Put before each number of a column what it lacks of the longest, if there are but numbers."""
    numbers = {entry: NUMBER.match(_start(entry)) for entry in entries}
    if not all(found or NOTHING.fullmatch(entry.astext()) for entry, found in numbers.items()):
        return
    found = [number for number in numbers.values() if number]
    signed = any(number[1] for number in found)
    longest = max((number[2] for number in found), key=len, default="")
    for entry, number in numbers.items():
        lacks = number and longest[: len(longest) - len(number[2])] + "−" * (
            signed and not number[1]
        )
        if lacks:
            html = f'<span class="lacks" data-lacks="{escape(lacks)}"></span>'
            entry[0].insert(0, nodes.raw("", html, format="html"))


def _start(entry):
    """How a cell begins, if that is text."""
    first = next(iter(entry.findall(nodes.Text)), None)
    is_formula = first is None or isinstance(first.parent, (nodes.math, nodes.raw))
    return "" if is_formula else entry.astext()


def columns_of(table):
    """The cells of each column, without its head; nothing if cells reach across several."""
    rows = [row.children for body in table.findall(nodes.tbody) for row in body.children]
    return zip(*rows, strict=True) if len({len(row) for row in rows}) == 1 else ()


def width(table):
    """About how many pixels a table needs at least: the longest word of each column decides."""
    rows = [row.children for row in table.findall(nodes.row)]
    if len({len(row) for row in rows}) != 1:
        return 0
    columns = zip(*rows, strict=True)
    return sum(max(map(_longest, column), default=0) + PADDING for column in columns)


def _longest(entry):
    """How wide the longest word of a cell is."""
    texts = []
    for text in entry.findall(nodes.Text):
        inline = text.parent
        while inline is not entry and "experiment" not in inline["classes"]:
            inline = inline.parent
        # An experiment stays in one line, and of a formula its commands take no more than a symbol.
        texts.append(text.replace(" ", "_") if inline is not entry else text)
    text = re.sub(r"\\[a-zA-Z]+|[{}_^](?=\w|\\)", "", "".join(texts))
    head = isinstance(entry.parent.parent, nodes.thead)
    return max(map(len, re.split(r"[ \n]|(?<=-)", text))) * (BOLD if head else LETTER)


def lay_out(app, doctree, docname):
    """Do it to the tables of a page."""
    for table in doctree.findall(nodes.table):
        for column in columns_of(table):
            align(column)
        if "verdicts" in table["classes"] or width(table) > ROOM:
            table["classes"].append("full-width")
    if "html_theme.sidebar_secondary.remove" in app.env.metadata[docname]:
        for node in doctree.findall(nodes.Element):  # the theme's script would look for contents
            node["classes"] = [name for name in node["classes"] if name != "full-width"]


def setup(app):
    """Register it with Sphinx."""
    app.connect("doctree-resolved", lay_out, priority=960)  # when notebooks have what they need
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
