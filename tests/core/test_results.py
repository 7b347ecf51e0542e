"""Files of results: whole, or refused; and no half one is left behind."""

import errno
import gzip
import io
import json
import os
import stat
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

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


@pytest.mark.parametrize("about", ["1", "[]", "{}", "null", '{"schema": 0}', '{"schema": [1]}'])
def test_another_schema(about, file):
    np.savez(file, about=about, rows=np.arange(3))
    with pytest.raises(ValueError, match=DAMAGED + ": its schema must be 1, got "):
        read(file)


def test_a_text_is_not_said_to_be_pickled(file):
    file.write_text("index,last_error\n", encoding="utf-8")
    with pytest.raises(ValueError, match=DAMAGED + ": File is not a zip file"):
        read(file)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with a name")
def test_nobody_waits_for_a_pipe(tmp_path):
    os.mkfifo(tmp_path / "x.npz")
    with pytest.raises(ValueError, match=DAMAGED):
        read(tmp_path / "x.npz")


def layout(about):
    return {"rows": ("i8", (about["a"] + 2,)), "text": ("U", ()), "any": ("f8", (None, 2))}


GOOD = {"rows": np.arange(3), "text": "what", "any": np.zeros((4, 2))}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"rows": np.arange(4)},
            r"rows must be .* of the shape \(3,\), got int64 and \(4",
        ),
        ({"rows": np.zeros(3)}, r"rows must be of the type int64 .* got float64 and \(3,\)"),
        ({"rows": np.array(3)}, r"rows must be of the type int64 .* got int64 and \(\)"),
        ({"rows": np.array([1, None, 2])}, r"rows.npy is not an array of numbers or of texts"),
        ({"rows": np.zeros(3, "i8,f8")}, r"rows must be of the type int64"),
        ({"text": b"what"}, r"text must be of the type str and of the shape"),
        (
            {"any": np.zeros((2, 4))},
            r"any must be .* shape \(any, 2\), got float64 and \(2, 4",
        ),
        ({"more": 1}, r"its arrays must be any, rows, text, got any, more, rows, text"),
    ],
)
def test_what_does_not_fit(changes, message, file):
    results.save(file, {"a": 1}, **GOOD)
    _, arrays = results.read(file, "runs", layout=layout)
    assert arrays["text"] == "what" and arrays["rows"].tolist() == [0, 1, 2]
    results.save(file, {"a": 1}, **{**GOOD, **changes})
    with pytest.raises(ValueError, match=f"{DAMAGED}: {message}"):
        results.read(file, "runs", layout=layout)


@pytest.mark.parametrize("about", [{}, {"a": None}, {"a": "1"}, {"a": [1]}])
def test_what_it_is_of_is_damaged(about, file):
    results.save(file, about, **GOOD)
    with pytest.raises(ValueError, match=DAMAGED):
        results.read(file, "runs", layout=layout)


def test_what_is_too_large_is_not_read(file, monkeypatch):
    """A small file may unpack to more than the memory holds."""
    results.save(file, {"a": 1}, **{**GOOD, "rows": np.zeros(10**6, "i8")})
    read_array = results._read_array

    def read(archive, member):
        assert member.file_size < 1000
        return read_array(archive, member)

    monkeypatch.setattr(results, "_read_array", read)
    with pytest.raises(ValueError, match=r"rows must be .* got int64 and \(1000000,\)"):
        results.read(file, "runs", layout=layout)
    np.savez_compressed(file, about=" " * 10**7)
    with pytest.raises(ValueError, match="what it says of itself is not a text"):
        results.read(file, "runs")


