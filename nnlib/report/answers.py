"""Check the answers to the exercises of the chapters.

The right answers are in `answers.toml`, and nowhere in a chapter, so that nobody reads one before
its solution. They are held to what the solutions compute.
"""

import tomllib
from functools import cache
from pathlib import Path
from types import EllipsisType
from typing import Any

import numpy as np

__all__ = ["WrongAnswer", "check"]

ROUNDING = 1e-9  # relative, where an answer is to be exact


class WrongAnswer(AssertionError):
    """An answer that is not the right one."""

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows: the message alone."""
        return [str(self)]


def check(exercise: str, answer: Any) -> None:
    """Say whether an answer is right.

    Parameters
    ----------
    exercise : str
        The name of a chapter and a number, such as ``"1-introduction 3"``.
    answer : float, bool, str or a sequence of them
        As the stub of the exercise asks for it. Three dots, as they stand there, are no answer.

    Raises
    ------
    WrongAnswer
        If it is wrong.
    ValueError
        If there is no such exercise, or the answer is not of the kind that is asked for.
    """
    one = _find(exercise)
    right = one["right"]
    if _is_open(answer):
        print("Not answered yet: replace the three dots.")
        return
    given = _plain(answer)
    if type(given) is not type(right) and not (_is_number(given) and _is_number(right)):
        raise ValueError(f"the answer must be {_kind(right)}, got {answer!r}")
    if isinstance(right, list) and len(given) != len(right):
        raise ValueError(f"the answer must be {_kind(right)}, got {len(given)}")
    if not _agrees(given, right, one.get("within", 0)):
        raise WrongAnswer(f"Not right: {answer!r}. Try again, or open the solution.")
    within = f", within {one['within']}" if "within" in one else ""
    print(f"Right: {answer!r}{within}.")


@cache
def answers() -> dict[str, dict[str, Any]]:
    """What `answers.toml` says of each exercise, by its name and number."""
    chapters = tomllib.loads(Path(__file__).with_name("answers.toml").read_text(encoding="utf-8"))
    return {f"{name} {n}": one for name, found in chapters.items() for n, one in found.items()}


def _find(exercise: str) -> dict[str, Any]:
    try:
        return answers()[exercise]
    except KeyError:
        raise ValueError(
            f"an exercise must be one of answers.toml, such as '1-introduction 3', got {exercise!r}"
        ) from None


def _is_open(answer: Any) -> bool:
    if isinstance(answer, (list, tuple)):
        return any(map(_is_open, answer))
    return isinstance(answer, EllipsisType)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _plain(answer: Any) -> Any:
    """An answer with the types of TOML; a word in small letters, without the space around it."""
    if isinstance(answer, (np.ndarray, np.generic)):
        answer = answer.tolist()
    if isinstance(answer, (list, tuple)):
        return [_plain(one) for one in answer]
    return " ".join(answer.lower().split()) if isinstance(answer, str) else answer


def _kind(right: Any) -> str:
    if isinstance(right, list):
        return f"{len(right)} values, as in [{', '.join('…' for _ in right)}]"
    if isinstance(right, bool):
        return "True or False"
    return "a word in quotation marks" if isinstance(right, str) else "a number"


def _agrees(given: Any, right: Any, within: float) -> bool:
    if isinstance(right, list):
        return all(_agrees(g, r, within) for g, r in zip(given, right, strict=True))
    if _is_number(right):
        return _is_number(given) and abs(given - right) <= max(within, ROUNDING * abs(right))
    return type(given) is type(right) and given == _plain(right)
