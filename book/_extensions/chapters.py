"""What chapters need of Sphinx: figures and their numbers, exercises, lines to write on."""

import os
import re
import sys
from html import escape
from itertools import count
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import directives
from myst_nb.sphinx_ import HideCodeCellNode
from sphinx.util.docutils import SphinxDirective, SphinxRole
from sphinx_design.shared import is_component

FIGURES_OF_THE_DOCUMENT = 9
UNNAMED = 'aria-label="Toggle hidden content"'  # what myst-nb calls every summary
MINUTES = re.compile(r"^About (\d+) minutes\.$", re.MULTILINE)


class Panels(SphinxDirective):
    """A numbered figure of several pictures: a paragraph of images, then the caption."""

    has_content = True
    option_spec = {"name": directives.unchanged_required}  # noqa: RUF012

    def run(self):
        content = nodes.Element()
        self.state.nested_parse(self.content, self.content_offset, content)
        images = list(content.findall(nodes.image))
        paragraphs = [node for node in content if not list(node.findall(nodes.image))]
        if not images or len(paragraphs) != 1:
            raise self.error("panels needs images, then a caption of one paragraph")
        caption = nodes.caption("", "", *paragraphs[0].children)
        figure = nodes.figure("", *images, caption, classes=["panels", f"panels-{len(images)}"])
        if len(images) > 2 and len(images) != 4:  # in rows of three, which reach into the margin
            figure["classes"] += ["rows-of-three", "full-width"]
        self.add_name(figure)
        self.set_source_info(figure)
        return [figure]


class Minutes(SphinxRole):
    """How long it takes to read a chapter, as the chapter says it; nothing if it does not."""

    def run(self):
        path = Path(self.env.srcdir) / "book" / f"{self.text}.md"
        self.env.note_dependency(str(path))
        said = MINUTES.search(path.read_text(encoding="utf-8"))
        return [nodes.Text(f", {said[1]} minutes")] if said else [], []


class Blank(SphinxRole):
    """A line to write on, as many letters wide as is said."""

    def run(self):
        line = nodes.inline("", "\N{NO-BREAK SPACE}" * int(self.text), classes=["blank"])
        return [line], []


def number_figures(app, env):
    """Let fig-1 to fig-9 have the document's numbers, and fig-1b-1 … its follow-up's, 1B.1 ….

    The others are numbered apart, in the order in which they are read: E1, E2, ….
    """
    figures = sorted(
        (number, docname, name)
        for docname, types in env.toc_fignumbers.items()
        for name, number in types.get("figure", {}).items()
    )
    own = count(1)
    for _, docname, name in figures:
        follow_up, last = name.startswith("fig-1b-"), name.removeprefix("fig-").removeprefix("1b-")
        if last.isdecimal() and (follow_up or int(last) <= FIGURES_OF_THE_DOCUMENT):
            number = ("1B", int(last)) if follow_up else (int(last),)
        else:
            number = (f"E{next(own)}",)
        env.toc_fignumbers[docname]["figure"][name] = number
    return []  # no page has to be written again for it


def join_streams(app, doctree):
    """Show what a cell printed in one piece; how it arrived in pieces is a matter of timing."""
    for block in list(doctree.findall(nodes.literal_block)):
        before = block.previous_sibling() if "stream" in block["classes"] else None
        if isinstance(before, nodes.literal_block) and before["classes"] == block["classes"]:
            text = before.astext().rstrip("\n") + "\n" + block.astext()
            block.rawsource, block[:] = text, [nodes.Text(text)]
            before.parent.remove(before)


def join_solutions(app, doctree):
    """Let one toggle open the solution of an exercise, and what one should have seen in it."""
    solutions = [one for one in doctree.findall(nodes.container) if one.get("hide_mode") == "all"]
    for cell in solutions:
        seen = cell.next_node(descend=False, siblings=True)
        if is_component(seen, "dropdown"):
            title, *words = seen.children
            seen.parent.remove(seen)
            heading = nodes.paragraph("", "", *title.children)
            cell += nodes.container("", heading, nodes.container("", *words), classes=["seen"])


def skip_what_is_not_offered(app, what, name, obj, skip, options):
    """Leave out of the reference what a module does not offer.

    autodoc does so by itself, but then takes the order of `__all__` for that of the source.
    """
    module = sys.modules.get(getattr(obj, "__module__", None))
    offered = getattr(module, "__all__", [name])
    return True if what == "module" and name not in offered else None


def mend_references(app, pagename, templatename, context, doctree):
    """Give the list of references the roles of a list; docutils' own have been withdrawn."""
    if "body" in context:
        context["body"] = context["body"].replace('role="doc-biblioentry"', 'role="listitem"')


def name_summaries(app, pagename, templatename, context, doctree):
    """Name what opens after what it belongs to: "Code: Fig. 5", "Solution: Exercise 2"."""
    numbers, place = app.env.toc_fignumbers.get(pagename, {}), ""
    for node in doctree.findall(nodes.Element) if doctree else ():
        if isinstance(node, nodes.title) and not isinstance(node.parent, nodes.table):
            if isinstance(node.parent, nodes.section) or node.astext().startswith("Exercise "):
                place = node.astext()
        elif node.get("nb_element") == "cell_code":
            shown = [
                app.config.numfig_format[kind] % ".".join(map(str, number))
                for one in node.findall(nodes.Element)
                for kind in ("figure", "table")
                for name in one["ids"][:1]
                if (number := numbers.get(kind, {}).get(name))
            ]
            if node.get("hide_mode") == "all" or not shown:
                shown = [place]
            for hidden in node.findall(HideCodeCellNode):
                label = escape(f"{hidden['prompt_show']}: {', '.join(shown)}")
                context["body"] = context["body"].replace(UNNAMED, f'aria-label="{label}"', 1)


def set_repository(app, config):
    """Turn on what needs to know where the repository is, if it is known."""
    if config.report_repository:
        config.html_theme_options |= {
            "repository_url": config.report_repository,
            "use_repository_button": True,
            "use_edit_page_button": True,
            "use_issues_button": True,
        }


def setup(app):
    """Register all of it with Sphinx."""
    # Chapters are read side by side, for which jupyter-book has no option. Two extensions do not
    # say that they allow it: one numbers chapters, the other makes LaTeX; neither is done here.
    app.parallel = os.cpu_count() or 1
    for name in ("sphinx_multitoc_numbering", "sphinx_jupyterbook_latex"):
        app.extensions[name].parallel_read_safe = True
    app.add_directive("panels", Panels)
    app.add_role("minutes", Minutes())
    app.add_role("blank", Blank())
    app.connect("config-inited", set_repository)
    app.connect("autodoc-skip-member", skip_what_is_not_offered)
    app.connect("doctree-read", join_streams)
    app.connect("doctree-read", join_solutions)
    # Sphinx numbers them in every build, also if nothing has changed; so do we, after it.
    app.connect("env-get-updated", number_figures, priority=900)
    app.connect("html-page-context", mend_references)
    app.connect("html-page-context", name_summaries)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
