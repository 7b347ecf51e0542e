"""Runs that go on in another way from an epoch, in the browser: bits, address, words and form."""

import re
from contextlib import ExitStack

import numpy as np
import pytest
from conftest import settle, watched
from laboratory_scripts import STANDARD, write_script
from snapshots import ROOT

from nnlib import Experiment, train
from nnlib.landscape import sharpness
from nnlib.report import display

TEXTS = (
    "f1 3 1 1000 at=481:rate=0.5",
    "f1 3 1 1000 at=0:rate=0.5 at=999:rate=0.1",
    "f2 4 0.05 60 optimizer=heavy-ball beta=0.9 at=2:rate=0.02 at=4:optimizer=heavy-ball:beta=0.5",
    "f2 4 0.05 60 at=7:optimizer=adam at=20:penalty=0.01 at=30:optimizer=adamw:decay=0.1",
    "f2 4 0.01 60 optimizer=rprop at=20:rate=0.001 at=30:optimizer=descent",
    "f2 4 0.05 30 samples=70 batch=30 shuffle=3 at=9:rate=0.02 at=15:batch=70 at=20:batch=all "
    "at=25:batch=7",
    "f2 4 0.05 30 samples=70 at=9:batch=30 at=15:shuffle=2 at=20:optimizer=armijo:batch=all",
    "f2 8 0.1 300 schedule=cosine at=50:schedule=inverse:half=9 at=200:schedule=constant:rate=0.2",
    "f2 8 0.1 300 schedule=steps at=100:schedule=constant:optimizer=barzilai-borwein:rate=0.01",
    "f2 20 0.05 700 at=333:optimizer=nesterov:beta=0.9 at=334:optimizer=angle:patience=3",
    "f1 3 1000 1000 scale=100 at=1:optimizer=adam:rate=0.1",
    "f1 3 1 1000 at=481:rate=1000",
    "f1 3 1 1000 " + " ".join(f"at={100 * n}:rate=0.{n}" for n in range(1, 9)),
)
BRANCH = TEXTS[0]
PAGE = ROOT / "_build" / "html" / "book" / "laboratory.html"
OF_THE_TEST = """
const trained = (state) => new Promise((resolve, reject) => lab.trainer.makeTrainer({
    onSharpness: (history) => history.crossing !== undefined && resolve(history),
    onError: (message) => reject(new Error(message)),
}).run(state));
"""


@pytest.fixture(scope="module")
def page(browser, tmp_path_factory):
    folder = tmp_path_factory.mktemp("laboratory")
    write_script(folder / "lab.js")
    (folder / "test.js").write_text(OF_THE_TEST)
    path = folder / "page.html"
    scripts = '<script src="lab.js"></script><script src="test.js"></script>'
    path.write_text(f'<!doctype html><meta charset="utf-8">{scripts}')
    with watched(browser.new_page(), path.as_uri()) as page:
        yield page


def address(text):
    words = text.split()
    return "#" + "&".join(
        [*map("=".join, zip(("f", "h", "rate", "epochs"), words[:4], strict=True)), *words[4:]]
    )


def read(page, text):
    return page.evaluate("(text) => lab.address.read(text)", address(text))


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.filterwarnings("ignore:.* overflows")
def test_a_branch_has_the_checksum_of_nnlib(page, text):
    found = read(page, text)
    assert found["messages"] == []
    wanted = train(Experiment.parse(text))
    history = page.evaluate(
        """async (state) => {
            const { checksum, gradient_norm, angle } = await trained(state);
            return [checksum, Array.from(gradient_norm, String), Array.from(angle, String)];
        }""",
        found["state"],
    )
    assert history[0] == wanted.checksum()
    for ours, theirs in zip(
        history[1:], (wanted.gradient_norm, wanted.gradient_angle), strict=True
    ):
        ours = np.array([float(one.replace("Infinity", "inf")) for one in ours[:-1]])
        np.testing.assert_allclose(ours, theirs, 1e-9, 1e-9)
    namespace = {}
    exec(page.evaluate("(state) => lab.address.python(state)", found["state"]), namespace)
    assert namespace["history"].experiment == Experiment.parse(text)
    hash_ = page.evaluate("(state) => lab.address.write(state)", found["state"])
    assert page.evaluate("(hash) => lab.address.read(hash)", hash_)["state"] == found["state"]
    assert Experiment.parse(hash_) == Experiment.parse(text)


