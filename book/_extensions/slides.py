"""Each chapter as slides: its figures, its formulas and the questions of its exercises.

They are taken from the finished page, in its order, so that they are its own in every respect.
Scrolling from one to the next is left to the browser; a few lines of script let all four arrow keys
do it. All type has one size: a figure of more than three panels goes on over several slides.
"""

import re
from pathlib import Path
from string import Template

FOLDER = "slides"
HERE = Path(__file__).parent
FIGURE = re.compile(r"<figure\b.*?</figure>", re.DOTALL)
FORMULA = re.compile(  # and the paragraph that leads to it
    r"<p>(?:(?!</?p>).)*</p>\s*(<div class=\"math(?:(?!</?div).)*</div>)", re.DOTALL
)
QUESTION = re.compile(r'<p class="admonition-title">(Exercise \d+)</p>\s*(.*?)\s*</div>', re.DOTALL)
FOLDED = re.compile(r"<details\b(?:(?!<details\b).)*?</details>", re.DOTALL)  # the innermost
HEADING = re.compile(r"<h[1-6]\b[^>]*>(.*?)</h[1-6]>", re.DOTALL)
PERMALINK = re.compile(r'<a class="headerlink".*?</a>', re.DOTALL)
ID = re.compile(r'\s*\bid="([^"]*)"')
PANEL = re.compile(  # in two colours, or in one
    r"<img\b[^>]*\bon-light\b[^>]*>\s*<img\b[^>]*>|<img\b[^>]*>"
)
WIDTH = re.compile(r'<img(?=[^>]* width="(\d+)")')
IN_A_ROW = 3
SLIDE = """\
<section$kind>
<h2>$heading</h2>
$content
<p class="place"><a href="$place">$n of $all</a></p>
</section>"""


def slides(body, chapter):
    """The figures, formulas and questions of a page, each with the heading that it stands under.

    What is folded is left out.

    Parameters
    ----------
    body : str
        The page, as HTML.
    chapter : str
        Its address.

    Returns
    -------
    list of str
        Nothing, if there is no figure.

    Raises
    ------
    ValueError
        If a figure stands before any heading.
    """
    body = PERMALINK.sub("", leave_out_folded(body)).replace('href="#', f'href="{chapter}#')
    headings, figures = list(HEADING.finditer(body)), list(FIGURE.finditer(body))
    if not figures:
        return []
    if not (headings and headings[0].start() < figures[0].start()):
        raise ValueError(f"{chapter}: a figure stands before any heading, and a slide needs one")
    made = []
    for found in sorted(
        [*figures, *FORMULA.finditer(body), *QUESTION.finditer(body)], key=re.Match.start
    ):
        heading = next(h[1] for h in reversed(headings) if h.start() < found.start())
        if found.re is FIGURE:
            name = ID.search(found[0])[1]
            made += [("", heading, part, name) for part in cut(found[0])]
        elif found.re is QUESTION:
            made.append((' class="question"', found[1], found[2], ""))
        else:
            place = ID.search(found[1])
            made.append((' class="formula"', heading, ID.sub("", found[0]), place and place[1]))
    return [
        Template(SLIDE).substitute(
            kind=kind,
            heading=heading,
            content=content,
            place=f"{chapter}#{name}" if name else chapter,
            n=n,
            all=len(made),
        )
        for n, (kind, heading, content, name) in enumerate(made, 1)
    ]


def leave_out_folded(body):
    """A page without what is opened by a click, such as solutions."""
    found = 1
    while found:
        body, found = FOLDED.subn("", body)
    return body


def cut(figure):
    """A figure in parts of three panels at most, each with the caption."""
    figure = WIDTH.sub(r'<img style="--width: \1"', figure)
    panels = list(PANEL.finditer(figure))
    if len(panels) <= IN_A_ROW:
        return [figure]
    start, rest = figure[: panels[0].start()], figure[panels[-1].end() :]
    rows = -(-len(panels) // IN_A_ROW)
    each = -(-len(panels) // rows)
    parts = [panels[i : i + each] for i in range(0, len(panels), each)]
    return [
        (ID.sub("", start) if n else start) + "".join(one[0] for one in part) + rest
        for n, part in enumerate(parts)
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
                    "tooltip": "Figures, formulas and questions as slides",
                    "icon": "fas fa-file-powerpoint",
                }
            )


def _read(name):
    return (HERE / name).read_text(encoding="utf-8")


def setup(app):
    """Register it with Sphinx."""
    app.connect("html-page-context", write_slides, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
