"""The links out of the book: each source has a DOI or says why not, and what is broken is found."""

import subprocess
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import yaml
from pybtex.database import parse_file
from snapshots import ROOT

SOURCES = parse_file(ROOT / "book" / "references.bib").entries
NO_DOI = {
    "duchi2011": "the journal gives none",
    "glorot2010": "the proceedings give none",
    "nesterov1983": "the journal gives none",
    "tieleman2012": "slides of a lecture",
    "kovachki2021": "the journal gives none",
    "moody1992": "the proceedings give none",
    "peeters2025": "a repository on GitHub, which its address names",
}
CONFIG = {"only_build_toc_files": True, "execute": {"execute_notebooks": "off"}}


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_a_source_has_a_doi_or_says_why_not(name):
    fields = SOURCES[name].fields
    assert ("doi" in fields) != (name in NO_DOI)
    assert fields.get("doi", "10.").startswith("10.")
    assert "doi" in fields or fields["url"].startswith("https:")


@pytest.fixture
def site(tmp_path):
    """The address of a site with one page, on this machine."""
    (tmp_path / "page.html").write_text("<p id='there'>Here.</p>", encoding="utf-8")
    handler = partial(SimpleHTTPRequestHandler, directory=tmp_path)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.slow  # 3 s: a book is built, for `make links`
def test_what_is_broken_is_found(site, tmp_path):
    book = tmp_path / "book"
    book.mkdir()
    wanted = ("page.html", "page.html#there", "page.html#nowhere", "gone.html")
    links = "\n".join(f"- [{path}]({site}/{path})" for path in wanted)
    (book / "index.md").write_text(f"# Links\n\n{links}\n", encoding="utf-8")
    (book / "_toc.yml").write_text("format: jb-book\nroot: index\n", encoding="utf-8")
    (book / "_config.yml").write_text(yaml.safe_dump(CONFIG), encoding="utf-8")
    program = Path(sys.executable).parent / "jupyter-book"
    found = subprocess.run(
        [program, "build", ".", "--builder", "linkcheck"],
        cwd=book,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 1
    said = (book / "_build" / "html" / "output.txt").read_text(encoding="utf-8").splitlines()
    assert len(said) == 2
    assert all("[broken]" in line for line in said)
    assert any("#nowhere" in line for line in said) and any("gone.html" in line for line in said)