def test_an_address_of_a_branch(page):
    said = "#f=f1&h=3&rate=1&epochs=1000&at=481:rate=0.5&at=600:optimizer=adam:batch=50"
    found = page.evaluate("(text) => lab.address.read(text)", said + "&epoch=500")
    assert found["messages"] == []
    assert found["state"]["at"] == "481:rate=0.5 600:optimizer=adam:batch=50"
    assert page.evaluate("({ state }) => lab.address.write(state)", found) == said + "&epoch=500"
    encoded = said.replace(":", "%3A")
    assert page.evaluate("(text) => lab.address.read(text)", encoded)["messages"] == []
    experiment = Experiment.parse(said)
    assert display.find_address(experiment) == said


@pytest.mark.parametrize(
    ("given", "at"),
    [
        ("481", ""),
        ("x:rate=1", ""),
        ("481:rate", "481:rate=0.1"),
        ("481:rate=0", "481:rate=0.000001"),
        ("481:rate=0.5:rate=0.6", "481:rate=0.5"),
        ("481:h=4", ""),
        ("481:beta=0.5", ""),
        ("481:batch=5000", "481:batch=1000"),
        ("481:shuffle=3", ""),
        ("1000:rate=0.5", ""),
        ("481:rate=0.5 400:rate=2", "481:rate=0.5"),
        ("481:optimizer=eve", "481:optimizer=descent"),
        ("481:rate=0.5<b>", "481:rate=0.1"),
        ("481:__proto__=3", ""),
        ("9007199254740993:rate=1", ""),
        (" ".join(f"{n}:rate=0.5" for n in range(9)), " ".join(f"{n}:rate=0.5" for n in range(8))),
    ],
)
def test_what_is_wrong_with_a_branch_is_said(page, given, at):
    found = page.evaluate("(at) => lab.address.read('#rate=1&at=' + at)", given)
    said = found["messages"][0]
    assert re.fullmatch(r"at=.*: the change at an epoch must be an epoch .*", said)
    assert said.startswith(f"at={given[:20]}")
    assert len(found["messages"]) == 1
    assert found["state"]["at"] == at
    experiment = page.evaluate("({ state }) => lab.address.experiment(state)", found)
    assert Experiment.parse(experiment).more == " ".join(f"at={one}" for one in at.split())


def test_branches_of_branches(page):
    """Each takes the place of those after its epoch; the last can be taken back."""
    steps = page.evaluate(
        """(state) => {
            const { branch, unbranch, hindrance, fit, partsOf } = lab.branches;
            const first = branch(state, 481, { rate: 0.5 });
            const second = branch(first, 600, { optimizer: "heavy-ball" });
            const again = branch(second, 481, { batch: 50 });
            return [first.at, second.at, again.at, unbranch(second).at, unbranch(first).at,
                branch(first, 700, {}).at, hindrance(second, 1000), hindrance(second, 999),
                fit({ ...second, epochs: 600 }).at, fit({ ...again, samples: 20 }).at,
                partsOf(second).map(({ first, end, state }) => [first, end, state.rate])];
        }""",
        STANDARD | {"rate": 1},
    )
    assert steps == [
        "481:rate=0.5",
        "481:rate=0.5 600:optimizer=heavy-ball:beta=0.9",
        "481:rate=0.5:batch=50",
        "481:rate=0.5",
        "",
        "481:rate=0.5 700:rate=0.5",
        "",
        "",
        "481:rate=0.5",
        "481:rate=0.5:batch=20",
        [[0, 481, 1], [481, 600, 0.5], [600, 1000, 0.5]],
    ]


