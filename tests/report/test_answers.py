"""The check of an answer to an exercise, for every exercise: what the solution finds is right.

The right answer is read from what the solution has put out, as the snapshot of its chapter has it.
"""

import re
from itertools import pairwise

import nbformat
import pytest
from snapshots import SNAPSHOTS, chapters

from nnlib.report.answers import WrongAnswer, answers, check

NUMBER = r"[-−]?\d+(?:,\d{3})*(?:\.\d+)?(?:e[-+]?\d+)?"
EXERCISE = re.compile(r'^answer = .*\ncheck\("(.*)", answer\)\Z', re.MULTILINE)


def numbers(text):
    """All numbers of a text, in their order."""
    found = re.findall(rf"(?<![\w.]){NUMBER}", text)
    return [float(one.replace("−", "-").replace(",", "")) for one in found]


def after(text, phrase):
    """The number that follows a phrase, for each time that a number does."""
    found = re.findall(rf"(?:{phrase}) *({NUMBER})", text)
    return [numbers(one)[0] for one in found]


def line(text, phrase):
    """The numbers of the line that begins with a phrase, without it."""
    (rest,) = re.findall(rf"^ *{phrase}(.*)", text, re.MULTILINE)
    return numbers(rest)


def which(best, values, *names):
    """The name of the least or the greatest value."""
    values = values[: len(names)]
    return names[values.index(best(values))]


def first(names, holds):
    """The name of the first for which something holds."""
    return next(name for name, one in zip(names, holds, strict=False) if one)


def shares(values):
    """The first of each two values as a part of the second."""
    return [a / b for a, b in zip(values[::2], values[1::2], strict=True)]


