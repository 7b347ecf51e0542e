"""The modules of the laboratory, as one script that gives a page of a test each by its name."""

import json
from contextlib import contextmanager

import laboratory  # the extension of Sphinx

STANDARD = {  # what holds if nothing is chosen, but for the cursor, which is at the beginning
    "f": "f1",
    "h": 3,
    "rate": 0.1,
    "epochs": 1000,
    "samples": 1000,
    "inputs": "uniform",
    "noise": 0,
    "outliers": 0,
    "units": "plain",
    "data": "standard",
    "weights": "standard",
    "scale": 1,
    "start": "document",
    "order": "drawn",
    "optimizer": "descent",
    "beta": 0.9,
    "beta1": 0.9,
    "beta2": 0.999,
    "epsilon": 1e-8,
    "decay": 0.01,
    "slope": 1e-4,
    "small": 0.1,
    "large": 1,
    "up": 1,
    "down": 0.5,
    "patience": 10,
    "schedule": "constant",
    "parts": 3,
    "drop": 0.1,
    "half": 100,
    "batch": 0,
    "shuffle": "0",
    "penalty": 0,
    "seeds": "none",
    "at": "",
    "epoch": 0,
}
NAMES = {path.stem for path in laboratory.SCRIPTS.glob("*.js")} - {*laboratory.ENTRIES, "worker"}


def write_script(path):
    """Write it; what begins by itself is left out."""
    places = {name: (laboratory.SCRIPTS / f"{name}.js").as_uri() for name in sorted(NAMES)}
    lines = [f"import * as ${name} from {json.dumps(place)};" for name, place in places.items()]
    named = ", ".join(f"{name}: ${name}" for name in places)
    module = path.with_name(f"{path.stem}-modules.js")
    module.write_text("\n".join([*lines, f"globalThis.lab = {{ {named} }};\n"]), encoding="utf-8")
    path.write_text(laboratory.bundle(module), encoding="utf-8")


def write_page(folder, text):
    """Write a page of a test, with the script beside it as lab.js; where it lies."""
    write_script(folder / "lab.js")
    page = folder / "laboratory.html"
    page.write_text(text, encoding="utf-8")
    return page


@contextmanager
def open_tab(browser, page, **options):
    """One tab for the tests of a module, as to open one takes longer than most of them."""
    tab = browser.new_page(**options)
    tab.goto(page.as_uri())
    yield tab
    tab.close()
