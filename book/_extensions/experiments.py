"""Every experiment that the book speaks of opens the laboratory.

The text writes it as a red tuple, `[(f1, 3, 1, 1000)]{.experiment}`. A further class such as
`epoch-754` or `order-1` sets what else the laboratory is to choose, under the names that its
address has.
"""

import re

from docutils import nodes

from nnlib import Experiment
from nnlib.report.display import find_address

PAGE = "book/laboratory"
CHOICES = re.compile(r"(epoch|order)-(\d+)")


def link_experiments(app, doctree, docname):
    """Make links of the red tuples, as late as possible: some are computed."""
    page = app.builder.get_relative_uri(docname, PAGE) if docname != PAGE else ""
    for node in list(doctree.findall(nodes.inline)):
        if "experiment" not in node["classes"] or isinstance(node.parent, nodes.reference):
            continue
        choices = dict(match.groups() for match in map(CHOICES.fullmatch, node["classes"]) if match)
        try:
            address = find_address(Experiment.parse(node.astext()), **choices)
        except ValueError:  # such as (f2, 6, …, 2000)
            continue
        if address:
            link = nodes.reference("", "", refuri=page + address, internal=True)
            node.replace_self(link)
            link += node


def setup(app):
    """Register it with Sphinx."""
    app.connect("doctree-resolved", link_experiments)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
