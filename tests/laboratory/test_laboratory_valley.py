"""The panels of the valley and of the map, as they follow the cursor."""

import re

import numpy as np
import pytest
from conftest import settle, watched
from laboratory_scripts import open_tab, write_page
from snapshots import ROOT

from nnlib import Experiment, f1, f2, train
from nnlib.landscape.valley import _look, find_map, find_valley
from nnlib.network import pack

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Valley</title>
<link rel="stylesheet" href="{lab}/laboratory.css">
<div id="lab"></div>
<script src="lab.js"></script>
<script>
  let history, panels, asked = 0, answered = 0;
  const trainer = lab.trainer.makeTrainer({{
    onStart(run) {{ history = run; }},
    onPiece() {{ panels.show(history); }},
    onDone() {{ panels.show(history, null, []); }},
  }});
  panels = lab.panels.makePanels(document.getElementById("lab"), {{
    only: ["valley", "map"],
    onSurvey(given, onAnswer) {{
      asked++;
      trainer.ask("valley", given, (answer) => {{ answered++; onAnswer(answer); }});
    }},
  }});
  function choose(hash, epoch) {{
    panels.moveTo(epoch);
    trainer.run(lab.address.read(hash).state);
  }}
</script>
"""


@pytest.fixture(scope="module")
def tab(browser, tmp_path_factory):
    text = PAGE.format(lab=(ROOT / "book" / "lab").as_uri())
    file = write_page(tmp_path_factory.mktemp("valley"), text)
    with open_tab(browser, file, viewport={"width": 900, "height": 700}) as tab:
        yield tab


@pytest.fixture
def page(tab):
    with watched(tab) as page:
        yield page


def panel(page, title):
    return page.locator("figure.lab-panel", has=page.get_by_text(title, exact=True))


def choose(page, f, h, rate, epochs, epoch):
    """A run of the page and its cursor, and the same run of nnlib."""
    page.evaluate(
        "([hash, epoch]) => choose(hash, epoch)",
        [f"#f={f.__name__}&h={h}&rate={rate}&epochs={epochs}", epoch],
    )
    return train(Experiment(f, h, rate, epochs))


def wait_for(page, history, epoch):
    """Until the valley says what the loss is, at four digits, and the map shows the way there."""
    digits = f"{history.train_error[epoch]:.3e}".split("e")[0].replace(".", "")
    page.wait_for_function(
        """([digits, steps]) => {
            const [loss] = document.querySelectorAll(".lab-value");
            const [way] = document.querySelectorAll("figure:nth-of-type(2) .lab-curves > path");
            return loss && loss.textContent.replace(/[.]|^0[.]0*/g, "").includes(digits)
                && (way?.getAttribute("d") ?? "").split("L").length === steps + 1;
        }""",
        arg=[digits, min(epoch, 40)],
    )


def place(page, title):
    """Where the ball is, as shares of the picture, from its lower left corner."""
    return panel(page, title).evaluate(
        """(figure) => {
            const curves = figure.querySelector(".lab-curves");
            const { e, f } = curves.lastElementChild.transform.baseVal[0].matrix;
            return [e / curves.getAttribute("width"), 1 - f / curves.getAttribute("height")];
        }"""
    )


def test_a_kept_run_lies_there_as_well(page):
    """Where its weights are, as seen from the run; and its loss, in brackets."""
    kept = choose(page, f1, 3, 1, 300, 250)
    wait_for(page, kept, 250)
    page.evaluate("kept = history")
    history = choose(page, f1, 3, 0.98, 300, 250)
    wait_for(page, history, 250)
    page.evaluate("panels.show(history, kept)")
    brackets = panel(page, "The valley").locator(".lab-value").first.filter(has_text="(")
    brackets.wait_for()
    loss = float(re.search(r"\((.*)\)", brackets.inner_text())[1])
    assert loss == pytest.approx(kept.train_error[250], rel=1e-3)
    here, _, sharpest, _, ball = _look(history, 250)
    half = find_valley(history, 250).across[-1]
    places = (_weights(kept, range(210, 251)) - here) @ sharpest + ball
    seen = page.evaluate(
        """() => [...document.querySelectorAll(".lab-kept > g")].map((ball) => {
            const width = Number(ball.closest(".lab-curves").getAttribute("width"));
            return ball.transform.baseVal[0].matrix.e / width;
        })"""
    )
    reach = find_map(history, 250).across[-1]
    assert seen == pytest.approx([(places[-1] / a + 1) / 2 for a in (half, reach)], abs=0.01)
    way = panel(page, "Map of the loss").locator(".lab-kept > path").get_attribute("d")
    assert way.count("L") == 40
    choose(page, f1, 4, 1, 300, 250)  # with other neurons it has no place there
    wait_for(page, train(Experiment(f1, 4, 1, 300)), 250)
    page.evaluate("panels.show(history, kept)")
    settle(page, 200)
    assert "(" not in values(page, "The valley")[0]


def _weights(history, epochs):
    return np.array([pack(history.U[epoch], history.V[epoch]) for epoch in epochs])


def values(page, title):
    return panel(page, title).locator(".lab-value").all_inner_texts()


@pytest.mark.parametrize(
    ("run", "epoch", "step"),
    [
        ((f1, 3, 1, 1000), 754, "to the other side, farther away"),
        ((f1, 3, 1, 1000), 300, "to the other side, nearer"),
        ((f1, 3, 0.1, 300), 30, "nearer to the bottom"),
        ((f2, 20, 0.05, 500), 400, "to the other side, nearer"),
    ],
)
def test_the_ball_lies_where_the_run_is(page, run, epoch, step):
    history = choose(page, *run, epoch)
    valley, around = find_valley(history, epoch), find_map(history, epoch)
    wait_for(page, history, epoch)
    assert values(page, "The valley")[4] == step
    assert values(page, "The valley")[1].startswith("sharpness ")
    x, y = place(page, "The valley")
    half, high = valley.across[-1], valley.sharpness / 2 * valley.across[-1] ** 2
    assert x == pytest.approx((valley.way[-1] + half) / (2 * half), abs=0.01)
    height = valley.way_loss[-1] - valley.bottom
    assert y == pytest.approx((height / high + 0.1) / 1.3, abs=0.01)
    x, y = place(page, "Map of the loss")
    assert x == pytest.approx((around.way[-1, 0] / around.across[-1] + 1) / 2, abs=0.01)
    assert y == pytest.approx(0.8, abs=0.01)  # a fifth of the picture lies ahead


def test_it_follows_the_cursor_and_never_asks_faster_than_it_is_answered(page):
    history = choose(page, f2, 20, 0.05, 500, 0)
    wait_for(page, history, 0)
    page.evaluate("asked = answered = 0")
    most = page.evaluate(
        """async () => {
            let most = 0;
            for (let epoch = 1; epoch <= 60; epoch++) {
                panels.moveTo(epoch);
                await new Promise(requestAnimationFrame);
                most = Math.max(most, asked - answered);
            }
            return most;
        }"""
    )
    wait_for(page, history, 60)
    assert most == 1
    valley = find_valley(history, 60)
    assert place(page, "The valley")[0] == pytest.approx(
        (valley.way[-1] / valley.across[-1] + 1) / 2, abs=0.01
    )


@pytest.mark.filterwarnings("ignore:.*overflows")
def test_where_there_is_no_number_left(page):
    history = choose(page, f1, 3, 0.1, 50, 50)
    wait_for(page, history, 50)
    choose(page, f1, 3, 50, 200, 200)
    for title in ("The valley", "Map of the loss"):
        note = panel(page, title).get_by_text("at epoch 90 there is no number left")
        note.wait_for()
        assert not panel(page, title).locator(".lab-curves").is_visible()
        assert set(values(page, title)) <= {"–", "", "no number there"}
    page.evaluate("panels.moveTo(20)")  # back to where there is
    page.wait_for_function("!document.querySelector('.lab-note').textContent")
    assert panel(page, "The valley").locator(".lab-curves").is_visible()


def test_a_run_that_was_stopped_has_a_valley_as_well(page):
    choose(page, f2, 20, 0.05, 20000, 40)
    page.wait_for_function("history?.epochs === 20000 && history.count > 40")
    page.evaluate("trainer.stop(); history.stopped = true; panels.show(history)")
    wait_for(page, train(Experiment(f2, 20, 0.05, 40)), 40)


def test_the_valley_in_words(page):
    history = choose(page, f1, 3, 1, 1000, 754)
    wait_for(page, history, 754)
    settle(page, 200)
    said = [
        panel(page, title).locator(".lab-picture") for title in ("The valley", "Map of the loss")
    ]
    first, second = (image.get_attribute("aria-label") for image in said)
    assert first.startswith("The valley, epochs 0 to 1000. At epoch 754: loss 0.0006037, ")
    assert "its parabola sharpness 2.230, 2 / rate 2.000" in first
    assert first.endswith("next step to the other side, farther away.")
    assert re.search(r": way 40 epochs, loss from 0\.000\d+ to 0\.000\d+\.$", second)
