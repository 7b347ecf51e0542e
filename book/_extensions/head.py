"""The head of each page: what search engines, social media and tabs show of it.

A page is described by its first paragraph, as far as its sentences fit, or by the `description` in
its front matter.
"""

import re
from html import escape, unescape
from pathlib import Path

from docutils import nodes
from published import address

LONGEST = 200  # characters; more is cut where it is shown
PICTURE = "_static/picture.png"
SIZE = (1200, 630)  # pixels, as social media want it
DPI = 150
TIME = re.compile(r"About \d+ minutes\.")  # that a chapter takes
SENTENCES = re.compile(r".*\w{3}[.?!](?= [A-Z])")  # the last does not end in "e.g." or "cf."
VIEWPORT = re.compile(r'<meta name="viewport"[^>]*>')  # by docutils; Sphinx's template has its own


def describe(doctree):
    """What a page says first, in whole sentences, or cut at a word if the first is too long.

    Parameters
    ----------
    doctree : docutils.nodes.document

    Returns
    -------
    str
        At most `LONGEST` characters; empty if the page has no text.
    """
    for paragraph in doctree.findall(nodes.paragraph):
        text = " ".join(paragraph.astext().split())
        if TIME.fullmatch(text):
            continue
        if len(text) <= LONGEST:
            return text
        sentences = SENTENCES.match(text[:LONGEST])
        return sentences[0] if sentences else text[:LONGEST].rpartition(" ")[0] + "…"
    return ""


def write_head(app, pagename, templatename, context, doctree):
    """Give a page its title, its description, and what is shown where somebody links to it."""
    context["metatags"] = VIEWPORT.sub("", context.get("metatags", ""))
    if doctree:
        title = unescape(re.sub("<[^>]*>", "", context["title"]))
        description = (context["meta"] or {}).get("description") or describe(doctree)
        context["metatags"] += "\n".join(_tags(app.config, pagename, title, description))


def _tags(config, pagename, title, description):
    yield f'<meta name="description" content="{escape(description)}" />'
    properties = {
        "og:type": "article",
        "og:site_name": config.html_title,
        "og:title": title,
        "og:description": description,
    }
    if config.report_repository:  # else nobody can link to it
        pages = address(config.report_repository)
        properties |= {"og:url": f"{pages}{pagename}.html", "og:image": pages + PICTURE}
    for name, text in properties.items():
        yield f'<meta property="{name}" content="{escape(text)}" />'


def draw_picture(app, exception):
    """Draw what social media show beside a link: the run that the book begins with."""
    if exception or not app.config.report_repository or app.builder.name != "html":
        return
    from matplotlib.figure import Figure

    from nnlib import Experiment, f1, figures, train

    history = train(Experiment(f1, 3, 1, 1000))
    figure = Figure(figsize=(SIZE[0] / DPI, SIZE[1] / DPI), dpi=DPI, facecolor="white")
    axes = figure.subplots(1, 2)
    figures.plot_learned_function(axes[0], history, history.best_epoch)
    figures.plot_error(axes[1], history)
    figure.suptitle(app.config.html_title, fontsize=18)
    figure.savefig(Path(app.outdir) / PICTURE, metadata={"Software": None})


def setup(app):
    """Register it with Sphinx."""
    app.connect("html-page-context", write_head, priority=900)
    app.connect("build-finished", draw_picture)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