# Of what a solution has put out, its answer to the question of the stub.
ANSWERED = {
    "1-introduction 1": lambda t: after(t, "last error")[0],
    "1-introduction 2": lambda t: which(max, after(t, ":"), "f1", "f2"),
    "1-introduction 3": lambda t: numbers(t)[0],
    "2-network 1": lambda t: (after(t, "=")[7] - after(t, "=")[4]) / (8 - 3),
    "2-network 2": lambda t: numbers(t),
    "2-network 3": lambda t: numbers(t)[-1],
    "2-5-gradients 1": lambda t: 1 / after(t, "1/")[0],
    "2-5-gradients 2": lambda t: which(max, after(t, ":"), *after(t, "step")),
    "2-5-gradients 3": lambda t: after(t, "learning rate")[1],
    "3-notebook 1": lambda t: first((3, 5, 8), [error < 2 for error in after(t, "last error")]),
    "3-notebook 2": lambda t: which(min, after(t, "last error"), 0.1, 0.3, 1, 2),
    "3-notebook 3": lambda t: after(t, "x =")[1],
    "4-1-f1 1": lambda t: after(t, "epoch")[1] - after(t, "epoch")[2],
    "4-1-f1 2": lambda t: numbers(t)[2] <= numbers(t)[1],
    "4-1-f1 3": lambda t: abs(after(t, "V")[0] / after(t, "V")[1] - 1) < 0.1,
    "4-2-f2 1": lambda t: first(numbers(t)[::3], ["stable" in row for row in t.splitlines()]),
    "4-2-f2 2": lambda t: first(
        (6, 8, 10, 12), [b < a / 2 for a, b in pairwise(after(t, "error"))]
    ),
    "4-2-f2 3": lambda t: "V[i]" if "raised by V[1]" in t else None,
    "5-conclusions 1": lambda t: after(t, "error")[0] < after(t, ":")[0],
    "5-conclusions 2": lambda t: after(t, "epochs:")[0],
    "5-conclusions 3": lambda t: which(min, after(t, "last error"), 12, 20),
    "a-extra-figures 1": lambda t: after(t, "larger in")[0],
    "a-extra-figures 2": lambda t: after(t, "at epoch").count(0),
    "a-extra-figures 3": lambda t: numbers(t),
    "ledger 1": lambda t: after(t, "by hand")[0],
    "ledger 2": lambda t: t.split()[0],
    "ledger 3": lambda t: which(
        min, shares(numbers(t))[:-1], *[row.split()[0] for row in t.splitlines()]
    ),
    "claims-format 1": lambda t: t.split()[0],
    "claims-format 2": lambda t: t.split("'")[1],
    "why-755 1": lambda t: after(t, "sharpness:")[0],
    "why-755 2": lambda t: "every epoch: True" not in t,
    "why-755 3": lambda t: after(t, "then \\d+,")[:2],
    "how-well 1": lambda t: after(t, "predicted")[0],
    "how-well 2": lambda t: numbers(t)[0],
    "how-well 3": lambda t: after(t, "2\\^")[1],
    "proof 1": lambda t: after(t, "doubles,")[0],
    "proof 2": lambda t: numbers(t.splitlines()[1])[0],
    "proof 3": lambda t: max(after(t, "from")),
    "self-stabilisation 1": lambda t: after(t, "predicted"),
    "self-stabilisation 2": lambda t: (
        "smaller" if after(t, "predicted")[1] < after(t, "predicted")[0] else "larger"
    ),
    "self-stabilisation 3": lambda t: which(max, after(t, "part"), 1, 2, 3),
    "exactly-the-same 1": lambda t: first(
        (1e-18, 1e-16, 1e-14), [end != numbers(t)[1] for end in numbers(t)[4::3]]
    ),
    "exactly-the-same 2": lambda t: numbers(t)[2] == numbers(t)[4],
    "exactly-the-same 3": lambda t: abs(after(t, "at epoch")[0] - 755) <= 10,
    "1b-2-1-gradients 1": lambda t: after(t, "24 bits: \\d+ \\d+")[0],
    "1b-2-1-alarms 1": lambda t: after(t, "order 4:")[0],
    "1b-2-1-rate 1": lambda t: after(t, "771:")[0],
    "1b-2-1-rate 2": lambda t: which(max, after(t, "error"), *after(t, "^from|\nfrom")),
    "1b-2-2-instability 1": lambda t: after(t, "epochs:")[0],
    "1b-2-2-instability 2": lambda t: (
        numbers(t.splitlines()[0])[-1] - numbers(t.splitlines()[0])[-3]
    ),
    "1b-2-2-instability 3": lambda t: first(
        (0, 3, 10, 30), [abs(date / numbers(t)[-1] - 1) < 0.01 for date in numbers(t)[1::2]]
    ),
    "1b-3-1-neurons 1": lambda t: after(t, "after")[0],
    "1b-3-1-neurons 2": lambda t: after(t, "epochs:")[0],
    "1b-3-1-neurons 3": lambda t: which(
        max, [after(t, "neuron 0:")[1], after(t, "neuron 1:")[1]], 0, 1
    ),
    "1b-3-3-differ 1": lambda t: after(t, "×")[0],
    "1b-3-3-differ 2": lambda t: "neither" if 6 <= after(t, "V alone in")[0] <= 14 else None,
    "1b-3-3-differ 3": lambda t: which(max, after(t, "median")[1:], 10, 30, 100),
    "1b-4-conclusion 1": lambda t: line(t, "50000:") == line(t, "1000:")[::-1],
    "1b-4-conclusion 2": lambda t: after(t, "in")[0],
    "1b-4-conclusion 3": lambda t: max(after(t, "1000:|2000:|10000:|20000:")),
    "randomness 1": lambda t: numbers(t)[0],
    "randomness 2": lambda t: after(t, "all new *:")[1],
    "randomness 3": lambda t: [after(t, "0.1 only")[0], after(t, "0.05 only")[0]],
    "crossed 1": lambda t: after(t, "10: found in")[0],
    "alike 1": lambda t: after(t, "matched neurons:")[0],
    "copies 1": lambda t: after(t, "images on f1: off by")[0] == 0,
    "separate 1": lambda t: after(t, "ten in")[0],
    "stuck 1": lambda t: after(t, "0.5: loss [0-9.]+ → [0-9.]+ → [0-9.]+ →")[0] > 2,
    "what-it-can-do 1": lambda t: first(
        (4, 6), [error < 0.005 for error in after(t, "digits:")[1::-1]]
    ),
    "what-it-can-do 2": lambda t: after(t, "fitted:|= 0:"),
    "what-it-can-do 3": lambda t: after(t, "x =")[0],
    "elsewhere 1": lambda t: [after(t, "step 1:")[0], after(t, "step 1000:")[0]],
    "elsewhere 2": lambda t: (
        after(t, "book, rate")[0] if after(t, ":")[0] == after(t, ":")[1] else None
    ),
    "data-noise 1": lambda t: after(t, ":"),
    "data-noise 2": lambda t: after(t, "epochs:"),
    "data-noise 3": lambda t: after(t, "trace"),
    "data-overfitting 1": lambda t: t.startswith("oscillation"),
    "data-overfitting 2": lambda t: after(t, "turn at"),
    "data-overfitting 3": lambda t: after(t, "turn at") == sorted(set(after(t, "turn at"))),
    "data-poor 1": lambda t: min(after(t, "at most")) < 0.05,
    "data-poor 2": lambda t: which(min, after(t, "error"), "none", "anywhere", "in the gap"),
    "data-poor 3": lambda t: after(t, "error [0-9.]+,")[1],
    "data-remedies 1": lambda t: min(after(t, "to the start")) > max(after(t, "to zero")),
    "data-remedies 2": lambda t: t.count("patience"),
    "data-choosing 1": lambda t: after(t, ":"),
    "data-stuck 1": lambda t: (
        max(abs(a - b) for a, b in zip(after(t, ":")[::2], after(t, ":")[1::2], strict=True)) > 12
    ),
    "data-samples 1": lambda t: after(t, "N =")[0],
    "data-samples 2": lambda t: first((5, 10), [error > 1 for error in after(t, "error")]),
    "data-samples 3": lambda t: (
        len(set(after(t, "descent"))) == 1 and len(set(after(t, "best fit: training error"))) == 1
    ),
    "data-size 1": lambda t: which(max, numbers(t.splitlines()[0])[1:], 5, 10, 15, 20, 40, 100),
    "data-size 2": lambda t: (
        "the training error"
        if after(t, ", error")[1] / after(t, ", error")[0]
        > 0.95
        > after(t, "training")[1] / after(t, "training")[0]
        else "both"
    ),
    "data-size 3": lambda t: numbers(t),
    "ways-adam 1": lambda t: after(t, "factor of ten:")[0],
    "ways-curvature 1": lambda t: which(min, after(t, "error"), 1, 3, 10, 30),
    "ways-curvature 2": lambda t: which(min, after(t, "error"), 0, 100, 300, 1000),
    "ways-floor 1": lambda t: len(set(after(t, "2000: [0-9.]+"))) == 1,
    "ways-mass 1": lambda t: after(t, "β =")[0],
    "ways-momentum 1": lambda t: [
        sum(after(t, "product")[:2]) / 2,
        sum(after(t, "product")[2:]) / 2,
    ],
    "ways-momentum 2": lambda t: after(t, "predicted")[0],
    "ways-momentum 3": lambda t: next(
        float(line.split(":")[0]) for line in t.splitlines() if "[" in line
    ),
    "ways-rules 1": lambda t: [
        after(t, "after 100:")[1] / after(t, "after 100:")[2],
        after(t, "after 1000:")[1] / after(t, "after 1000:")[2],
    ],
    "ways-samples 1": lambda t: abs(numbers(t)[0]),
    "ways-samples 2": lambda t: after(t, "batch sharpness")[1],
    "ways-scaled 1": lambda t: "True" in t,
    "ways-starts 1": lambda t: (
        "U = 0" if "different" in t.splitlines()[1] and "equal" in t.splitlines()[0] else None
    ),
    "ways-starts 2": lambda t: after(t, "up to .:"),
    "ways-steps 1": lambda t: after(t, "= [0-9.]+:"),
    "ways-steps 2": lambda t: next(line.split()[0] for line in t.splitlines() if "left" in line),
    "ways-steps 3": lambda t: which(min, after(t, "last")[:2], 3, 10),
    "ways-weights 1": lambda t: numbers(t.splitlines()[1])[3],
    "ways-weights 2": lambda t: after(t, "last error")[0] / after(t, "last error")[1],
    "ways-weights 3": lambda t: after(t, "derived:")[0],
    "ways-which 1": lambda t: [line.split()[1].rstrip(":") for line in t.splitlines()][::2],
    "ways-which 2": lambda t: (
        set(re.findall("[\\w-]+", t)[:3:2]) == set(t.splitlines()[1].split(":")[0].split(" or "))
    ),
    "ways-which 3": lambda t: "the same bits: True" in t,
}