def test_at_its_end_a_run_goes_on_for_as_long_again(page):
    ways = page.evaluate(
        """(texts) => texts.map((text) => {
            const { state } = lab.address.read(text), { branch, hindrance } = lab.branches;
            const longer = branch(state, state.epochs, { rate: 0.5 });
            const longest = lab.address.experiment({ ...longer, epoch: longer.epochs });
            return [hindrance(state, state.epochs), longest];
        })""",
        [
            address(f"f1 3 1 {text}")
            for text in ("100", "100 schedule=inverse half=9", "100 schedule=cosine", "50000")
        ],
    )
    assert [why for why, _ in ways] == [
        "",
        "",
        "With its schedule, a run of more epochs is another one from the beginning.",
        "A run has 50000 epochs at most.",
    ]
    for (_, text), before in zip(ways, ("100", "100 schedule=inverse half=9"), strict=False):
        long, short = train(Experiment.parse(text)), train(Experiment.parse(f"f1 3 1 {before}"))
        assert len(long.V) == 201 and "at=100:rate=0.5" in text
        np.testing.assert_array_equal(long.V[:101], short.V)


def test_the_limit_is_that_of_each_part(page):
    text = "f1 3 1 1000 at=481:rate=0.5 at=600:optimizer=adam at=700:optimizer=heavy-ball:beta=0.5"
    name, *limits = page.evaluate(
        """(state) => {
            const { name, at } = lab.rates.limitOf(state);
            return [name, ...[0, 480, 481, 599, 600, 700, 999].map((epoch) => String(at(epoch)))];
        }""",
        read(page, text)["state"],
    )
    assert limits == ["2", "2", "4", "4", "NaN", "6", "6"]
    assert name == "2 / rate, then 2 (1 + β) / rate"
    adam = read(page, "f1 3 1 10 optimizer=adam")["state"]
    assert page.evaluate("(state) => lab.rates.limitOf(state)", adam) is None


def test_the_sharpness_is_that_of_the_loss_of_each_part(page):
    text = "f1 3 1 100 penalty=0.5 at=50:penalty=2"
    found = page.evaluate(
        """async (state) => {
            const { sharpness: { epochs, values } } = await trained(state);
            return [49, 50, 100].map((epoch) => values[epochs.indexOf(epoch)]);
        }""",
        read(page, text)["state"],
    )
    history = train(Experiment.parse(text))
    wanted = np.add(sharpness(history, [49, 50, 100]), [0.5, 2, 2])
    np.testing.assert_allclose(found, wanted, 1e-9)


def test_in_words(page):
    now, before = (read(page, text)["state"] for text in (BRANCH, "f1 3 1 1000"))
    tell = "([a, b]) => lab.words.differences(a, b)"
    assert page.evaluate(tell, [now, before]) == "from epoch 481 on the rate is 0.5"
    assert page.evaluate(tell, [before, now]) == "nothing changes at epoch 481"
    later = now | {"at": now["at"] + " 700:rate=0.25"}
    assert page.evaluate(tell, [later, now]) == "from epoch 700 on the rate is 0.25"
    assert page.evaluate(tell, [now, later]) == "nothing changes at epoch 700"
    assert page.evaluate(tell, [now, now]) == ""
    adam = read(page, "f1 3 1 1000 at=5:optimizer=adam:batch=50 at=7:batch=all")["state"]
    assert page.evaluate(tell, [adam, before]) == (
        "from epoch 5 on the optimizer is Adam and a step sees 50 samples, "
        "and from epoch 7 on a step sees all of them"
    )
    program = "(state) => lab.elsewhere.program(state, 'torch')"
    assert "something changes on the way" in page.evaluate(program, now)


def test_the_picture_of_the_sharpness_has_the_limit_in_steps(page):
    text = "f1 3 1 1000 at=481:rate=0.5 at=600:optimizer=adam:rate=0.01 at=800:optimizer=descent"
    at, values, told = page.evaluate(
        """async (state) => {
            const history = await trained(state);
            const [, { at, values }] = lab.charts.charts.sharpness.curves(history);
            const [, limit] = lab.charts.charts.sharpness.entries(history, null);
            return [at, values.map(String), [480, 481, 700].map(limit.text)];
        }""",
        read(page, text)["state"],
    )
    known = dict(zip(at, values, strict=True))
    assert sorted(known) == at
    assert (known[480], known[481], known[599], known[600]) == ("2", "4", "4", "NaN")
    assert told == ["2.000", "4.000", "none"]


