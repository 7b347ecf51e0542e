"""The address of the laboratory: there and back without a bit lost, and safe against anything."""

import json
import random
from dataclasses import fields

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from laboratory_scripts import STANDARD, write_script

from nnlib import Experiment
from nnlib.kernel import OPTIMIZERS as COMPILED
from nnlib.optimizers import OPTIMIZERS, SCHEDULES, Constant
from nnlib.report.display import _LIMITS
from nnlib.start import STARTS

# The page says what it reads, in its elements, as the laboratory does.
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Address</title>
<p id="messages"></p><p id="address"></p>
<script src="lab.js"></script>
<script>
  const watched = [globalThis, Object.prototype, Array.prototype];
  const names = () => JSON.stringify(watched.map(Object.getOwnPropertyNames));
  const count = () => document.querySelectorAll("*").length;
  const [messagesAt, addressAt] = document.querySelectorAll("p");
  const [before, elements] = [names(), count()];
  function read() {{
    const {{ state, messages }} = lab.address.read(location.hash);
    messagesAt.replaceChildren(...messages.map((text) => lab.elements.make("span", {{}}, text)));
    const address = addressAt.textContent = lab.address.write(state);
    const again = lab.address.read(address);
    const same = JSON.stringify(again.state) === JSON.stringify(state) && !again.messages.length;
    return {{ messages, address, same, changed: before !== names(), more: count() - elements }};
  }}
  read();