def solutions():
    """What the solution of each exercise has put out, and the cell with its stub."""
    for name, chapter in chapters().items():
        path = SNAPSHOTS / f"{name}.ipynb"
        kept = nbformat.read(path, as_version=4).cells if path.exists() else []
        outputs = {cell.source.strip(): cell.outputs for cell in kept}
        cells = [cell.source.strip() for cell in chapter.cells if cell.cell_type == "code"]
        for stub, solution in pairwise(cells):
            if found := EXERCISE.search(stub):
                said = outputs.get(solution, [])
                yield found[1], stub, "".join(one.get("text", "") for one in said)


SOLUTIONS = {exercise: (stub, said) for exercise, stub, said in solutions()}


def wrong(right, within):
    """Answers of the same kind that are not right."""
    if isinstance(right, list):
        for n, one in enumerate(right):
            yield from ([*right[:n], other, *right[n + 1 :]] for other in wrong(one, within))
    elif isinstance(right, bool):
        yield not right
    elif isinstance(right, str):
        yield from (right + "s", "")
    else:
        step = 2 * within or max(abs(right) / 100, 1e-6)
        yield from (right + step, right - step, right + 100 * step)


def test_every_stub_has_its_answer_and_every_answer_its_stub():
    assert list(SOLUTIONS) and sorted(SOLUTIONS) == sorted(answers()) == sorted(ANSWERED)


@pytest.mark.parametrize("exercise", sorted(ANSWERED))
def test_a_stub_as_it_stands_is_not_answered_yet(exercise, capsys):
    exec(SOLUTIONS[exercise][0], {"check": check})
    assert capsys.readouterr().out.startswith("Not answered yet")


@pytest.mark.parametrize("exercise", sorted(ANSWERED))
def test_what_the_solution_finds_is_right_and_all_else_wrong(exercise, capsys):
    stub, said = SOLUTIONS[exercise]
    assert said, "the solution has changed: run `make snapshots`"
    found = ANSWERED[exercise](said)
    check(exercise, found)
    assert capsys.readouterr().out.startswith("Right: ")
    one = answers()[exercise]
    assert stub.count("...") == (len(found) if isinstance(found, list) else 1)
    for answer in wrong(one["right"], one.get("within", 0)):
        with pytest.raises(WrongAnswer, match="Not right: "):
            check(exercise, answer)
