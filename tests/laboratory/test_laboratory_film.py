"""The card and the film that are made of a run, on a page with nothing else."""

import io
import xml.etree.ElementTree as ET
from urllib.parse import unquote

import numpy as np
import pytest
from conftest import watched
from laboratory_scripts import open_tab, write_page
from PIL import Image

from nnlib import Experiment, f1, f2, train
from nnlib.animation import FRAMES, PER_SECOND, choose_epochs

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Film</title>
<div id="place"></div>
<script src="lab.js"></script>
<script>
  let history, done, pictures = [], spoken = [];
  const trainer = lab.trainer.makeTrainer({
    onStart(run) { history = run; },
    onDone(run) { done(); },
  });
  const place = document.getElementById("place");
  const takeAway = lab.takeaway.makeTakeAway(place, { picture: () => "<svg/>" });
  const status = [...place.querySelectorAll("p[role=status]")].at(-1);
  new MutationObserver(() => spoken.push(status.textContent)).observe(status, { childList: true });
  // What is drawn, as text.
  globalThis.Image = class extends Image {
    set src(address) { pictures.push(address); super.src = address; }
  };
  async function choose(hash) {
    const { state } = lab.address.read(hash);
    const ready = new Promise((resolve) => { done = resolve; });
    trainer.run(state);
    await ready;
    takeAway.show(history, state);
    pictures = [], spoken = [];
  }