</script>
"""


@pytest.fixture(scope="module")
def page(browser, tmp_path_factory):
    file = tmp_path_factory.mktemp("address") / "address.html"
    write_script(file.with_name("lab.js"))
    file.write_text(PAGE.format(), encoding="utf-8")
    page = browser.new_page()
    page.faults = []
    page.on("dialog", lambda dialog: (page.faults.append(dialog.message), dialog.dismiss()))
    page.on("console", lambda said: said.type == "error" and page.faults.append(said.text))
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.goto(file.as_uri())
    yield page
    page.close()


def numbers(least, most):
    return st.floats(least, most).map(lambda x: x + 0.0)  # -0 is written as 0


SEEDS = st.integers(0, 2**64 - 1).map(str)
POINTS = st.lists(st.tuples(numbers(-5, 5), numbers(-100, 100)).map(list), min_size=1, max_size=9)
CURVES = st.lists(numbers(-100, 100), min_size=2, max_size=41)
TARGETS = st.sampled_from(["f1", "f2"]) | CURVES | POINTS


@st.composite
def states(draw):
    epochs, samples, f = draw(st.integers(1, 50_000)), draw(st.integers(1, 1000)), draw(TARGETS)
    points = isinstance(f[0], list)  # which are all samples there are
    if points:
        samples = len(f)
    optimizer = OPTIMIZERS[draw(st.sampled_from(COMPILED))]
    schedule = SCHEDULES[draw(st.sampled_from([*SCHEDULES]))] if optimizer.scheduled else Constant
    batch = draw(st.integers(0, samples)) if optimizer.batches else 0
    of_samples = {
        "samples": samples,
        "inputs": draw(st.sampled_from(["uniform", "grid", "gap", "side"])),
        "noise": draw(numbers(0, 10)),
        "outliers": draw(numbers(0, 1)),
        "data": draw(st.just("standard") | SEEDS),
    }
    return STANDARD | {
        **({} if points else of_samples),
        "f": f,
        "h": draw(st.integers(2, 20)),
        "rate": draw(numbers(1e-6, 1e3)),
        "epochs": epochs,
        "units": draw(st.sampled_from(["plain", "inputs", "outputs", "both"])),
        "weights": draw(st.just("standard") | SEEDS),
        "scale": draw(numbers(1, 100)),
        "start": draw(st.sampled_from([*STARTS])),
        "order": draw(st.just("drawn") | SEEDS),
        "optimizer": optimizer.name,
        "schedule": schedule.name,
        **{
            one.name: draw(
                (st.integers if one.type in (int, "int") else numbers)(*_LIMITS[one.name])
            )
            for one in (*fields(optimizer), *fields(schedule))
        },
        "batch": batch,
        "shuffle": draw(SEEDS) if batch else "0",
        "penalty": draw(numbers(0, 10)),
        "epoch": draw(st.integers(0, epochs)),
    }


SHARED = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])


@SHARED
@given(batch=st.lists(states(), min_size=1, max_size=20))
def test_what_is_written_is_read_back(page, batch):
    read = page.evaluate(
        """(texts) => texts.map((text) => {
             const hash = lab.address.write(JSON.parse(text));
             const { state, messages } = lab.address.read(hash);
             return [hash, JSON.stringify(state), messages, lab.address.write(state)];
           })""",
        [json.dumps(state) for state in batch],
    )
    for state, (address, back, messages, again) in zip(batch, read, strict=True):
        assert json.loads(back) == state
        assert messages == []
        assert again == address
        given_back = dict(pair.split("=") for pair in address.removeprefix("#").split("&"))
        assert float(given_back["rate"]) == state["rate"]
        experiment = Experiment.parse(address)
        assert experiment.optimizer.name == state["optimizer"]
        for one in fields(experiment.optimizer):
            assert getattr(experiment.optimizer, one.name) == state[one.name]


def test_only_what_is_not_usual_is_named(page):
    def write(**chosen):
        return page.evaluate(
            "chosen => lab.address.write({...lab.fields.DEFAULT, ...chosen})", chosen
        )

    assert write() == "#f=f1&h=3&rate=0.1&epochs=1000"
    chosen = {"f": "f2", "h": 8, "epochs": 1200, "data": "7", "weights": "8", "epoch": 1036}
    address = "#f=f2&h=8&rate=0.1&epochs=1200&data=7&weights=8&epoch=1036"
    assert write(**chosen) == address
    assert page.evaluate("lab.address.read('').messages") == []


# What is wrong, and what it becomes.
BAD = {
    "h=99": "h=20",
    "h=1": "h=2",
    "h=-3": "h=2",
    "h=3.7": "h=4",
    "h=": "h=3",
    "h": "h=3",
    "h=NaN": "h=3",
    "h=Infinity": "h=3",
    "h=0x10": "h=3",
    "h=0b11": "h=3",
    "h=1_0": "h=3",
    "h=５": "h=3",
    "h=٥": "h=3",
    "h=five": "h=3",
    "h=5;6": "h=3",
    "h=5,6": "h=6",
    "h=5,600": "h=3",
    "h=5=6": "h=3",
    "h=--5": "h=3",
    "h=%": "h=3",
    "h=%35%zz": "h=3",
    "h=%E0%A4%A": "h=3",
    "h=%00": "h=3",
    "h=null": "h=3",
    "h=undefined": "h=3",
    "h=[object Object]": "h=3",
    "h=__proto__": "h=3",
    "h=2&h=3": "h=2",
    "h=4&h=4": "h=4",
    "rate=0": "rate=0.000001",
    "rate=-1": "rate=0.000001",
    "rate=1e-999": "rate=0.000001",
    "rate=1e999": "rate=1000",
    "rate=-1e999": "rate=0.000001",
    "rate=1e": "rate=0.1",
    "rate=e5": "rate=0.1",
    "rate=.": "rate=0.1",
    "rate=1..2": "rate=0.1",
    "rate=1,000": "rate=0.1",
    "rate=0,5,": "rate=0.1",
    "rate=1/2": "rate=0.1",
    "rate=2*3": "rate=0.1",
    "rate=1 2": "rate=0.1",
    "rate=0.1f": "rate=0.1",
    "rate=+-1": "rate=0.1",
    "rate=∞": "rate=0.1",
    "rate=½": "rate=0.1",
    "rate=1001": "rate=1000",
    "rate=" + "9" * 10_000: "rate=1000",
    "rate=" + "a" * 10_000: "rate=0.1",
    "epochs=0": "epochs=1",
    "epochs=-5": "epochs=1",
    "epochs=50001": "epochs=50000",
    "epochs=1e9": "epochs=50000",
    "epochs=1000.5": "epochs=1001",
    "epochs=10n": "epochs=1000",
    "samples=0": "samples=1",
    "samples=1001": "",
    "samples=all": "",
    "noise=-0.1": "",
    "noise=11": "noise=10",
    "noise=loud": "",
    "inputs=round": "",
    "inputs=1": "",
    "inputs=": "",
    "outliers=-0.1": "",
    "outliers=2": "outliers=1",
    "outliers=some": "",
    "scale=0": "",
    "scale=0.5": "",
    "scale=1000": "scale=100",
    "data=-1": "data=0",
    "data=18446744073709551616": "data=18446744073709551615",
    "data=" + "9" * 5000: "data=18446744073709551615",
    "data=1.5": "",
    "data=1e3": "",
    "data=Standard": "",
    "data=": "",
    "weights=seed": "",
    "weights=drawn": "",
    "weights=0x7": "",
    "order=standard": "",
    "order=true": "",
    "order=random": "",
    "optimizer=": "",
    "optimizer=sharpness": "",
    "optimizer=Adam": "",
    "optimizer=__proto__": "",
    "optimizer=heavy-ball&beta=1": "optimizer=heavy-ball&beta=0.9999",
    "optimizer=heavy-ball&beta=half": "optimizer=heavy-ball&beta=0.9",
    "optimizer=adam&beta=0.5": "optimizer=adam",
    "beta1=0.5": "",
    "optimizer=adam&epsilon=0": "epsilon=1e-16",
    "optimizer=armijo&batch=10": "optimizer=armijo",
    "optimizer=armijo&schedule=cosine&shuffle=4": "optimizer=armijo&schedule=cosine",
    "optimizer=rprop&schedule=cosine": "optimizer=rprop",
    "schedule=cosine&half=3": "schedule=cosine",
    "schedule=inverse&half=0": "schedule=inverse&half=0.001",
    "schedule=steps&parts=2.5": "schedule=steps",
    "batch=-1": "",
    "batch=1001": "batch=1000",
    "samples=7&batch=8": "samples=7&batch=7",
    "shuffle=7": "",
    "batch=10&shuffle=drawn": "batch=10",
    "penalty=-1": "",
    "penalty=11": "penalty=10",
    "start=standard": "",
    "epoch=1001": "",
    "epoch=-1": "epoch=0",
    "epoch=last": "",
    "epoch=500&epochs=100": "epochs=100",
    "f=f3": "f=f1",
    "f=F1": "f=f1",
    "f=": "f=f1",
    "f=1": "f=1,1",
    "f=1,": "f=f1",
    "f=,": "f=f1",
    "f=1,,2": "f=f1",
    "f=1,x,2": "f=f1",
    "f=1,NaN": "f=f1",
    "f=1,1e999": "f=1,100",
    "f=-101,101": "f=-100,100",
    "f=Math.sin(x)": "f=f1",
    "f=1:2:3": "f=f1",
    "f=1:2,3": "f=f1",
    "f=:": "f=f1",
    "f=1:,2:3": "f=f1",
    "f=a:b": "f=f1",
    "f=1:NaN": "f=f1",
    "f=-6:0,6:101": "f=-5:0,5:100",
    "f=" + ",".join(["1:7"] * 1000): "f=" + ",".join(["1:7"] * 200) + "&h",
    "f=alert(1)": "f=f1",
    "f=function(){alert(1)}()": "f=f1",
    "f=" + ",".join(["7"] * 1000): "f=" + ",".join(["7"] * 41),
    "H=5": "h=3",
    "learning_rate=1": "rate=0.1",
    "__proto__=1": "h=3",
    "constructor=1": "h=3",
    "toString=1": "h=3",
    "hasOwnProperty=1": "h=3",
    "__proto__[h]=9": "h=3",
    "constructor.prototype.h=9": "h=3",
    "=": "h=3",
    "=5": "h=3",
    "?h=5": "h=3",
    "##h=5": "h=3",
    "%=%": "h=3",
    "%23": "h=3",
    "garbage": "h=3",
    "javascript:alert(1)": "h=3",
    "<img src=x onerror=alert(1)>": "h=3",
    "h=<img src=x onerror=alert(1)>": "h=3",
    "h=%3Cscript%3Ealert(1)%3C/script%3E": "h=3",
    'h="><svg onload=alert(1)>': "h=3",
    "data=<iframe srcdoc='<script>alert(1)</script>'>": "",
    "%3Csvg%20onload%3Dalert(1)%3E=1": "h=3",
    "h=${alert(1)}": "h=3",
    "h={{alert(1)}}": "h=3",
    "h=\u202e5": "h=3",
    "h=😀" * 50: "h=3",
}


def read(page, *addresses):
    """What the page makes of addresses, once it has them: states that can be trained, no more."""
    read = page.evaluate(
        "hashes => hashes.map((hash) => { location.hash = hash; return read(); })", addresses
    )
    for found in read:
        assert found["same"]
        assert not found["changed"]
        assert found["more"] == len(found["messages"])
    assert page.inner_text("#address") == read[-1]["address"]
    assert page.faults == []
    return read


@pytest.mark.parametrize("wrong", BAD, ids=range(len(BAD)))
def test_what_is_wrong_is_said_and_replaced(page, wrong):
    [found] = read(page, wrong)
    wanted = BAD[wrong]
    assert wanted in found["address"]
    if not wanted:  # the usual, which is not written
        assert wrong.partition("=")[0] not in found["address"].replace("epochs", "")
    assert found["messages"]
    assert all(len(message) < 320 for message in found["messages"])


def test_what_does_not_go_together_is_left_out(page):
    beta, batch, shuffle = read(
        page, "optimizer=adam&beta=0.5", "optimizer=armijo&batch=10", "shuffle=1"
    )
    assert beta["address"] == "#f=f1&h=3&rate=0.1&epochs=1000&optimizer=adam"
    assert beta["messages"] == [
        "beta=0.5 is left out: it goes with optimizer=heavy-ball, nesterov or rmsprop."
    ]
    assert batch["address"] == "#f=f1&h=3&rate=0.1&epochs=1000&optimizer=armijo"
    assert batch["messages"][0].startswith("batch=10 is left out: it goes with optimizer=descent, ")
    assert shuffle["messages"] == ["shuffle=1 is left out: it goes with batches."]


def test_of_points_there_are_no_other_samples(page):
    [found] = read(page, "f=1:2,3:4&noise=0.5&units=both&samples=9")
    assert found["address"] == "#f=1:2,3:4&h=3&rate=0.1&epochs=1000&units=both"
    assert found["messages"] == [
        "samples=9 is left out: it goes with a function or a curve.",
        "noise=0.5 is left out: it goes with a function or a curve.",
    ]
    [found] = read(page, "f=1:2,3:4&seeds=data")
    assert "seeds" not in found["address"]
    assert found["messages"][0].endswith("must be one of none, weights. It is none now.")
    [found] = read(page, "f=1:2,3:4&seeds=weights")
    assert "seeds=weights" in found["address"] and found["messages"] == []
    most = ",".join(["-1.2345678901234567:-12.345678901234567"] * 200)
    [found] = read(page, f"f={most}&h=3&rate=0.1&epochs=1000")
    assert found["messages"] == [] and most in found["address"]


def test_a_decimal_comma_is_a_point(page):
    [found] = read(page, "rate=0,5")
    assert "rate=0.5" in found["address"]
    assert found["messages"] == []


def test_a_message_says_what_was_given_and_what_is_allowed(page):
    number, long, beyond = read(page, "h=99", "rate=" + "a" * 100, "epochs=10&epoch=11")
    assert number["messages"] == [
        "h=99: the number of hidden neurons, the bias unit counted, must be a whole number from 2 "
        "to 20. It is 20 now."
    ]
    assert long["messages"][0].startswith("rate=" + "a" * 40 + "…: ")
    assert "from 0 to 10" in beyond["messages"][0]


PIECES = ["h", "rate", "f", "epoch", "epochs", "data", "=", "&", "#", "%", "%41", "%ff", ",", "-"]
PIECES += ["1e999", "NaN", "0x1", "9" * 30, "__proto__", "<b>", "'", '"', "\x00", "\ud83d\ude00"]


@SHARED
@given(
    hashes=st.lists(
        st.text() | st.lists(st.sampled_from(PIECES)).map("".join), min_size=1, max_size=20
    )
)
def test_nothing_that_is_made_up_does_harm(page, hashes):
    read(page, *hashes)


def test_a_page_opens_with_it(page):
    # Not only once it is open.
    url = page.url.partition("#")[0]
    usual = sorted(wrong for wrong in BAD if not wrong.startswith("f="))
    for wrong in random.Random(1).sample(usual, 10):
        page.goto("about:blank")
        page.goto(url + "#" + wrong)
        assert page.locator("#messages > span").count() > 0
        assert page.locator("#address").text_content().startswith("#f=f1&h=")
    assert page.faults == []
