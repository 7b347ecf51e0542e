"""The laboratory in another browser, Debian's Firefox, which is spoken to by WebDriver BiDi."""

import asyncio
import itertools
import json
import re
import shutil
import subprocess
import warnings
from concurrent.futures import ThreadPoolExecutor
from time import sleep

import numpy as np
import pytest
from chromium import own_home
from snapshots import ROOT
from tornado.websocket import websocket_connect

from nnlib import Experiment, f1, train, train_many
from nnlib.landscape.valley import find_valley
from nnlib.outcome import outcome

PAGE = ROOT / "_build" / "html" / "book" / "laboratory.html"
FIREFOX = shutil.which("firefox-esr") or shutil.which("firefox")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PAGE.exists(), reason="there is no book yet: run `make book` first"),
    pytest.mark.skipif(not FIREFOX, reason="this machine has neither firefox-esr nor firefox"),
]
CHOICES = (
    "#f=f1&h=3&rate=1&epochs=1000",
    "#f=f2&h=8&rate=0.1&epochs=1200&data=7&weights=8&epoch=1036",
    "#f=f1&h=3&rate=1&epochs=300&samples=77&noise=0.5&scale=2&order=3",
    "#f=f2&h=20&rate=0.05&epochs=500",
    "#f=f1&h=3&rate=50&epochs=100",  # an overflow
    "#f=0.5,-1,2.25&h=4&rate=0.1&epochs=200",  # a drawn curve
    "#f=-4:1,0.5:3,2:-1.25&h=4&rate=0.1&epochs=200&units=both",  # points
    "#f=f1&h=3&rate=1&epochs=200&seeds=data",  # the last, of which is asked how other runs end
)
# What is pressed or filled in, one after the other, and the run that comes of it.
START = "#f=f1&h=3&rate=1&epochs=300&epoch=200"
BRANCHES = (
    ("button", "Go on from here", "f1 3 1 300 at=200:rate=0.5"),
    ("#lab-onward [name=rate]", "0.25", "f1 3 1 300 at=200:rate=0.25"),
    (
        "#lab-onward [name=optimizer]",
        "heavy-ball",
        "f1 3 1 300 at=200:rate=0.25:optimizer=heavy-ball:beta=0.9",
    ),
    ("button", "Go on from here", "f1 3 1 300 at=200:rate=0.125:optimizer=heavy-ball:beta=0.9"),
    ("button", "Take it back", "f1 3 1 300"),
)
FORM = (
    ("#lab-controls [name=h]", "4", "f1 4 1 300"),
    ("#lab-controls [data-key=rate] [type=range]", "0", "f1 4 0.001 300"),
    ("#lab-controls [name=rate]", "0.5", "f1 4 0.5 300"),
    ("#lab-controls [name=samples]", "77", "f1 4 0.5 300 samples=77"),
    ("#lab-controls [name=optimizer]", "adam", "f1 4 0.5 300 samples=77 optimizer=adam"),
    ("#lab-controls [name^=lab-target][value=f2]", "f2", "f2 4 0.5 300 samples=77 optimizer=adam"),
    ("button", "Reset", "f1 3 0.1 1000"),
)
SHORT = "#f=f1&h=3&rate=1&epochs=30"
# What the page shows of a run, once it has followed the address and the run is done. Until it has,
# it may be the run before that is done.
SHOWN = """hash => new Promise((resolve) => {
    const lab = document.getElementById("lab");
    const python = document.getElementById("lab-python");
    const look = () => {
        if (lab.dataset.state !== "done") return;
        resolve(JSON.stringify([lab.dataset.checksum, python.textContent]));
    };
    addEventListener("hashchange", () => {
        new MutationObserver(look).observe(lab, { attributeFilter: ["data-state"] });
        look();
    }, { once: true });
    location.hash = hash;
})"""
# What the page shows of the run that comes of a button or of what is filled in, once it is done.
CHANGED = """(selector, value) => new Promise((resolve) => {
    const lab = document.getElementById("lab");
    const before = lab.dataset.checksum;
    const look = () => {
        const { state, checksum } = lab.dataset;
        if (state !== "done" || checksum === before) return;
        resolve(JSON.stringify([checksum, document.getElementById("lab-python").textContent]));
    };
    new MutationObserver(look).observe(lab, { attributes: true });
    const element = [...document.querySelectorAll(selector)]
        .find((one) => one.tagName !== "BUTTON" || one.textContent === value);
    if (element.matches("button, [type=radio]")) return element.click();
    element.value = value;
    for (const type of ["input", "change"])
        element.dispatchEvent(new Event(type, { bubbles: true }));
})"""
# What the page says of a value that is not allowed, and the run that it shows then.
REFUSED = """(selector, value) => new Promise((resolve) => {
    const element = document.querySelector(selector);
    element.value = value;
    element.dispatchEvent(new Event("change", { bubbles: true }));
    const said = document.getElementById(element.getAttribute("aria-describedby")).textContent;
    const { state, checksum } = document.getElementById("lab").dataset;
    resolve(JSON.stringify([element.getAttribute("aria-invalid"), said, state, checksum]));
})"""
# What the valley says, once it is that of a run with this loss.
VALLEY = """loss => new Promise((resolve) => {
    const figures = [...document.querySelectorAll("figure.lab-panel")];
    const of = figures.find((figure) => figure.textContent.startsWith("The valley"));
    const look = () => {
        const said = [...of.querySelectorAll(".lab-value")].map((value) => value.textContent);
        if (Math.abs(said[0] / loss - 1) < 1e-3) resolve(JSON.stringify(said));
    };
    of.scrollIntoView();
    new MutationObserver(look).observe(of, { subtree: true, childList: true, characterData: true });
    look();
})"""
# What is made when a button is pressed, as an image. It is not downloaded: Firefox would open it in
# a tab of its own, and let this one wait.
MADE = """name => new Promise((resolve) => {
    HTMLAnchorElement.prototype.click = () => {};
    const { createObjectURL } = URL;
    URL.createObjectURL = (blob) => {
        URL.createObjectURL = createObjectURL;
        createImageBitmap(blob).then(({ width, height }) =>
            resolve(JSON.stringify([blob.type, width, height])));
        return createObjectURL.call(URL, blob);
    };
    [...document.querySelectorAll("button")].find((button) => button.textContent === name).click();
})"""