def test_other_ways_to_compress(file):
    with zipfile.ZipFile(file, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("about.npy", WHOLE)
    with pytest.raises(ValueError, match=DAMAGED + ": about is compressed in another way"):
        read(file)


def test_two_of_one_name(file):
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(file, "a") as archive:
        archive.writestr("rows.npy", WHOLE)
    with pytest.raises(ValueError, match=DAMAGED + ": there are two of rows"):
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


def run(program, *arguments):
    command = [sys.executable, "-W", "error", "-c", program, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_disk_that_is_full(file):
    """As far as a limit to the size of files is one."""
    pytest.importorskip("resource")
    program = """if True:
        import resource, sys
        import numpy as np
        from nnlib import results
        resource.setrlimit(resource.RLIMIT_FSIZE, (10000, 10000))
        results.save(sys.argv[1], {"a": 2}, rows=np.random.default_rng(1).random(100_000))
    """
    found = run(program, file)
    assert found.returncode == 1 and os.strerror(errno.EFBIG) in found.stderr.splitlines()[-1]
    assert list(file.parent.iterdir()) == [file]
    assert read(file) == (1, [0, 1, 2])


def test_many_save_and_load_one_file(file):
    """Each load finds what one of them has saved, and nothing is left beside the file."""
    program = """if True:
        import sys
        import numpy as np
        from nnlib import results
        file, n = sys.argv[1], int(sys.argv[2])
        for _ in range(50):
            results.save(file, {"a": n}, rows=np.full(1000 * n, n))
            about, arrays = results.read(file, "runs", "rows")
            assert (arrays["rows"] == about["a"]).all() and len(arrays["rows"]) == 1000 * about["a"]
    """
    results.save(file, {"a": 1}, rows=np.full(1000, 1))
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(run, [program] * 4, [file] * 4, range(1, 5)))
    assert [(one.returncode, one.stderr) for one in found] == [(0, "")] * 4
    assert list(file.parent.iterdir()) == [file]


def test_no_file_of_the_users_is_touched(file):
    mine = file.with_name("x.npz.part")
    mine.write_text("mine", encoding="utf-8")
    results.save(file, {"a": 2}, rows=np.arange(3))
    assert mine.read_text(encoding="utf-8") == "mine"


def test_a_link_stays_and_what_it_leads_to_is_replaced(file, tmp_path):
    (tmp_path / "folder").mkdir()
    new = tmp_path / "folder" / "new.npz"
    for place in (file, new):
        link = tmp_path / "folder" / "link.npz"
        link.symlink_to(os.path.relpath(place, link.parent))
        results.save(link, {"a": 3}, rows=np.arange(3))
        assert link.is_symlink() and not place.is_symlink()
        assert read(place) == read(link) == (3, [0, 1, 2])
        link.unlink()
    assert sorted(tmp_path.iterdir()) == [new.parent, file]


@pytest.mark.skipif(os.name != "posix", reason="this system has other permissions")
def test_permissions_stay_and_new_ones_are_usual(file, tmp_path):
    file.chmod(0o640)
    results.save(file, {"a": 2}, rows=np.arange(3))
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    usual, new = tmp_path / "usual", tmp_path / "new.npz"
    usual.touch()
    results.save(new, {"a": 2}, rows=np.arange(3))
    assert new.stat().st_mode == usual.stat().st_mode


def test_the_longest_name_of_a_file(tmp_path):
    for name in (251 * "a" + ".npz", "a." + 253 * "b"):
        results.save(tmp_path / name, {"a": 2}, rows=np.arange(3))
        assert read(tmp_path / name) == (2, [0, 1, 2])


def test_where_nothing_can_be_written(file, tmp_path, monkeypatch):
    for wrong, message in (
        ("", "file must be a file, got ''"),
        (tmp_path, "file must be a file, got the folder"),
        (tmp_path / "no" / "x.npz", "file must lie in a folder that exists, got "),
        (file / "x.npz", "file must lie in a folder that exists, got "),
        (os.devnull, "file must be a regular file, got the device or pipe"),
    ):
        with pytest.raises(ValueError, match=message):
            results.save(wrong, {})
    for denied, message in (
        (tmp_path, "file must lie in a folder that can be written to, got "),
        (file, "file must be a place that can be written to, got "),
    ):
        monkeypatch.setattr(os, "access", lambda path, mode, denied=denied: path != denied)
        with pytest.raises(ValueError, match=message):
            results.save(file, {})


def test_a_crash_leaves_no_empty_file(file, monkeypatch):
    """The system may otherwise put off what was written until after the new name."""
    done = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: done.append(os.fstat(descriptor).st_size))
    replace = Path.replace
    monkeypatch.setattr(Path, "replace", lambda *pair: (done.append("replaced"), replace(*pair)))
    results.save(file, {"a": 2}, rows=np.arange(3))
    assert done == [file.stat().st_size, "replaced"]
