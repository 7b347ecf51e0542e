"""What the extension of the book does: the order of the chapters, and buttons.

What needs to know the repository is offered once it is known, and nothing of it until then.
"""

from types import SimpleNamespace

import pytest
import report

ADDRESS = "https://github.com/owner/name"


@pytest.mark.parametrize("processes", [1, 2, 3, 8])
def test_chapters_are_dealt_out(processes):
    app = SimpleNamespace(parallel=processes)
    names = [
        f"book/{name}" for name in ("a", *report.LONGEST, "b", "c", "d", "e", "f", "g", "h", "i")
    ]
    dealt = sorted(names)
    report.deal_chapters(app, None, dealt)
    assert sorted(dealt) == sorted(names)
    first = [chunk[0].removeprefix("book/") for chunk in report.make_chunks(dealt, processes)]
    assert first[:processes] == list(report.LONGEST[:processes])


@pytest.mark.parametrize("repository", ["", ADDRESS])
def test_edit_links(repository):
    config = SimpleNamespace(report_repository=repository, html_theme_options={})
    report.set_repository(None, config)
    assert bool(config.html_theme_options) == bool(repository)
