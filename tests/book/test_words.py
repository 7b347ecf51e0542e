"""The wording of the book, as far as a machine can hold it: plain words, one of them for one thing.

Looked at are the prose of the pages and of the README, the captions in the cells, and what the
files of claims say. Code has names of its own.
"""

import ast
import re
import tomllib

import pytest
from snapshots import ROOT
from test_prose import CHAPTERS, NO_PROSE

from nnlib.report.claims import DOCUMENTS

# What is not said, and what is said in its place.
WORDS = {
    r"whoever": "anyone who, if you",
    r"for ever": "forever",
    r"executed": "rerun, reproduced",
    r"manyfold": "many times",
    r"first weights": "initial weights",
    r"the reasons? of": "the reason for",
    r"(?:has|have|had) (?:a|no) say": "matters, does not matter",
    r"turn(?:s|ed)? round": "mirrored, reversed",
    r"go(?:es)? on where": "continues where",
    r"(?:at|for|after) a time of": "at time 100",
    r"borne out": "confirmed",
    r"hand-made": "chosen by hand",
    r"drawn evenly": "drawn uniformly",
    r"wants? a word": "deserves a comment",
    r"(?:get|gets|got|getting) (?:free|through)(?! to)": "escapes, succeeds",
    r"(?:is|are|was|were) otherwise": "is different",
    r"rulers?": "test set",
    r"(?:roads?|storms?|deaf|flapp\w+)": "cut the image",
    r"(?:the|this|an) account(?! of)": "the zigzag model",
    r"(?:copies|(?:a|no|each|exact) copy)": "duplicates",
    r"2 to the power of": "a power of two",
}
# A sentence whose subject is a clause. "That" before one of these is no pronoun.
THAT = (
    r"That (?:the|an?|no|it|they|we|you|she|he|its?|their|there|this|these|those|all|some|both)\b"
)
CLAUSE = r"(?:What|Whether|Which|Who|How)\b(?: \S+){5,}"
BOX = "What to know before."
SCRIPTS = sorted((ROOT / "book" / "lab").glob("*.js"))
SENTENCE = re.compile(r"[^.?!:]+(?:[.:](?=\S)[^.?!:]*)*[.?!:]?")


def captions(cell):
    """The texts of a cell that a reader sees below a figure or above a table."""
    for call in (node for node in ast.walk(ast.parse(cell)) if isinstance(node, ast.Call)):
        name = getattr(call.func, "attr", "")
        if name in ("Figure", "Table", "verdicts"):
            texts = (ast.unparse(arg) for arg in call.args[1:2])
            yield from (re.sub(r"\{[^{}]*\}", " ", text) for text in texts if " " in text)


def pieces(path):
    """What a reader reads of a page, paragraphs and captions, and whether it is a caption."""
    text = path.read_text(encoding="utf-8")
    cells = re.findall(r"^```\{code-cell\}.*?\n(.*?)^```\s*$", text, re.DOTALL | re.MULTILINE)
    for cell in cells:
        head = r"\A---\n.*?^---\n|\A(?:^:[^\n]*\n)+|^[%!][^\n]*"
        code = re.sub(head, "", cell, flags=re.DOTALL | re.MULTILINE)
        yield from ((caption, True) for caption in captions(code))
    anchors = r"^(?:#.*|:.*)$|\(eq-[\w-]+\)"
    prose = re.sub(anchors, "\n", NO_PROSE.sub(" x ", text), flags=re.MULTILINE)
    split = re.split(r"\n\s*\n|\n\s*(?:[-|>]|\d\.) |\|", prose)
    yield from ((piece, False) for piece in split)


def words_not_said(piece):
    """The words of a text that are not said."""
    for word, better in WORDS.items():
        for found in re.findall(rf"\b{word}\b", piece, re.IGNORECASE):
            yield f"{found!r}, better {better!r}: {piece[:80]}"


def faults(piece, is_caption=False):
    """What is wrong with the wording of a paragraph."""
    piece = " ".join(piece.split())
    yield from words_not_said(piece)
    if number := re.search(r"\b\d[\d.]*e[-+]?\d", piece):
        yield f"{number[0]!r}, better 4 × 10⁻⁴: {piece[:80]}"
    sentences = [said.strip(" *_()\"'“”") for said in SENTENCE.findall(piece)]
    label = sentences[0] if is_caption else None
    for said in sentences:
        clause = re.match(CLAUSE, said) and not said.endswith(("?", ":"))
        # A list or a table may name questions, each by itself; a caption may begin with its own.
        if re.match(THAT, said) or (
            clause and len(sentences) > 1 and BOX not in said and said != label
        ):
            yield f"a clause as the subject: {said[:80]}"


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_pages_are_in_plain_words(path):
    found = [fault for piece in pieces(path) for fault in faults(*piece)]
    assert found == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_the_laboratory_is_in_plain_words(path):
    strings = re.findall(r'"[^"\n]* [^"\n]*"|`[^`\n]* [^`\n]*`', path.read_text(encoding="utf-8"))
    assert [fault for one in strings for fault in words_not_said(one)] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_claims_are_in_plain_words(document):
    path = ROOT / "nnlib" / "report" / DOCUMENTS[document][0]
    claims = tomllib.loads(path.read_text(encoding="utf-8"))["claim"]
    assert [fault for claim in claims for fault in faults(claim["says"])] == []


@pytest.mark.parametrize(
    ("piece", "found"),
    [
        ("Whoever doubts it can look.", 1),
        ("It stays so for ever. The neurons are exact copies.", 2),
        ("The error is 4.03e-04 there.", 1),
        ("That the error falls is clear. So it is.", 1),
        ("That run shakes. That is all. That error is small.", 0),
        ("It shakes. What makes it grow is older than that, as we see.", 1),
        ("It shakes. What makes it grow, and is it older than that?", 0),
        ("What a success costs if you may start again.", 0),
        ("It starts from zero, is executed by hand, and pulls at the account.", 2),
        ("It takes account of both, and the error at 0.5 is 4 × 10⁻⁴.", 0),
    ],
)
def test_each_fault_is_found(piece, found):
    assert len(list(faults(piece))) == found
