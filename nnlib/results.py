"""Files of results: some arrays, and what they are of."""

import json
import os
import zipfile
from pathlib import Path

import numpy as np

from nnlib import __version__

__all__ = ["read", "save"]

_SCHEMA = 1


def save(file, about, **arrays):
    """Write a file of results: beside the old one, and then in its place, so one is always whole.

    Parameters
    ----------
    file : str or Path
    about : dict
        What made them, in values that JSON knows; the version of the library is added.
    **arrays : array_like
        Under any names but "about".
    """
    file = Path(file)
    about = json.dumps({"schema": _SCHEMA, **about, "version": __version__})
    beside = file.with_name(file.name + ".part")
    with open(beside, "wb") as stream:
        np.savez_compressed(stream, about=about, **arrays)
    os.replace(beside, file)


def read(file, kind, *required):
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
            about = json.loads(str(content["about"]))
            names = dict.fromkeys([*content.files, *required])
            arrays = {name: content[name] for name in names if name != "about"}
    except (KeyError, TypeError, ValueError, EOFError, OSError, zipfile.BadZipFile) as error:
        raise ValueError(f"{file} is damaged, or not a file of {kind}: {error}") from None
    if not isinstance(about, dict) or about.get("schema") != _SCHEMA:
        raise ValueError(f"{file} is not a file of {kind} of schema {_SCHEMA}")
    return about, arrays