# The first screen: whether what plays at first plays, where pictures and captions begin, and how
# wide the theme's sidebar is in each frame in which it is open beside what plays.
SCREEN = """() => new Promise((resolve) => {
    const lab = document.getElementById("lab");
    const bar = document.getElementById("pst-primary-sidebar");
    const widths = [];
    const hidden = !bar.checkVisibility();
    document.querySelector(".primary-toggle").click();
    const measure = () => {
        widths.push(bar.getBoundingClientRect().width);
        if (widths.length < 40) return requestAnimationFrame(measure);
        document.querySelector(".primary-toggle").click();
        const tops = (selector) => [...lab.querySelectorAll(selector)]
            .map((element) => element.getBoundingClientRect().top);
        const seen = [tops(".lab-picture"), tops(".lab-panel figcaption")];
        const { gridTemplateColumns } = getComputedStyle(lab.querySelector(".lab-grid"));
        const columns = gridTemplateColumns.split(" ").length;
        const epoch = Number(lab.dataset.epoch);
        resolve(JSON.stringify({ hidden, widths, seen, columns, epoch }));
    };
    const wait = () => +lab.dataset.epoch > 5 ? measure() : requestAnimationFrame(wait);
    wait();
})"""
# What is said of the last choice with other rates, and with other seeds, once all runs are there.
SAID = """() => new Promise((resolve) => {
    const track = document.querySelector(".lab-track");
    const seeds = document.querySelector(".lab-seeds + p");
    const look = () => {
        if (track.dataset.state !== "done" || !seeds.textContent.includes("stuck")) return;
        const { height } = getComputedStyle(track.firstChild);
        resolve(JSON.stringify([track.title, seeds.textContent, height]));
    };
    const all = { attributes: true, childList: true, characterData: true, subtree: true };
    for (const one of [track, seeds]) new MutationObserver(look).observe(one, all);
    look();
})"""


async def converse(address):
    """What a Firefox shows first and of each choice, and what was complained of meanwhile."""
    socket = await websocket_connect(f"{address}/session")
    numbers, faults = itertools.count(), []

    async def ask(method, **params):
        number = next(numbers)
        await socket.write_message(json.dumps(dict(id=number, method=method, params=params)))
        while True:
            said = json.loads(await socket.read_message())
            if said.get("method") == "log.entryAdded" and said["params"]["level"] == "error":
                faults.append((said["params"]["source"].get("context"), said["params"]["text"]))
            if said.get("id") == number:
                assert said["type"] == "success", said
                return said["result"]

    await ask("session.new", capabilities={})
    await ask("session.subscribe", events=["log.entryAdded"])
    tab = (await ask("browsingContext.getTree"))["contexts"][0]["context"]
    await ask("browsingContext.navigate", context=tab, url=PAGE.as_uri(), wait="complete")

    async def call(function, *texts):
        answer = await ask(
            "script.callFunction",
            functionDeclaration=function,
            arguments=[{"type": "string", "value": text} for text in texts],
            target={"context": tab},
            awaitPromise=True,
        )
        return json.loads(answer["result"]["value"])

    screen = await call(SCREEN)
    shown = {choice: await call(SHOWN, choice) for choice in CHOICES}
    shown["many"] = await call(SAID)
    await call(SHOWN, SHORT)
    loss = train(Experiment.parse(SHORT)).train_error[-1]
    shown["valley"] = await call(VALLEY, str(loss))
    shown["made"] = [await call(MADE, name) for name in ("Card as PNG", "Film as GIF")]
    shown["start"] = await call(SHOWN, START)
    shown["changed"] = {run: await call(CHANGED, *how) for *how, run in BRANCHES}
    shown["refused"] = await call(REFUSED, "#lab-controls [name=rate]", "fast")
    shown["changed"] |= {run: await call(CHANGED, *how) for *how, run in FORM}
    socket.close()
    own = [text for context, text in faults if context == tab]  # not Firefox's
    return shown, own, screen