</script>
"""


@pytest.fixture(scope="module")
def tab(browser, tmp_path_factory):
    with open_tab(browser, write_page(tmp_path_factory.mktemp("film"), PAGE)) as tab:
        yield tab


@pytest.fixture
def page(tab):
    with watched(tab) as page:
        yield page


def choose(page, experiment, epoch):
    f, h, rate, epochs = experiment
    hash_ = f"#f={f.__name__}&h={h}&rate={rate:g}&epochs={epochs}&epoch={epoch}"
    page.evaluate("(hash) => choose(hash)", hash_)
    return hash_, train(Experiment(*experiment))


def take(page, name):
    with page.expect_download() as download:
        page.get_by_role("button", name=name).click()
    return download.value.suggested_filename, Image.open(
        io.BytesIO(download.value.path().read_bytes())
    )


def words(picture):
    """All that is written in a picture."""
    root = ET.fromstring(unquote(picture.partition(",")[2]))
    return ["".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text")]


def test_the_card(page):
    hash_, run = choose(page, (f1, 3, 1, 1000), 754)
    name, card = take(page, "Card as PNG")
    assert name == "f1-3-1-1000-epoch-754.png"
    assert card.format == "PNG" and card.size == (1200, 630)
    (picture,) = page.evaluate("pictures")
    said = words(picture)
    assert said[0] == "(f1, 3, 1, 1000), epoch 754"
    assert {"Error", "0.0007672 at epoch 754"} <= set(said)
    assert any(text.startswith("What is learned") for text in said)
    # Opened from a file, it does not tell where that lies.
    assert said[-2:] == [f"checksum {run.checksum()}", f"laboratory.html{hash_}"]
    dark = np.asarray(card.convert("L")) < 128
    # What is written is there: the title, both pictures, and two lines below them, all on white.
    assert dark[10:35, 20:300].any() and dark[80:440, 60:580].any() and dark[80:440, 650:1170].any()
    lines = np.flatnonzero(dark[540:, :700].any(axis=1))
    assert (np.diff(lines) > 3).sum() == 1
    assert np.asarray(card.convert("L"))[[0, -1]].min() == 255


def test_the_card_of_a_long_link(page):
    curve = ",".join(str(n / 7) for n in range(30))
    page.evaluate("(hash) => choose(hash)", f"#f={curve}&h=3&rate=0.1&epochs=10")
    take(page, "Card as PNG")
    (picture,) = page.evaluate("pictures")
    said = words(picture)
    assert said[0] == "(drawn, 3, 0.1, 10), epoch 10" and "…" in said[-1] and len(said[-1]) < 170


def test_the_film(page):
    _, run = choose(page, (f1, 3, 1, 1000), 0)
    name, film = take(page, "Film as GIF")
    epochs = choose_epochs(run.train_error)
    assert name == "f1-3-1-1000.gif"
    assert film.format == "GIF" and film.size == (800, 400) and film.n_frames == len(epochs)
    assert film.info["duration"] == 1000 / PER_SECOND and film.info["loop"] == 0
    titles = [words(picture)[0] for picture in page.evaluate("pictures")]
    assert titles == [f"(f1, 3, 1, 1000), epoch {epoch}" for epoch in epochs]
    shown = []
    for n in (0, film.n_frames // 2, film.n_frames - 1):
        film.seek(n)
        shown.append(np.asarray(film.convert("RGB")).astype(int))
    assert all((frame[[0, -1]] > 250).all() for frame in shown)  # white around
    # What is still to come is pale, and the cursor goes to the right edge.
    strong = [(frame.min(axis=2) < 60)[60:280, 460:765] for frame in shown]
    right = [np.flatnonzero(one.any(axis=0)).max() for one in strong]
    assert right == sorted(right) and right[0] < 20 and right[-1] > 290
    spoken = page.evaluate("spoken")
    assert spoken[0] == "f1-3-1-1000.gif is being made."
    assert f"0 of {len(epochs)} frames are made." in spoken
    assert spoken[-1] == "f1-3-1-1000.gif is handed to the browser."


@pytest.mark.filterwarnings("ignore:.*overflows")
@pytest.mark.parametrize(
    "experiment",
    [
        (f1, 3, 0.1, 1000),
        (f1, 3, 1, 1000),
        (f2, 8, 0.1, 1200),
        (f2, 20, 0.05, 500),
        (f1, 3, 5, 300),
        (f1, 2, 0.1, 0),
    ],
)
def test_the_pace_is_that_of_nnlib(page, experiment):
    errors = train(Experiment(*experiment)).train_error
    values = [value if np.isfinite(value) else None for value in errors.tolist()]
    chosen = page.evaluate("(errors) => lab.film.chooseEpochs(errors)", values)
    assert chosen == choose_epochs(errors).tolist() and len(chosen) <= FRAMES


def test_the_pace_where_nothing_happens(page):
    choice = "([errors, most]) => lab.film.chooseEpochs(errors, most)"
    assert page.evaluate(choice, [[0.5] * 11, 5]) == choose_epochs(np.full(11, 0.5), 5).tolist()
    said = "() => { try { lab.film.chooseEpochs([NaN]); } catch (error) { return error.message; } }"
    assert page.evaluate(said).startswith("there is nothing to show")


def test_a_gif_has_the_pixels_that_it_was_given(page):
    """Noise, which needs more codes than there are, and then a frame with little that is new."""
    data = page.evaluate(
        """async () => {
            const { makeGif } = lab.gif;
            const [width, height] = [150, 120];
            const colors = Object.values(lab.constants.constants.figures.colors)
                .map((color) => [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16)));
            const gif = makeGif(width, height, 5), frames = [];
            let seed = 1;
            const random = () => (seed = (seed * 48271) % 2147483647);
            const pixels = new Uint8ClampedArray(4 * width * height).fill(255);
            for (const many of [width * height, 40, 0]) {
                for (let k = 0; k < many; k++) {
                    const n = many > 1000 ? k : random() % (width * height);
                    pixels.set(colors[random() % colors.length], 4 * n);
                }
                gif.add(pixels);
                frames.push([...pixels]);
            }
            const bytes = [...new Uint8Array(await gif.end().arrayBuffer())];
            return { frames, bytes };
        }"""
    )
    film = Image.open(io.BytesIO(bytes(data["bytes"])))
    assert film.n_frames == 3
    for n, wanted in enumerate(data["frames"]):
        film.seek(n)
        seen = np.asarray(film.convert("RGBA")).reshape(-1, 4)[:, :3].astype(int)
        given = np.reshape(wanted, (-1, 4))[:, :3]
        # Colours that share five bits of each part are one.
        assert abs(seen - given).max() < 8


@pytest.mark.parametrize(
    ("refusal", "name", "reason"),
    [
        (
            "HTMLCanvasElement.prototype.toBlob = function (use) { use(null); }",
            "Card as PNG",
            "f1-3-0.1-20-epoch-5.png could not be made: the browser does not make a PNG",
        ),
        (
            "HTMLCanvasElement.prototype.getContext = () => null",
            "Film as GIF",
            "f1-3-0.1-20.gif could not be made: the browser lets no picture be drawn",
        ),
    ],
)
def test_a_refusal_is_said(page, refusal, name, reason):
    choose(page, (f1, 3, 0.1, 20), 5)
    kept = "const { toBlob, getContext } = HTMLCanvasElement.prototype;"
    page.evaluate(f"() => {{ {kept} globalThis.kept = {{ toBlob, getContext }}; {refusal}; }}")
    page.get_by_role("button", name=name).click()
    page.get_by_text(reason).wait_for()
    page.evaluate("Object.assign(HTMLCanvasElement.prototype, kept)")
