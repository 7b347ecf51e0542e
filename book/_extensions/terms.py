"""Each chapter links a term of the glossary to it where the term is first used.

Headings, formulas, code, what code has put out, and what is a link already are left as they are.
"""

import re
from functools import cache

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx_design.dropdown import dropdown_title

PAGE = "book/glossary"
LEFT_OUT = (
    nodes.title,
    nodes.rubric,
    nodes.literal,
    nodes.literal_block,
    nodes.math,
    nodes.math_block,
    nodes.raw,
    nodes.reference,
    nodes.comment,
    pending_xref,
    dropdown_title,  # which opens what it heads
)
PLURAL = {"y": "(?:y|ies)", "s": "s(?:es)?", "x": "x(?:es)?"}


@cache
def pattern(terms):
    """Finds any of some terms, in singular and regular plural.

    Parameters
    ----------
    terms : tuple of str
        The longest first, so that none is found within another.

    Returns
    -------
    re.Pattern
        With one group for each term.
    """
    groups = "|".join(f"({_forms(term)})" for term in terms)
    return re.compile(rf"(?<![\w-])(?:{groups})(?![\w-])", re.IGNORECASE)


def _forms(term):
    words = [re.escape(w[:-1]) + PLURAL.get(w[-1], re.escape(w[-1]) + "s?") for w in term.split()]
    return r"\s+".join(words).replace("–", "[-–]")  # names are joined by either


def link_terms(app, doctree, docname):
    """Link the first use of each term in a chapter."""
    if not is_chapter(docname):
        return
    places = {t: p for t, (d, p) in app.env.domaindata["std"]["terms"].items() if d == PAGE}
    meanings = definitions(app.env)
    page = app.builder.get_relative_uri(docname, PAGE)
    for text in list(doctree.findall(nodes.Text)):
        if is_left_out(text):
            continue
        parts = []
        for part, place in cut(str(text), places):
            if place:
                link = nodes.reference("", part, internal=True, classes=["term"])
                link["refuri"], link["reftitle"] = f"{page}#{place}", meanings[place]
                parts.append(link)
            elif part:
                parts.append(nodes.Text(part))
        text.parent.replace(text, parts)


def cut(text, places):
    """Cut a text where terms are used for the first time.

    Parameters
    ----------
    text : str
    places : dict of str to str or None
        Where the glossary has each term; None from its first use on.

    Yields
    ------
    part : str
    place : str or None
        Where the glossary has it, if it is the first use of a term.
    """
    terms = sorted(places, key=lambda term: (-len(term), term))
    start = 0
    for found in pattern(tuple(terms)).finditer(text):
        term = terms[found.lastindex - 1]
        if places[term]:
            yield text[start : found.start()], None
            yield found.group(), places[term]
            places[term], start = None, found.end()
    yield text[start:], None


def is_left_out(text):
    """Whether a text stands where no link may be."""
    node = text.parent
    while node is not None:
        if isinstance(node, LEFT_OUT) or node.get("nb_element") == "cell_code":
            return True
        node = node.parent
    return False


def is_chapter(docname):
    """Whether a page is one of the book's own chapters, and not a place to look things up."""
    folder, _, name = docname.rpartition("/")
    return folder == "book" and name not in ("glossary", "references")


def definitions(env):
    """What each term means, by the identifier of its place."""
    found = {}
    for item in env.get_doctree(PAGE).findall(nodes.definition_list_item):
        for term in item.findall(nodes.term):
            meaning = next(item.findall(nodes.definition)).astext().replace("\n", " ")
            found |= dict.fromkeys(term["ids"], meaning)
    return found


def setup(app):
    """Register it with Sphinx."""
    app.connect("doctree-resolved", link_terms, priority=600)  # when all links have been made
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
