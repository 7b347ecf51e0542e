"""A number in the prose of a chapter is computed, or one knows where it is from.

A result that is typed by hand goes stale when the program changes. So `display.glue` computes it,
and what is left must stand in a cell of its chapter, as a parameter does, or below, with its
source. Whole numbers up to twelve are left to the reader, and so are those of sections and figures.
"""

import re

import pytest
from snapshots import ROOT

from nnlib import Experiment, f2
from nnlib.capacity.exhibits import THREE_NEURONS
from nnlib.interval import interval_error
from nnlib.network import pack
from nnlib.randomness.study import STUDY
from nnlib.report.runs import trained

NUMBER = re.compile(r"(?<![\w.^])(?<![a-z]-)\d+(?:,\d{3})*(?:\.\d+)?")
COUNTS = 12
# What is no prose: the heading, cells and other code, mathematics, roles, addresses.
NO_PROSE = re.compile(
    r"\A---\n.*?\n---\n"
    r"|^(```+)(?:\{(?:code-cell|eval-rst|code-block|math|toctree|raw)|(?:sh|python|toml|text)?\n)"
    r".*?^\1\s*$"
    r"|\$\$.*?\$\$|\$[^$]*\$|(?:\{[a-z:]+\})?(?<!`)`[^`]+`(?!`)|\]\([^)]*\)|\{[.\w\s-]*\}|<[^>]*>",
    re.DOTALL | re.MULTILINE,
)
# What is no number of ours, wherever it stands.
NAMES = re.compile(
    r"^#.*|[Ss]ections?\s+[\d.]+(?:(?:,| and| to) [\d.]+)*|\[(?:1B )?\d\.\d|[Ff]igures? \d+"
    r"|\(f[12], [^)]*\)|IEEE 754|AVX-512|64-bit|Python 3\.\d+(?: and 3\.\d+)?|\d+ \w+ 20\d\d"
    r"|(?:June|in) 20\d\d|^About \d+ minutes\.$",
    re.MULTILINE,
)
EVERYWHERE = {"755": "the document's best epoch", "1.0156": "its lowest last error of f2"}
LISTED = {
    "1b-2-1-alarms": {
        "20": "`watched.SINCE`",
        "300": "the first of `watched.FRESH`",
        "1500": "epochs of `watched.RUNS`",
        "175": "runs: sizes and rates times seeds",
        "304": "the last of five seeds, which follow on 300",
    },
    "1b-2-1-rate": {"600": "the follow-up's"},
    "1b-3-1-neurons": {
        "15,000": "the follow-up's",
        "100,000": "twice its epochs, as half the rate is",
        "200,000": "epochs of `budgets.LATER`",
    },
    "1b-3-3-differ": {
        "150": "seeds times starts of `differing`",
        "0.95": "what the claim same-shape asks for",
        "0.0066": "the follow-up's",
        "0.0068": "the follow-up's",
    },
    "1b-4-conclusion": {"0.4": "the largest of `budgets.RATES`"},
    "3-notebook": {"100": "samples of the test set"},
    "4-1-f1": {"750": "the document's"},
    "5-conclusions": {
        "0.2": "one of `budgets.RATES`",
        "5000": "one of `budgets.BUDGETS`",
        "95": "which of a hundred, `measures.results_vary`",
        "1600": "`study.CROSSED` squared",
    },
    "claims-format": {
        "19": "so many leave nothing outside the middle 95 %",
        "28": "an example",
        "95": "the level of an interval",
    },
    "crossed": {"1600": "`study.CROSSED` squared"},
    "data-noise": {"22": "weights of h = 8"},
    "data-overfitting": {"0.95": "what the claim fig9-follows asks for"},
    "data-poor": {
        "0.05": "the rate of `poor.FITS` for f2",
        "10,000": "epochs of `poor.FITS` for f1",
        "0.7": "what the claim 3-poor-formula-gap asks for",
        "0.9": "the probability of `inputs=side`",
        "1.48": "1 over the median of a normal number without its sign",
        "13": "of the trials, which are not kept",
        "30": "of the trials, which are not kept",
        "95": "the level of an interval",
        "3000": "epochs of `poor.FITS`",
    },
    "data-size": {
        "16": "weights of h = 6; and two kinds of eight fits",
        "58": "weights of h = 20",
        "60": "replicates, of `size.STUDIES`",
        "80": "replicates, of `size.STUDIES`",
        "300": "steps of a best fit",
        "1000": "the document's",
        "10,000": "epochs of `size.STUDIES`",
    },
    "data-remedies": {
        "50": "replicates, of `remedies.REPLICATES`",
        "60": "twice 30 samples",
        "4000": "epochs of `remedies.TASKS`",
    },
    "data-choosing": {
        "1.54": "expected maximum of ten normal numbers",
        "2.25": "expected maximum of fifty",
    },
    "data-stuck": {
        "0.15": "what the claim 3-samples-centred-f2 asks for",
        "62": "percent of runs that are not kept: 123 and 124 of 200",
        "64": "percent of runs that are not kept: 127 of 200",
    },
    "elsewhere": {
        "16": "`elsewhere.digits` of equal numbers",
        "32": "1 over the root of 1 - 0.999, in the first exercise",
    },
    "exactly-the-same": {"53": "binary digits of a double", "750": "the document's"},
    "glossary": {"1.8": "the largest double", "53": "binary digits of a double"},
    "index": {"750": "the document's"},
    "laboratory": {
        "20": "seeds, and `randomness.study.STUCK`",
        "40": "`WAY` of `landscape.valley`",
        "300": "the document's",
    },
    "ledger": {"95": "the level of an interval"},
    "randomness": {"160": "points of `interval.nodes`"},
    "self-stabilisation": {
        "15": "a criterion, fixed beforehand",
        "50": "a criterion, fixed beforehand",
        "104": "an epoch to look at",
    },
    "stuck": {"22": "weights of h = 8"},
    "teaching": {
        **dict.fromkeys(("15", "20", "25", "30", "35", "40", "50", "90"), "minutes"),
        **dict.fromkeys(("0.5", "1.5"), "factors of the worksheet's ball"),
    },
    "ways-curvature": {
        "2000": "epochs of `curved.METHODS`",
        "10,000": "epochs of `curved.METHODS`",
    },
    "ways-starts": {
        "0.000001": "what `search` has found, in what-it-can-do",
        "0.06": '`beginnings.load` of the control "slower"',
        "3000": "epochs of `beginnings.EPOCHS`",
        "10,000": "the document's epochs",
    },
    "ways-scaled": {
        "25": "over 3: the mean square of x; and c squared",
        "2500": "c squared times d squared",
    },
    "ways-weights": {
        "0.0033": "a sixth of the 0.02 of an exercise",
        "1.5": "what the claim 2-floor-slope asks for",
        "44": "runs of `preconditioned.SETTINGS`",
    },
    "ways-rules": {"95": "the level of an interval", "1.95": "one of `steps.TRIED`"},
    "worksheet": dict.fromkeys(
        ("3000", "0.8", "0.9", "1.1", "1.3", "0.5", "1.5", "2.5", "2.1"), "to be tried"
    ),
    "what-it-can-do": {"22": "weights of h = 8", "30": "one of `search.CHANGES`, in percent"},
    "ways-momentum": {"25": "runs of `momentum.MOMENTUM`"},
    "ways-which": {"22": "weights of h = 8", "600": "functions times kinds times starts"},
    "why-755": {"64": "bits, one of `sweep.SWEEP`"},
    "proof": {"0.9": "the momentum of Adam in what is cited"},
    "README": {
        "750": "the document's",
        "754": "checked by test_readme",
        "0.0043": "checked below",
        "0.72": "checked below",
        "1000": "epochs of the document's",
    },
}
CHAPTERS = [*sorted((ROOT / "book").glob("*.md")), ROOT / "README.md"]


