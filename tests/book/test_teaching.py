"""The page for teachers, held to the chapters; and what every chapter owes those who learn."""

import re

import pytest
from snapshots import ROOT, chapter_names

BOOK = ROOT / "book"
TEXT = (BOOK / "teaching.md").read_text(encoding="utf-8")
PLANS, BY_CHAPTER = TEXT.split("## Chapter by chapter")
SECTIONS = {
    name: (title, section)
    for title, name, section in re.findall(
        r"^### ([^\n]*)\n\n\[Chapter\]\(([\w-]+)\.md\)(.*?)(?=\n### |\Z)", BY_CHAPTER, re.S | re.M
    )
}
CHAPTERS = sorted(set(chapter_names()) - {"index", "laboratory"})
SEEN = r"```\n\n:::\{dropdown\} What you should have seen\n(.*?)\n:::\n"  # after its solution
NUMBERS = r"exercises? (\d(?:(?:, | and )\d)*)"


def exercises(name):
    """The parts of a chapter that each begin with an exercise."""
    text = (BOOK / f"{name}.md").read_text(encoding="utf-8")
    found = re.split(r":::\{admonition\} Exercise (\d)\n", text)[1:]
    return dict(zip(found[::2], found[1::2], strict=True))


def test_each_chapter_has_a_section():
    assert sorted(SECTIONS) == CHAPTERS


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_section_has_goals_exercises_and_mistakes(name):
    title, section = SECTIONS[name]
    assert f"\n# {title}\n" in (BOOK / f"{name}.md").read_text(encoding="utf-8")
    assert section.startswith(f"{{minutes}}`{name}`")
    for part in ("- **Goals.** ", "- **Set** ", "- **Often wrong.** "):
        assert section.count(part) == 1 and len(section.split(part)[1].splitlines()[0]) > 10
    (line,) = (line for line in section.splitlines() if line.startswith("- **Set**"))
    named = re.findall(r"\d", " ".join(re.findall(NUMBERS, line)))
    assert named and set(named) <= set(exercises(name))


def test_the_exercises_of_the_plans_exist():
    named = re.findall(rf"\]\(([\w-]+)\.md\), {NUMBERS}", PLANS)
    assert len(named) == len(re.findall(NUMBERS, PLANS)) > 10
    for name, numbers in named:
        assert set(re.findall(r"\d", numbers)) <= set(exercises(name)), name


def test_each_session_lasts_as_long_as_is_said():
    (minutes,) = re.findall(r"sessions of (\d+) minutes", PLANS)
    tables = re.findall(r"\|---.*\n((?:\|.*\n)+)", PLANS)
    assert len(tables) == 1 + 2 + 3  # the first of four sessions is the first of two
    for table in tables:
        assert sum(map(int, re.findall(r"^\| (\d+) ", table, re.MULTILINE))) == int(minutes)


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_says_what_to_know_before(name):
    text = (BOOK / f"{name}.md").read_text(encoding="utf-8")
    (box,) = re.findall(r":::\{admonition\} What you will see\n(.*?)\n:::\n", text, re.DOTALL)
    assert "**What to know before.** " in box


@pytest.mark.parametrize("name", CHAPTERS)
def test_an_exercise_has_a_stub_a_solution_and_what_one_should_have_seen(name):
    found = exercises(name)
    assert found
    for number, text in found.items():
        stub = text.find(f'check("{name} {number}", answer)\n```\n')
        solution = text.find('code_prompt_show: "Solution"')
        (seen,) = re.findall(SEEN, text, re.DOTALL)
        assert 0 < stub < solution < text.index(seen), number
        assert len(seen.split()) > 15, number