@pytest.mark.parametrize(
    ("text", "words", "mend"),
    [
        (BRANCH, "The sharpness is 2.22 at most and stays below 2 / rate, so that no step", None),
        (
            "f1 3 1 1000 at=481:rate=0.5 at=800:rate=1.2",
            "At epoch 800 the sharpness passed 2 / rate = 1.67: from then on every step",
            "f1 3 1 1000 at=481:rate=0.5 at=800:rate=0.829",
        ),
        (
            "f1 3 1 1000 at=300:optimizer=adam:rate=900",
            "The run overflows: at epoch 301,",
            "f1 3 1 1000 at=300:rate=450:optimizer=adam",
        ),
        (
            "f1 3 0.1 100 at=0:rate=3",
            "The rate 3 is 2.35 times 2 / sharpness at epoch 0, which is 2 / 1.56 = 1.28.",
            "f1 3 0.1 100 at=0:rate=1.15",
        ),
        (
            "f1 3 0.1 100 optimizer=adam at=0:rate=3:optimizer=descent at=50:optimizer=adam",
            "The rate 3 is 2.35 times 2 / sharpness at epoch 0, which is 2 / 1.56 = 1.28.",
            None,
        ),
        ("f1 3 2 100 at=50:rate=0.5", "The run shook until epoch 50, then settled.", None),
    ],
)
def test_what_became_of_it_and_what_mends_it(page, text, words, mend):
    told, action = page.evaluate(
        """async (state) => {
            const { text, action } = lab.explanation.explain(await trained(state));
            const { state: mended } = action ?? {};
            return [text, mended && lab.address.experiment({ ...mended, epoch: mended.epochs })];
        }""",
        read(page, text)["state"],
    )
    assert words in told
    if mend:
        assert Experiment.parse(action) == Experiment.parse(mend)


# --- on the page ----------------------------------------------------------------------------------

DONE = "#lab[data-state=done]"
RUN = "#f=f1&h=3&rate=1&epochs=1000&epoch=481"
SIZES = {
    "laptop": {"viewport": {"width": 1280, "height": 800}},
    "phone": {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True},
}
built = pytest.mark.skipif(not PAGE.exists(), reason="there is no book yet: run `make book` first")


@pytest.fixture
def opened(browser):
    """A page at some address, in which nothing goes wrong."""
    with ExitStack() as stack:

        def show(hash_=RUN, size="laptop"):
            page = browser.new_page(**SIZES[size])
            stack.callback(page.close)
            stack.enter_context(watched(page, PAGE.as_uri() + hash_))
            page.wait_for_selector(DONE)
            return page

        yield show


def shown(page, text):
    """The run is there that a text asks for."""
    checksum = train(Experiment.parse(text)).checksum()
    page.wait_for_selector(f"#lab[data-checksum='{checksum}']")


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()


@built
@pytest.mark.parametrize("size", SIZES)
def test_to_go_on_from_here(opened, size):
    """With half the rate, the old run faint behind it; and back."""
    page = opened(size=size)
    form = page.locator("#lab-onward")
    assert not form.is_visible()
    press(page, "Go on from here")
    shown(page, "f1 3 1 1000 at=481:rate=0.5")
    assert form.get_by_role("group").first.get_attribute("aria-labelledby")
    assert "From epoch 481 on" in form.inner_text()
    said = page.locator("#lab-compare [role=status]").inner_text()
    assert said.startswith("Different from the kept run: from epoch 481 on the rate is 0.5.")
    assert not page.locator("#lab-compare table").is_visible()  # the pictures are in sight
    settle(page, 200)
    assert page.url.endswith("rate=1&epochs=1000&at=481:rate=0.5&epoch=481")
    assert "at=481:rate=0.5" in page.locator("#lab-python").inner_text()
    press(page, "Take it back")
    shown(page, "f1 3 1 1000")
    assert not form.is_visible()
    assert page.evaluate("document.activeElement.textContent") == "Go on from here"