@pytest.fixture(scope="module")
def conversation(tmp_path_factory):
    profile = tmp_path_factory.mktemp("firefox")
    command = [FIREFOX, "--headless", "--no-remote", "--remote-debugging-port=0"]
    said = profile / "said.txt"
    with own_home() as home:
        with said.open("w") as stream:
            process = subprocess.Popen(
                [*command, "--profile", profile],
                stdout=subprocess.DEVNULL,
                stderr=stream,
                env=home | {"HOME": str(profile)},
            )
        try:
            address = find_address(process, said)
            # In a thread of its own: a Chromium that other tests opened has the loop of this one.
            with ThreadPoolExecutor() as pool:
                return pool.submit(asyncio.run, asyncio.wait_for(converse(address), 150)).result()
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def find_address(process, said):
    """Where a Firefox listens, once it says so."""
    for _ in range(1200):
        text = said.read_text(errors="replace")
        listening = re.search(r"listening on (ws://\S+)", text)
        if listening:
            return listening[1]
        if process.poll() is not None:
            break
        sleep(0.1)
    pytest.fail(f"Firefox does not listen. It said: {text}")


@pytest.mark.parametrize("choice", CHOICES)
def test_firefox_has_the_same_bits(conversation, choice):
    checksum, python = conversation[0][choice]
    names = {}
    with warnings.catch_warnings(action="ignore"):  # that it overflows
        exec(python, names)
    assert checksum == names["history"].checksum()


@pytest.mark.parametrize("run", [run for *_, run in (*BRANCHES, *FORM)])
def test_firefox_goes_on_and_fills_in(conversation, run):
    checksum, python = conversation[0]["changed"][run]
    names = {}
    exec(python, names)
    assert names["history"].experiment == Experiment.parse(run)
    assert checksum == train(Experiment.parse(run)).checksum()


def test_firefox_refuses_what_is_no_number(conversation):
    shown = conversation[0]
    invalid, said, state, checksum = shown["refused"]
    assert invalid == "true"
    assert said.startswith("“fast” is not allowed. Allowed is a number from 0.000001 to 1000.")
    assert (state, checksum) == ("done", shown["start"][0])


def test_firefox_tries_other_rates_and_seeds(conversation):
    rates, seeds, height = conversation[0]["many"]
    low, high = map(float, re.search(r"calm up to (\S+), shakes from (\S+)", rates).groups())
    found = [
        outcome(run) for run in train_many(Experiment(f1, 3, rate, 200) for rate in (low, high))
    ]
    assert found == ["stable", "oscillation"]
    runs = train_many(Experiment(f1, 3, 1, 200).starting(data=k) for k in range(1, 21))
    assert f"half are below {np.median([run.last_error for run in runs]):.3g}." in seeds
    assert height == "12px"


def test_firefox_shows_the_valley(conversation):
    history = train(Experiment(f1, 3, 1, 30))
    said = conversation[0]["valley"]
    assert said[1] == f"sharpness {find_valley(history, 30).sharpness:.3f}"
    assert said[4] == "to the other side, nearer"


def test_firefox_makes_a_card_and_a_film(conversation):
    card, film = conversation[0]["made"]
    assert card == ["image/png", 1200, 630]
    assert film == ["image/gif", 800, 400]


def test_firefox_complains_of_nothing(conversation):
    assert conversation[1] == []


def test_firefox_plays_the_first_run_and_shows_pictures_in_rows(conversation):
    screen = conversation[2]
    assert 5 < screen["epoch"] <= 781
    columns = screen["columns"]
    assert columns >= 2
    for tops in screen["seen"]:
        for n, top in enumerate(tops[: len(tops) // columns * columns]):
            assert top == pytest.approx(tops[n - n % columns], abs=0.6)


def test_the_sidebar_in_firefox_opens_and_keeps_its_width(conversation):
    screen = conversation[2]
    assert screen["hidden"]
    assert len(set(screen["widths"])) == 1 and screen["widths"][0] > 200
