"""What the report adds to Sphinx: figures of several panels, and equations without a network."""

from importlib.util import find_spec
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective
from sphinx.util.fileutil import copy_asset


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
        self.add_name(figure)
        self.set_source_info(figure)
        return [figure]


def copy_mathjax(app, exception):
    """Serve MathJax from the book itself; of the package, one file is all that is needed."""
    package = Path(find_spec("sphinx-mathjax-offline").origin).parent
    copy_asset(package / "static/mathjax/tex-svg.js", Path(app.outdir) / "_static")


def setup(app):
    """Register both with Sphinx."""
    app.add_directive("panels", Panels)
    app.connect("build-finished", copy_mathjax)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