def prose(text):
    """A page without what is no prose."""
    return NAMES.sub(" ", NO_PROSE.sub(" ", text))


def value(number):
    return float(number.replace(",", ""))


def numbers_in(text):
    return {value(number) for number in NUMBER.findall(re.sub(r"(?<=\d)_(?=\d)", "", text))}


def unknown(name, text):
    """The numbers in a page's prose whose source nobody knows."""
    cells = re.findall(r"^```\{code-cell.*?^```\s*$", text, re.DOTALL | re.MULTILINE)
    known, listed = numbers_in("".join(cells)), {**EVERYWHERE, **LISTED.get(name, {})}
    found = [number for number in NUMBER.findall(prose(text)) if number not in listed]
    return [n for n in found if value(n) not in known and value(n) not in range(COUNTS + 1)]


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_numbers_in_prose_have_a_source(path):
    assert unknown(path.stem, path.read_text(encoding="utf-8")) == [], (
        "a result is computed, `display.glue(name=...)`; what else it is stands in LISTED"
    )


def test_the_list_is_no_longer_than_it_must_be():
    texts = {path.stem: prose(path.read_text(encoding="utf-8")) for path in CHAPTERS}
    assert {
        (name, number)
        for name, listed in LISTED.items()
        for number in listed
        if number not in NUMBER.findall(texts[name])
    } == set()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It is smooth for more than 700.5 epochs.", ["700.5"]),
        ("After 123,456 epochs {glue:text}`value-9999` is 0.00123.", ["123,456", "0.00123"]),
        ("Of four, 12 are left: $x = 987$, `987`, [987](987.md#987).", ["987"]),
        ("```{code-cell} ipython3\nepochs = 98_765\n```\nAfter 98765 epochs, or 98,765.", []),
        ("```{figure} 98765\n98765\n```", ["98765", "98765"]),
        ("In section 4.2 and figure 34 of June 2025, IEEE 754, (f1, 3, 0.777, 77777).", []),
    ],
)
def test_what_is_found(text, found):
    assert unknown("", text) == found


def test_the_numbers_of_the_readme():
    text = " ".join(prose((ROOT / "README.md").read_text(encoding="utf-8")).split())
    run = trained(Experiment(f2, 8, 0.05, 10_000))
    seven = interval_error(f2, pack(run.U[-1], run.V[-1]))
    assert f"error of {interval_error(f2, pack(*THREE_NEURONS)):.4f}" in text
    assert f"the error {seven:.2f} on the whole interval, and {run.last_error:.4f} on its" in text
    more = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert f", {sum(n for _, n, _ in STUDY.values())} trainings," in more
