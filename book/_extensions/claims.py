"""Every claim that the book speaks of is linked to its row of the ledger, and back.

A cell or the text writes it as `[one number]{.claim-text-lowest}`, with the id of the claim. In a
table of claims the row becomes the place that such links lead to: in the ledger, and in the
chapter that the claim belongs to. On the ledger's page a script lets readers filter the rows.
"""

from pathlib import Path
from shutil import copyfile

from docutils import nodes

from nnlib.report.claims import DOCUMENTS, load

PAGE = "book/ledger"
SCRIPT = "ledger.js"
CHAPTERS = {claim.id: claim.chapter for document in DOCUMENTS for claim in load(document)}


def link_claims(app, doctree, docname):
    """Make links of the claims and anchors of their rows, late, as they are computed."""
    for node in list(doctree.findall(nodes.inline)):
        name = next((c for c in node["classes"] if c.startswith("claim-")), "").partition("-")[2]
        if name not in CHAPTERS:
            continue
        chapter = f"book/{CHAPTERS[name]}"
        row = row_of(node)
        if row and docname in (PAGE, chapter):
            row["ids"].append(anchor(docname, name))
        to = chapter if row and docname == PAGE else PAGE
        link = nodes.reference("", "", internal=True)
        if to == docname:
            link["refid"] = anchor(to, name)
        else:
            link["refuri"] = f"{app.builder.get_relative_uri(docname, to)}#{anchor(to, name)}"
        node.replace_self(link)
        link += node.children


def anchor(docname, name):
    """What the row of a claim is called on a page."""
    return f"claim-{name}" if docname == PAGE else f"about-{name}"


def row_of(node):
    """The row that begins with a claim, if it stands in a table of claims."""
    row = node.parent
    while row and not isinstance(row, nodes.row):
        row = row.parent
    table = row
    while table and not isinstance(table, nodes.table):
        table = table.parent
    return row if table and "verdicts" in table["classes"] else None


def add_script(app, pagename, templatename, context, doctree):
    """Put the script on the ledger's page, and on no other."""
    if app.builder.format == "html" and pagename == PAGE:
        copyfile(Path(__file__).with_name(SCRIPT), Path(app.outdir) / "_static" / SCRIPT)
        app.add_js_file(SCRIPT, loading_method="defer")


def setup(app):
    """Register it with Sphinx."""
    app.connect("doctree-resolved", link_claims)
    app.connect("html-page-context", add_script)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