@built
def test_its_rate_is_dragged_with_the_keys(opened):
    page = opened()
    press(page, "Go on from here")
    shown(page, "f1 3 1 1000 at=481:rate=0.5")
    slider = "document.activeElement.getAttribute('aria-label')"
    assert page.evaluate(slider) == "Learning rate, slider"
    page.keyboard.press("ArrowRight")
    shown(page, "f1 3 1 1000 at=481:rate=0.51")
    number = page.locator("#lab-onward [name=rate]")
    number.fill("0.25")
    number.press("Enter")
    shown(page, "f1 3 1 1000 at=481:rate=0.25")
    assert page.locator("#lab-controls [name=rate]").input_value() == "1"
    number.fill("0")
    number.press("Enter")
    assert "“0” is not allowed" in page.locator("#lab-onward .lab-error").first.inner_text()
    shown(page, "f1 3 1 1000 at=481:rate=0.25")


@built
def test_more_can_be_new_from_there_on(opened):
    page = opened("#f=f1&h=3&rate=1&epochs=1000&at=481:rate=0.5&epoch=481")
    form = page.locator("#lab-onward")
    form.locator("summary").click()
    assert not form.locator("[data-key=beta]").is_visible()
    form.locator("[name=optimizer]").select_option("heavy-ball")
    shown(page, "f1 3 1 1000 at=481:rate=0.5:optimizer=heavy-ball:beta=0.9")
    assert form.locator("[data-key=beta]").is_visible()
    form.locator("[name=penalty]").fill("0.01")
    form.locator("[name=penalty]").press("Enter")
    shown(page, "f1 3 1 1000 at=481:rate=0.5:optimizer=heavy-ball:beta=0.9:penalty=0.01")


@built
def test_a_branch_of_a_branch(opened):
    page = opened("#f=f1&h=3&rate=1&epochs=1000&at=481:rate=0.5&epoch=700")
    press(page, "Go on from here")
    shown(page, "f1 3 1 1000 at=481:rate=0.5 at=700:rate=0.25")
    form = page.locator("#lab-onward")
    assert form.locator("li").all_inner_texts() == ["From epoch 481 on the rate is 0.5"]
    rate = page.locator("#lab-controls [name=rate]")
    rate.fill("0.8")  # of the beginning, on which the branches are
    rate.press("Enter")
    shown(page, "f1 3 0.8 1000 at=481:rate=0.5 at=700:rate=0.25")
    epochs = page.locator("#lab-controls [name=epochs]")
    epochs.fill("600")
    epochs.press("Enter")
    shown(page, "f1 3 0.8 600 at=481:rate=0.5")
    press(page, "Take it back")
    shown(page, "f1 3 0.8 600")


@built
@pytest.mark.parametrize(
    "hash_",
    [
        "#f=f1&h=3&rate=1&epochs=50&schedule=cosine&epoch=50",
        "#f=f1&h=3&rate=1000&epochs=1000&scale=100&epoch=999",  # after an overflow
        "#" + "&".join(["rate=1", *(f"at={n}:rate=0.{n + 1}" for n in range(8)), "epoch=500"]),
    ],
)
def test_where_it_cannot_go_on_it_says_why(opened, hash_):
    page = opened(hash_)
    before = page.get_attribute("#lab", "data-checksum")
    button = page.get_by_role("button", name="Go on from here")
    assert button.get_attribute("aria-disabled") == "true"
    button.press("Enter")
    said = page.locator(".lab-deeds [role=status]").inner_text()
    assert said.startswith(("With its schedule", "After an overflow", "A run changes at 8"))
    assert button.get_attribute("title") == said
    assert page.get_attribute("#lab", "data-checksum") == before
    page.get_by_label("Epoch", exact=True).press("Home")
    settle(page)
    page.locator(".lab-deeds [role=status]").filter(has_not_text="e").wait_for(state="attached")
    assert button.get_attribute("aria-disabled") == "false"


@built
def test_from_its_end_it_goes_on_for_as_long_again(opened):
    page = opened("#f=f1&h=3&rate=1&epochs=100&epoch=100")
    press(page, "Go on from here")
    shown(page, "f1 3 1 200 at=100:rate=0.5")
