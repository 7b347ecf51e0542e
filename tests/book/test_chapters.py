"""What needs to know the repository is offered once it is known, and nothing of it until then."""

from types import SimpleNamespace

import chapters
import pytest

ADDRESS = "https://github.com/owner/name"


@pytest.mark.parametrize("repository", ["", ADDRESS])
def test_edit_links(repository):
    config = SimpleNamespace(report_repository=repository, html_theme_options={})
    chapters.set_repository(None, config)
    assert bool(config.html_theme_options) == bool(repository)
