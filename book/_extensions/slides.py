"""The figures of each chapter as slides: one page, one figure and its caption to a screen.

They are taken from the finished page, so that they are its figures in every respect. Scrolling from
one to the next is left to the browser; a few lines of script let all four arrow keys do it.
"""

import re
from pathlib import Path
from string import Template

FOLDER = "slides"
HERE = Path(__file__).parent
FIGURE = re.compile(r"<figure\b.*?</figure>", re.DOTALL)
HEADING = re.compile(r"<h[1-6]\b[^>]*>(.*?)</h[1-6]>", re.DOTALL)
PERMALINK = re.compile(r'<a class="headerlink".*?</a>', re.DOTALL)
ID = re.compile(r'\bid="([^"]*)"')
SLIDE = """\
<section>
<h2>$heading</h2>
$figure
<p class="place"><a href="$chapter#$name">$n of $all</a></p>
</section>"""


def slides(body, chapter):
    """The figures of a page, each on a slide with the heading that it stands under.

    Parameters
    ----------
    body : str
        The page, as HTML.
    chapter : str
        Its address.

    Returns
    -------
    list of str

    Raises
    ------
    ValueError
        If a figure stands before any heading.
    """
    body = PERMALINK.sub("", body)
    headings = list(HEADING.finditer(body))
    figures = list(FIGURE.finditer(body))
    if figures and not (headings and headings[0].start() < figures[0].start()):
        raise ValueError(f"{chapter}: a figure stands before any heading, and a slide needs one")
    return [
        Template(SLIDE).substitute(
            heading=next(h[1] for h in reversed(headings) if h.start() < figure.start()),
            figure=figure[0],
            chapter=chapter,
            name=ID.search(figure[0])[1],
            n=n,
            all=len(figures),
        )
        for n, figure in enumerate(figures, 1)
    ]


def write_slides(app, pagename, templatename, context, doctree):
    """Put a chapter's slides beside the pages, and offer them with its other files."""
    name = f"{Path(pagename).name}.html"
    if app.builder.name != "html" or not (made := slides(context.get("body", ""), name)):
        return
    if pagename != f"book/{Path(pagename).name}":
        raise ValueError(f"{pagename}: a page whose figures have slides lies in book/ itself")
    page = Template(_read("slides.html")).substitute(
        lang=context.get("language") or "en",
        title=context["title"],
        chapter=name,
        book=app.config.html_title,
        slides="\n".join(made),
        style=_read("slides.css"),
        script=_read("slides.js"),
    )
    folder = Path(app.outdir) / FOLDER
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(page, encoding="utf-8")
    for group in context.get("header_buttons", ()):
        if group.get("label") == "download-buttons":
            group["buttons"].append(
                {
                    "type": "link",
                    "text": "Slides",
                    "url": context["pathto"](f"{FOLDER}/{name}", 1),
                    "tooltip": "The figures as slides",
                    "icon": "fas fa-file-powerpoint",
                }
            )


def _read(name):
    return (HERE / name).read_text(encoding="utf-8")


def setup(app):
    """Register it with Sphinx."""
    app.connect("html-page-context", write_slides, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
