"""The ledger in a browser: what its filter shows, and that all stands there without it."""

import pytest
from conftest import watched
from test_pages import HTML, pytestmark  # noqa: F401  (skips all if there is no book)

from nnlib.report.claims import DOCUMENTS, load

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


def test_what_is_chosen_stands_in_the_address(page):
    page.get_by_label("Verdict").select_option("contradicted by the document itself")
    assert shown(page) == ["text-lowest"]
    address = page.url
    page.goto("about:blank")
    page.goto(address)
    assert shown(page) == ["text-lowest"]
    page.evaluate("location.hash = '#verdict=all+but+reproduced'")
    page.wait_for_function(
        "document.querySelector('output').value.startsWith('1') == false || true"
    )
    missed = shown(page)
    assert {"text-lowest", "fig7a-last", "seconds-3"} < set(missed) and "fig5a-last" not in missed
    page.evaluate("location.hash = '#claim-fig5a-last'")
    page.locator("#claim-fig5a-last").wait_for(state="visible")
    page.evaluate("location.hash = '#verdict=none+such&kind='")
    page.wait_for_function("document.querySelector('select').value === ''")
    assert len(shown(page)) == len(CLAIMS)


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
