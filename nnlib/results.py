"""Files of results: some arrays, and what they are of.

Results are kept with what they follow from, and are handed out to nobody who asks for something
else: see `expect`. Whatever is written takes its place when it is whole: see `replacing`.
"""

import json
import math
import os
import secrets
import shutil
import zipfile
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import ArrayLike, NDArray

from nnlib.version import __version__

__all__ = ["Layout", "check_fit", "check_place", "expect", "read", "replacing", "save"]

# The type and the shape of each array, with None for any length.
Layout = Mapping[str, tuple[str | np.dtype[Any], tuple[int | None, ...]]]

_SCHEMA = 1
_MOST_SAID = 2**24  # bytes that a file may say of itself
_HEADERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}


def save(file: str | Path, about: Mapping[str, Any], **arrays: ArrayLike) -> None:
    """Write a file of results, which is always whole: see `replacing`.

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
    text = json.dumps({"schema": _SCHEMA, **about, "version": __version__})
    contents: dict[str, Any] = {"about": text, **arrays}
    with replacing(file) as beside, open(beside, "wb") as stream:
        np.savez_compressed(stream, **contents)


def read(
    file: str | Path,
    kind: str,
    *required: str,
    layout: Callable[[dict[str, Any]], Layout] | None = None,
) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Read a file of results.

    Parameters
    ----------
    file : str or Path
    kind : str
        What it is to be a file of, in the plural, for the error.
    *required : str
        Arrays that it must have.
    layout : callable, optional
        From what the file says of itself to the arrays that it must have, and no others. It is
        asked before any of them is read, so that a damaged file takes no more memory than a good
        one, and may refuse the file with a ValueError.

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
        if not Path(file).is_file():  # to open a pipe is to wait for its writer
            raise ValueError("there is no such file")
        with zipfile.ZipFile(file) as archive:
            members = _members(archive)
            about = _read_about(archive, members)
            wanted: Layout = layout(about) if layout else {}
            names = {*required, *wanted}
            if not names <= members.keys() or (layout and len(members) > len(names)):
                raise ValueError(
                    f"its arrays must be {', '.join(sorted(names))}, got "
                    f"{', '.join(sorted(members)) or 'none'}"
                )
            for name, member in members.items():
                dtype, shape = _read_header(archive, member)
                if name in wanted:
                    check_fit(name, dtype, shape, *wanted[name])
            arrays = {name: _read_array(archive, member) for name, member in members.items()}
    except Exception as error:  # zipfile, zlib, json and numpy all have their own for odd bytes
        raise ValueError(f"{file} is damaged, or not a file of {kind}: {error}") from None
    return about, arrays


def _members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The arrays of an archive by their names."""
    members: dict[str, zipfile.ZipInfo] = {}
    for member in archive.infolist():
        name = member.filename.removesuffix(".npy")
        if name in members:
            raise ValueError(f"there are two of {name}")
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ValueError(f"{name} is compressed in another way")
        members[name] = member
    return members


def _read_about(archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo]) -> dict[str, Any]:
    """What a file says of itself, which is taken out of its members."""
    if "about" not in members:
        raise ValueError("it does not say what it is of")
    member = members.pop("about")
    dtype, shape = _read_header(archive, member)
    if dtype.kind != "U" or shape != () or member.file_size > _MOST_SAID:
        raise ValueError("what it says of itself is not a text")
    about: Any = json.loads(str(_read_array(archive, member)))
    schema = about.get("schema") if isinstance(about, dict) else None  # pyright: ignore
    if schema != _SCHEMA:
        raise ValueError(f"its schema must be {_SCHEMA}, got {schema!r}")
    return about  # pyright: ignore


def _read_header(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo
) -> tuple[np.dtype[Any], tuple[int, ...]]:
    """The type and the shape of an array, which must fill its member."""
    with archive.open(member) as stream:
        shape, _, dtype = _HEADERS[npy.read_magic(stream)](stream)
        size = math.prod(shape) * dtype.itemsize
        if dtype.hasobject or member.file_size != stream.tell() + size:
            raise ValueError(f"{member.filename} is not an array of numbers or of texts")
    return dtype, shape


