"""The search finds numbers, which that of Sphinx leaves out: 755, 0.0144, 1,145."""

import re
from pathlib import Path

from sphinx.search.en import SearchEnglish

NUMBER = r"\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+\.\d+"
# What Sphinx 7 does with a word that is asked for: it drops whole numbers.
DROPPED = re.compile(r"\s*\|\|\s*queryTerm\.match\(/\^\\d\+\$/\)")


class Search(SearchEnglish):
    """English words, and numbers with their decimals in one piece."""

    # As `split`, for what is asked for. The second half is Sphinx's own.
    js_splitter_code = (
        r"var splitQuery = (query) => query.match(/"
        + NUMBER
        + r"|[\p{Letter}\p{Number}_\p{Emoji_Presentation}]+/gu) ?? [];"
    )

    def split(self, input):
        return re.findall(rf"{NUMBER}|\w+", input)


def keep_numbers(script: str) -> str:
    """Sphinx's search without the line that drops whole numbers from what is asked for."""
    kept, found = DROPPED.subn("", script)
    if found != 1:
        raise ValueError("Sphinx's searchtools.js drops numbers in another way than it did")
    return kept


def mend_search(app, exception):
    """Do it to the script that has been copied."""
    path = Path(app.outdir) / "_static" / "searchtools.js"
    if not exception and app.builder.name == "html":
        text = path.read_text(encoding="utf-8")
        if "queryTerm.match" in text:  # a build that copies nothing finds it mended
            path.write_text(keep_numbers(text), encoding="utf-8")


def setup(app):
    """Register it with Sphinx."""
    app.add_search_language(Search)
    app.connect("build-finished", mend_search)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
