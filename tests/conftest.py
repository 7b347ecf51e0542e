"""What of a notebook's output is compared: everything but pictures and the records of `glue`."""

import pytest

NOT_COMPARED = (
    "application/papermill.record/text/plain",
    "image/svg+xml",
    "text/html",  # for notebooks; the text/markdown beside it says the same
)


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path, parent):
    collected = yield
    for item in collected:
        if file_path.suffix == ".ipynb":
            item.skip_compare += NOT_COMPARED
    return collected
