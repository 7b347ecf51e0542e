"""How tables are laid out: numbers by their decimal points, wide tables in the margin."""

import pytest
import tables
from docutils import nodes


def table(*rows):
    """A table of some texts, the first row its head; a text in brackets is an experiment."""
    group = nodes.tgroup()
    for kind, part in ((nodes.thead, rows[:1]), (nodes.tbody, rows[1:])):
        group += kind("", *(nodes.row("", *map(cell, texts)) for texts in part))
    return nodes.table("", group)


def cell(text):
    classes = ["experiment"] if text.startswith("(") else []
    return nodes.entry("", nodes.paragraph("", "", nodes.inline("", text, classes=classes)))


def lacking(texts):
    """What is put before each text of a column."""
    (column,) = tables.columns_of(table(["head"], *([text] for text in texts)))
    tables.align(column)
    raw = [[node.astext() for node in entry.findall(nodes.raw)] for entry in column]
    return [part[0].split('"')[3] if part else "" for part in raw]


@pytest.mark.parametrize(
    ("column", "lacks"),
    [
        (["3", "12", "1.5"], ["1", "", "1"]),
        (["1,234", "56.7", "–"], ["", "1,2", ""]),
        (["-0.5", "12", "+3.1 %"], ["1", "−", "1"]),
        (["7", "12 of 40"], ["1", ""]),
        (["3", "none"], ["", ""]),
        (["3", "10 000 of f1", "f2"], ["", "", ""]),
        (["2:1", "12"], ["", ""]),
    ],
)
def test_numbers_stand_by_their_points(column, lacks):
    assert lacking(column) == lacks


def test_formulas_stay_where_they_are():
    column = [cell("3"), cell("12")]
    column[0][0].insert(0, nodes.math("", "x"))
    tables.align(column)
    assert not [node for entry in column for node in entry.findall(nodes.raw)]


def test_which_tables_take_the_margin():
    narrow = table(["a", "b"], ["a sentence of many short words that can be broken " * 9, "2"])
    wide = table(["word" * 12, "word" * 12], ["much wider" * 9, "1"])
    heads = ["rate", "crossing", "falls", "lowest", *["predicted", "seen"] * 3]
    assert tables.width(table(heads, ["1494"] * 10)) > tables.ROOM
    experiment = "(f1, 3, 1, 1000, optimizer=rprop)"
    assert tables.width(narrow) < tables.ROOM < tables.width(wide)
    assert tables.width(table(["a"] * 3, [experiment] * 3)) > tables.ROOM
    assert tables.width(table(["a"] * 3, ["f" + experiment] * 3)) < tables.ROOM
