"""What the library needs beyond numpy and tqdm, which comes with its extras."""

from collections.abc import Generator
from contextlib import contextmanager

__all__ = ["DISTRIBUTION", "extra"]

DISTRIBUTION = "basic-neural-network-executed"  # under which the package is installed


@contextmanager
def extra(name: str) -> Generator[None]:
    """Import what an extra brings: where it is missing, the error says so.

    Parameters
    ----------
    name : str
        Of the extra, as in `pyproject.toml`.

    Raises
    ------
    ModuleNotFoundError
        If a package is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package in ("", "nnlib"):
            raise
        raise ModuleNotFoundError(
            f"{package} is not installed; it comes with the extra {name!r} of {DISTRIBUTION}",
            name=error.name,
        ) from None
