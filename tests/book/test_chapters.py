"""What needs to know the repository is offered once it is known, and nothing of it until then."""

from types import SimpleNamespace

import chapters
import pytest
from docutils import nodes
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
