"""Files of results: some arrays, and what they are of.

Results are kept with what they follow from, and are handed out to nobody who asks for something
else: see `expect`.
"""

import json
import os
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnlib import __version__

__all__ = ["check_place", "expect", "read", "save"]

_SCHEMA = 1
# What a file can be damaged by, as zipfile, zlib, json and numpy's reader of headers say it.
_DAMAGED = (
    ArithmeticError,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    SyntaxError,
    TokenError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)


def save(file: str | Path, about: Mapping[str, Any], **arrays: ArrayLike) -> None:
    """Write a file of results: beside the old one, and then in its place, so one is always whole.

    Parameters
    ----------
    file : str or Path
    about : dict
        What made them, in values that JSON knows; the version of the library is added.
    **arrays : array_like
        Under any names but "about".

    Raises
    ------
    ValueError
        As `check_place`.
    OSError
        If writing fails, as on a full disk; the old file is still there then.
    """
    file = Path(file)
    check_place(file)
    text = json.dumps({"schema": _SCHEMA, **about, "version": __version__})
    contents: dict[str, Any] = {"about": text, **arrays}
    beside = file.with_name(file.name + ".part")
    try:
        with open(beside, "wb") as stream:
            np.savez_compressed(stream, **contents)
        os.replace(beside, file)
    finally:
        beside.unlink(missing_ok=True)


def read(
    file: str | Path, kind: str, *required: str
) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Read a file of results.

    Parameters
    ----------
    file : str or Path
    kind : str
        What it is to be a file of, in the plural, for the error.
    *required : str
        Arrays that it must have.

    Returns
    -------
    about : dict
    arrays : dict of ndarray

    Raises
    ------
    ValueError
        If it is damaged, or something else.
    """
    try:
        with open(file, "rb") as stream, np.load(stream, allow_pickle=False) as content:
            broken = content.zip.testzip()  # numpy reads as much as a header says, and no checksum
            if broken is not None:
                raise ValueError(f"the checksum of {broken} is another")
            about: Any = json.loads(str(content["about"]))
            names = dict.fromkeys([*content.files, *required])
            arrays = {name: content[name] for name in names if name != "about"}
    except _DAMAGED as error:
        raise ValueError(f"{file} is damaged, or not a file of {kind}: {error}") from None
    if not hasattr(about, "keys") or about.get("schema") != _SCHEMA:
        raise ValueError(f"{file} is not a file of {kind} of schema {_SCHEMA}")
    return about, arrays


def expect(
    file: str | Path,
    found: Mapping[str, Any],
    wanted: Mapping[str, Any],
    again: str = "compute them again",
) -> None:
    """Refuse results of something else.

    Parameters
    ----------
    file : str or Path
        Where they were found, for the error.
    found, wanted : dict
        What they are of, and what they must be of. Only what is wanted is compared, in its order,
        so the fields that mean most to a reader come first, and a fingerprint last.
    again : str, optional
        What to do once the file is out of the way, for the error.

    Raises
    ------
    ValueError
        If they differ, with the first field that does, and what to do.
    """
    for field, value in wanted.items():
        if field not in found or found[field] != value:
            if field == "fingerprint":
                what = "they started from other numbers (a function, samples or weights changed)"
            else:
                what = f"their {field} is {found.get(field)!r}, wanted is {value!r}"
            raise ValueError(
                f"{file} holds results of something else: {what}; move or delete it, then {again}"
            )


def check_place(file: str | Path) -> None:
    """Refuse a place where no file can be written, before the work that would be lost.

    Parameters
    ----------
    file : str or Path

    Raises
    ------
    ValueError
        If it is a folder, a device or a pipe, or lies in a folder that does not exist or cannot be
        written to.
    """
    file = Path(file)
    if file.is_dir():
        raise ValueError(f"file must be a file, got the folder {file}")
    if file.exists() and not file.is_file():  # it would be replaced, not written to
        raise ValueError(f"file must be a regular file, got the device or pipe {file}")
    if not file.parent.is_dir():
        raise ValueError(f"file must lie in a folder that exists, got {file}")
    if not os.access(file.parent, os.W_OK):
        raise ValueError(f"file must lie in a folder that can be written to, got {file}")
