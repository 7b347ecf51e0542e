"""What needs to know the repository is offered once it is known, and nothing of it until then."""

from types import SimpleNamespace

import chapters
import pytest
from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode
from sphinx_design.shared import create_component

ADDRESS = "https://github.com/owner/name"


@pytest.mark.parametrize("repository", ["", ADDRESS])
def test_edit_links(repository):
    config = SimpleNamespace(report_repository=repository, html_theme_options={})
    chapters.set_repository(None, config)
    assert bool(config.html_theme_options) == bool(repository)


def dropdown():
    title, words = nodes.rubric("", "What you should have seen"), nodes.paragraph("", "A line.")
    return create_component("dropdown", children=[title, words])


def test_a_solution_opens_with_what_one_should_have_seen():
    cell = nodes.container(nb_element="cell_code", hide_mode="all")
    section = nodes.section("", cell, dropdown(), nodes.paragraph("", "Prose."))
    chapters.join_solutions(None, section)
    assert [type(one) for one in section] == [nodes.container, nodes.paragraph]
    (seen,) = cell
    assert seen["classes"] == ["seen"]
    assert [one.astext() for one in seen] == ["What you should have seen", "A line."]


def test_what_follows_another_cell_stays_where_it_is():
    cell = nodes.container(nb_element="cell_code", hide_mode="input")
    section = nodes.section("", nodes.paragraph(), dropdown(), cell, dropdown(), nodes.container())
    chapters.join_solutions(None, section)
    assert len(section) == 5 and not cell.children


def test_what_opens_is_named_after_what_it_belongs_to():
    def cell(mode, *shown):
        code = HideCodeCellNode(prompt_show="Solution" if mode == "all" else "Code")
        return nodes.container("", code, *shown, nb_element="cell_code", hide_mode=mode)

    figure = nodes.figure("", nodes.caption("", "Seen."), ids=["fig-5"])
    table = nodes.table("", nodes.title("", "Counted."), ids=["tab-seen"])
    exercise = nodes.admonition("", nodes.title("", "Exercise 2"))
    note = nodes.admonition("", nodes.title("", "In short"))
    title = nodes.title("", 'What is "seen"')
    printed = cell("input", nodes.container())
    page = nodes.section("", title, note, printed, cell("input", figure, table))
    page += nodes.section("", nodes.title("", "What to try"), exercise, cell("all"))
    numbers = {"a": {"figure": {"fig-5": ("E5",)}, "table": {"tab-seen": (12,)}}}
    app = SimpleNamespace(
        env=SimpleNamespace(toc_fignumbers=numbers),
        config=SimpleNamespace(numfig_format={"figure": "Fig. %s", "table": "Table %s"}),
    )
    context = {"body": f"<summary {chapters.UNNAMED}>" * 3}
    chapters.name_summaries(app, "a", "page.html", context, page)
    assert context["body"].split("aria-label=")[1:] == [
        '"Code: What is &quot;seen&quot;"><summary ',
        '"Code: Fig. E5, Table 12"><summary ',
        '"Solution: Exercise 2">',
    ]
    chapters.name_summaries(app, "search", "search.html", {}, None)  # a page without a text


@pytest.mark.parametrize(
    ("text", "said"), [("# A\n\nAbout 3 minutes.\n", ", 3 minutes"), ("In about 3 minutes.\n", "")]
)
def test_the_minutes_of_a_chapter_are_those_that_it_says(text, said, tmp_path):
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "one.md").write_text(text)
    role = chapters.Minutes()
    env = SimpleNamespace(srcdir=tmp_path, note_dependency=lambda path: None)
    role.text, role.inliner = (
        "one",
        SimpleNamespace(document=SimpleNamespace(settings=SimpleNamespace(env=env))),
    )
    assert "".join(map(str, role.run()[0])) == said
