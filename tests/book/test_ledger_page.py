"""The ledger in a browser: what its filter shows, and that all stands there without it."""

import pytest
from conftest import watched
from playwright.sync_api import expect
from test_pages import HTML, pytestmark  # noqa: F401  (skips all if there is no book)

from nnlib.report.claims import DOCUMENTS, KINDS, load
from nnlib.report.ledger import VERDICTS

CLAIMS = [claim for document in DOCUMENTS for claim in load(document)]
ADDRESS = (HTML / "book" / "ledger.html").as_uri()


@pytest.fixture
def page(browser):
    with watched(browser.new_page(), ADDRESS) as page:
        yield page
    page.close()


def shown(page):
    """The ids of the claims whose rows are seen."""
    rows = page.locator("table.verdicts tbody tr:visible")
    return [name.removeprefix("claim-") for name in rows.evaluate_all("rs => rs.map(r => r.id)")]


def test_it_filters_by_kind_chapter_and_words(page):
    assert shown(page) == [claim.id for claim in CLAIMS]
    page.get_by_label("Kind").select_option("epoch")
    assert shown(page) == [claim.id for claim in CLAIMS if claim.kind == "epoch"]
    assert page.locator("output").inner_text() == f"{len(shown(page))} of {len(CLAIMS)} claims"
    page.get_by_role("button", name="Show all").click()
    page.get_by_label("Chapter").select_option("4.1 · Experimenting with f1")
    assert shown(page) == [claim.id for claim in CLAIMS if claim.chapter == "4-1-f1"]
    page.get_by_label("Words").fill("LOWEST h=2")
    assert shown(page) == ["fig5a-lowest"]
    page.get_by_label("Words").fill("no such words")
    assert shown(page) == [] and not page.locator("table.verdicts:visible").count()


def follow(page, choice, ids):
    """Follow a link within the page, and see that the claims of these ids are then shown."""
    page.evaluate("hash => { location.hash = hash }", choice)
    expect(page.locator("output")).to_have_text(f"{len(ids)} of {len(CLAIMS)} claims")
    assert shown(page) == ids


def verdicts(page):
    """The verdict that the row of each claim says, by the claim's id."""
    texts = page.locator("table.verdicts tbody .verdict").all_inner_texts()
    return {claim.id: text for claim, text in zip(CLAIMS, texts, strict=True)}


def missed(page):
    """The ids of the claims whose rows say another verdict than that they are reproduced."""
    return [name for name, verdict in verdicts(page).items() if verdict != "reproduced"]


def test_it_filters_by_verdict(page):
    found = verdicts(page)
    assert set(found.values()) <= set(VERDICTS) and "undecided" in found.values()
    for verdict in set(found.values()):
        page.get_by_label("Verdict").select_option(verdict)
        assert shown(page) == [name for name in found if found[name] == verdict]


def test_what_is_chosen_stands_in_the_address(page):
    others = missed(page)
    page.get_by_label("Verdict").select_option("contradicted by the document itself")
    assert shown(page) == ["text-lowest"]
    address = page.url
    page.goto("about:blank")
    page.goto(address)
    assert shown(page) == ["text-lowest"]
    follow(page, "#verdict=other+than+reproduced", others)
    follow(page, "#claim-fig5a-last", [claim.id for claim in CLAIMS])
    follow(page, "#verdict=contradicted+by+the+document+itself", ["text-lowest"])
    follow(page, "#verdict=none+such&kind=", [claim.id for claim in CLAIMS])
    assert page.get_by_label("Verdict").input_value() == ""


def test_what_was_not_reproduced_is_told_of_all(page):
    told = page.locator("#what-was-not-reproduced a[href^='#claim-']")
    names = [link.get_attribute("href").removeprefix("#claim-") for link in told.all()]
    assert sorted(names) == sorted(missed(page))


def test_it_opens_with_what_was_not_reproduced(page):
    assert page.locator(".bd-article h2").first.inner_text().startswith("What was not reproduced")
    kinds = page.locator("details:has(dt)")
    assert kinds.count() == 1 and kinds.get_attribute("open") is None
    assert kinds.locator("dt").all_text_contents() == list(KINDS)


def test_without_scripts_all_of_it_stands_there(browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(ADDRESS)
    assert shown(page) == [claim.id for claim in CLAIMS]
    assert page.locator("form.ledger-filter").count() == 0
    context.close()


def test_a_link_from_the_ledger_opens_the_table_in_the_chapter(page):
    page.locator("#claim-fig3-best td a").first.click()
    page.locator("#about-fig3-best").wait_for(state="visible")
    page.locator("#about-fig3-best td a").first.click()
    page.locator("#claim-fig3-best").wait_for(state="visible")
