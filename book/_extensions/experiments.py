"""Every experiment that the book speaks of opens the laboratory.

The text writes it as a red tuple, `[(f1, 3, 1, 1000)]{.experiment}`. A further class such as `epoch-754` or
`order-1` sets what else the laboratory is to choose, under the names that its address has.
"""

import re

from docutils import nodes

from nnlib import Experiment

PAGE = "book/laboratory"
CHOICES = re.compile(r"(epoch|order)-(\d+)")
H, EPOCHS = range(2, 21), range(1, 50_001)  # what the laboratory allows


def link_experiments(app, doctree, docname):
    """Make links of the red tuples, as late as possible: some are computed."""
    page = app.builder.get_relative_uri(docname, PAGE) if docname != PAGE else ""
    for node in list(doctree.findall(nodes.inline)):
        if "experiment" not in node["classes"] or isinstance(node.parent, nodes.reference):
            continue
        address = find_address(node.astext(), node["classes"])
        if address:
            link = nodes.reference("", "", refuri=page + address, internal=True)
            node.replace_self(link)
            link += node


def find_address(text, classes):
    """The hash of the laboratory's address for a tuple; None if it has no such experiment."""
    try:
        experiment = Experiment.parse(text)
    except ValueError:
        return None
    if experiment.h not in H or experiment.epochs not in EPOCHS:
        return None
    chosen = {
        "f": experiment.function_name,
        "h": experiment.h,
        "rate": f"{experiment.learning_rate:g}",
        "epochs": experiment.epochs,
    }
    chosen.update(match.groups() for match in map(CHOICES.fullmatch, classes) if match)
    return "#" + "&".join(f"{key}={value}" for key, value in chosen.items())


def setup(app):
    """Register it with Sphinx."""
    app.connect("doctree-resolved", link_experiments)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