def _read_array(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> NDArray[Any]:
    """An array, whose checksum is compared, since it is read to the end of its member."""
    with archive.open(member) as stream:
        return npy.read_array(stream, allow_pickle=False)


def check_fit(
    name: str,
    dtype: np.dtype[Any],
    shape: tuple[int, ...],
    wanted_dtype: str | np.dtype[Any],
    wanted: tuple[int | None, ...],
) -> None:
    """Refuse an array of another type or shape.

    Parameters
    ----------
    name : str
        What it is called in the error.
    dtype, shape
        Those of the array.
    wanted_dtype : str or dtype
        Of either order of bytes; "U" for texts of any length.
    wanted : tuple of int or None
        None for any length.

    Raises
    ------
    ValueError
        If it is another.
    """
    kind = np.dtype(wanted_dtype)
    if kind.itemsize:
        fits = dtype.newbyteorder("=") == kind.newbyteorder("=")
    else:
        fits = dtype.kind == kind.kind
    same = len(shape) == len(wanted) and all(
        length in (None, n) for n, length in zip(shape, wanted, strict=True)
    )
    if not (fits and same):
        lengths = "".join(f"{'any' if n is None else n}, " for n in wanted)
        raise ValueError(
            f"{name} must be of the type {kind if kind.itemsize else 'str'} and of the shape "
            f"({lengths.removesuffix(' ' if len(wanted) == 1 else ', ')}), got {dtype} and {shape}"
        )


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


@contextmanager
def replacing(file: str | Path) -> Generator[Path]:
    """Write a file beside another, in whose place it is put once it is whole.

    Whatever goes wrong, a full disk or an interruption, the old file stays as it is, and nothing is
    left beside it. A reader finds the old file or the new one meanwhile, and of two who write at
    once the last one wins.

    Parameters
    ----------
    file : str or Path
        If it is a link, the file that it leads to is replaced. A new file gets the permissions of
        that which it replaces.

    Yields
    ------
    Path
        What to write to: an empty file in the same folder, with the same suffix.

    Raises
    ------
    ValueError
        As `check_place`.
    """
    check_place(file)
    place = Path(os.path.realpath(file))
    beside = place.with_name(f".{secrets.token_hex(8)}{place.suffix[:9]}")  # a name has its limits
    try:
        beside.touch(exist_ok=False)
        yield beside
        with open(beside, "rb+") as stream:
            os.fsync(stream.fileno())  # or a crash could leave the new name with nothing in it
        if place.exists():
            shutil.copymode(place, beside)
        beside.replace(place)
    finally:
        beside.unlink(missing_ok=True)


def check_place(file: str | Path, name: str = "file") -> None:
    """Refuse a place where no file can be written, before the work that would be lost.

    Parameters
    ----------
    file : str or Path
    name : str, optional
        What it is called in the error.

    Raises
    ------
    ValueError
        If it is a folder, a device or a pipe, cannot be written to, or lies in a folder that does
        not exist or where no file can be made.
    """
    place = Path(os.path.realpath(file))
    if not str(file) or place.is_dir():
        what = f"the folder {str(file)!r}" if str(file) else "''"
        raise ValueError(f"{name} must be a file, got {what}")
    if place.exists() and not place.is_file():  # it would be replaced, not written to
        raise ValueError(f"{name} must be a regular file, got the device or pipe {str(file)!r}")
    if not place.parent.is_dir():
        raise ValueError(f"{name} must lie in a folder that exists, got {str(file)!r}")
    if not os.access(place.parent, os.W_OK):
        raise ValueError(f"{name} must lie in a folder that can be written to, got {str(file)!r}")
    if place.exists() and not os.access(place, os.W_OK):
        raise ValueError(f"{name} must be a place that can be written to, got {str(file)!r}")
