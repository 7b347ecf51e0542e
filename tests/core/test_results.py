"""Files of results: whole, or refused; and no half one is left behind."""

import gzip
import io
import json
import zipfile

import numpy as np
import pytest

from nnlib import results

DAMAGED = r"x\.npz is damaged, or not a file of runs"


@pytest.fixture
def file(tmp_path):
    file = tmp_path / "x.npz"
    results.save(file, {"a": 1}, rows=np.arange(3))
    return file


def read(file):
    about, arrays = results.read(file, "runs", "rows")
    return about["a"], arrays["rows"].tolist()


def test_what_is_saved_is_read(file):
    assert read(file) == (1, [0, 1, 2])


def test_what_is_missing(file):
    with pytest.raises(ValueError, match=DAMAGED):
        results.read(file, "runs", "columns")
    file.unlink()
    with pytest.raises(ValueError, match=DAMAGED):
        read(file)


def test_wherever_it_ends(file):
    good = file.read_bytes()
    for length in range(len(good)):
        file.write_bytes(good[:length])
        with pytest.raises(ValueError, match=DAMAGED):
            read(file)


@pytest.mark.filterwarnings("ignore::UserWarning")  # zipfile's, of names that appear twice
def test_whichever_byte_is_another(file):
    good, refused = file.read_bytes(), 0
    for place, byte in enumerate(good):
        for change in (1, 32, 255):
            file.write_bytes(good[:place] + bytes([byte ^ change]) + good[place + 1 :])
            try:
                assert read(file) == (1, [0, 1, 2])  # a date or a permission, which nobody reads
            except ValueError as error:
                assert str(error).startswith(f"{file} is ")
                refused += 1
    assert refused > len(good)


def test_a_shorter_array_is_noticed(file):
    """The reader takes as much as a header says, and would return the half of it."""
    np.savez(file, about=json.dumps({"schema": 1}), rows=np.zeros(60000))
    good = file.read_bytes()
    assert good.count(b"(60000,)") == 1
    file.write_bytes(good.replace(b"(60000,)", b"(30000,)"))
    with pytest.raises(ValueError, match=DAMAGED):
        read(file)


def _zip(**members):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return stream.getvalue()


def _npy(header, version=1):
    text = header.encode("latin1")
    return b"\x93NUMPY" + bytes([version, 0]) + len(text).to_bytes(2, "little") + text


def _about(text):
    stream = io.BytesIO()
    np.save(stream, np.array(text))
    return stream.getvalue()


WHOLE = _about('{"schema": 1}')


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        gzip.compress(b"hello", mtime=0),
        gzip.compress(b"hello", mtime=0)[:-3],
        WHOLE,
        _zip(),
        _zip(about=b"hello", rows=WHOLE),
        _zip(about=_about("{"), rows=WHOLE),
        _zip(about=_about("[" * 100_000), rows=WHOLE),
        _zip(about=_about(b"\xff"), rows=WHOLE),
        _zip(about=WHOLE, rows=b"\x93NUMPY\x09\x00"),
        _zip(about=WHOLE, rows=_npy("{'descr': ")),
        _zip(about=WHOLE, rows=_npy("{'descr': '<f8' 'shape': (1)(}")),
        _zip(about=WHOLE, rows=_npy("{'descr': '<f8', 'fortran_order': False, 'shape': (9,), }")),
        _zip(
            about=WHOLE,
            rows=_npy(f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({10**15},), }}"),
        ),
        _zip(about=WHOLE, rows=_npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }")),
    ],
)
def test_what_is_something_else(content, file):
    file.write_bytes(content)
    with pytest.raises(ValueError, match=DAMAGED):
        read(file)


@pytest.mark.parametrize("about", ["1", "[]", "{}", '{"schema": 0}'])
def test_another_schema(about, file):
    np.savez(file, about=about, rows=np.arange(3))
    with pytest.raises(ValueError, match=r"x\.npz is not a file of runs of schema 1"):
        read(file)


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_nothing_is_left_of_what_could_not_be_written(error, file, monkeypatch):
    def write_some(stream, **arrays):
        stream.write(b"some")
        raise error

    monkeypatch.setattr(np, "savez_compressed", write_some)
    with pytest.raises(type(error)):
        results.save(file, {"a": 2}, rows=np.arange(4))
    assert list(file.parent.iterdir()) == [file]
    assert read(file) == (1, [0, 1, 2])
