"""The laboratory's scripts: what nnlib gives them, and the pages that they are put on.

Every constant that the scripts need is taken from `nnlib` here, so that none is copied by hand, and
the kernel's binary comes along. A page that is opened from a file can load neither modules nor a
worker: so deno links the modules to one script, which has the worker's as a function whose text can
be started.
"""

import json
import re
import shutil
from base64 import b64encode
from dataclasses import MISSING, fields
from functools import cache
from pathlib import Path
from subprocess import run

from deno import find_deno_bin

from nnlib import (
    Experiment,
    animation,
    datasets,
    elementary,
    elsewhere,
    figures,
    kernel,
    network,
    optimizers,
    outcome,
    start,
    train,
)
from nnlib.landscape import valley
from nnlib.optimizers import least_squares
from nnlib.randomness import study
from nnlib.targets import f1

SCRIPTS = Path(__file__).parents[1] / "lab"
FOLDER = "lab"  # of the book's _static
# The modules that begin something, and what is on the pages that need them.
ENTRIES = {
    "laboratory": r'\bid="lab"',
    "pieces": r'\bclass="([^"]* )?lab-piece[ "]',
}
LOOKS_LIKE = "document.documentElement.classList.add('lab-page');"
MOST_NEURONS = 20
PROGRAMS = "torch", "jax", "keras", "sklearn"  # the libraries whose programs are on the page
# Settings that no program has, and which are not written within one another.
SETTINGS = {"beta": 0.8179, "beta1": 0.8191, "beta2": 0.8219, "epsilon": 0.8231, "decay": 0.8233}
SETTINGS |= {"up": 1.8237, "down": 0.8243}


def constants():
    """What the scripts have of nnlib, for both pages and worker.

    Returns
    -------
    dict
        Of what JSON can hold; doubles are written such that they are read as the same.
    """
    return {
        "elementary": {
            "beyond": elementary._BEYOND,
            "ln2_16": elementary._LN2_16,
            "power": elementary._POWER.tolist(),
            "power_rest": elementary._POWER_REST.tolist(),
            "exp_series": elementary._EXP,
            "pi_2": elementary._PI_2,
            "sin_limit": elementary._SIN_LIMIT,
            "sin_series": elementary._SIN,
            "cos_series": elementary._COS,
            "steps": elementary._STEPS,
            "end": elementary._END,
            "reach": elementary._REACH,
            "scale": float(elementary._SCALE),
            "series": [float(c) for c in elementary._SERIES],
            "table_sha256": elementary.TABLE_SHA256,
        },
        "n_train": datasets.N_TRAIN,
        "n_test": datasets.N_TEST,
        # Longer than a double: as texts.
        "train_seed": str(datasets._SEED),
        "weights_seed": str(network.SEED),
        "most_seed": str(2**64 - 1),
        "noise_seed": start._NOISE_SEED,
        "outliers": {"child": start._OUTLIERS_CHILD, "deviation": start._OUTLIERS_DEVIATION},
        "units": start.UNITS,
        "deviation": network._DEVIATION,
        "valley": {
            "steps": valley.STEPS,
            "way": valley.WAY,
            "points": valley.POINTS,
            "columns": valley.COLUMNS,
            "rows": valley.ROWS,
            "levels": valley.LEVELS,
            "least": valley.LEAST,
            "room": valley.ROOM,
            "ahead": valley.AHEAD,
        },
        "film": {"frames": animation.FRAMES, "per_second": animation.PER_SECOND},
        "optimizers": {  # in the order of the numbers that they have in the kernel
            name: {
                **_choice(optimizers.OPTIMIZERS[name]),
                "batches": optimizers.OPTIMIZERS[name].batches,
                "scheduled": optimizers.OPTIMIZERS[name].scheduled,
            }
            for name in kernel.OPTIMIZERS
        },
        "schedules": {name: _choice(kind) for name, kind in optimizers.SCHEDULES.items()},
        "spread_slope": least_squares._SLOPE,
        "elsewhere": _elsewhere(),
        "outcome": {
            "zigzag": outcome.ZIGZAG,
            "seen": outcome.SEEN,
            "largest_exponent": outcome.LARGEST_EXPONENT,
            "missed": study.STUCK,
        },
        "kernel": b64encode((Path(kernel.__file__).parent / "kernel.wasm").read_bytes()).decode(),
        "figures": _looks(),
    }


def _choice(kind):
    """What an optimizer or a schedule is, and its settings; null where there is no default."""
    about, _, _ = kind.__doc__.partition("\n")
    settings = {one.name: None if one.default is MISSING else one.default for one in fields(kind)}
    return {"about": about, "settings": settings}


def _elsewhere():
    """The programs for other libraries, with the names of what a run puts in."""
    # Numbers that no program has, and which are not written within one another.
    some = Experiment(f1, 7919, 0.8171, 10_007)
    shown = [*elsewhere.SHOWN, some.epochs]
    named = {
        str(some): "{{tuple}}",
        elsewhere._FORMULAS[f1]: "{{formula}}",
        ", ".join(map(str, shown)): "{{shown}}",
        str(some.h): "{{h}}",
        str(some.h - 1): "{{neurons}}",
        str(some.learning_rate): "{{rate}}",
        str(some.epochs): "{{epochs}}",
    }
    programs = {}
    for library in PROGRAMS:
        text = elsewhere.program(some, library)
        text = text.replace(elsewhere.called(some, library), "{{optimizer}}")
        for old, new in named.items():
            text = text.replace(old, new)
        programs[library] = text
    return {
        "names": {library: elsewhere.LIBRARIES[library]["name"] for library in PROGRAMS},
        "programs": programs,
        "optimizers": {library: _called(some, library) for library in PROGRAMS},
        "shown": list(elsewhere.SHOWN),
        "formulas": {f.__name__: text for f, text in elsewhere._FORMULAS.items()},
    }


def _called(experiment, library):
    """What each optimizer is called in a library that has it, with the names of its settings."""
    found = {}
    for name in kernel.OPTIMIZERS:
        kind = optimizers.OPTIMIZERS[name]
        own = {one.name: SETTINGS[one.name] for one in fields(kind) if one.name in SETTINGS}
        try:
            text = elsewhere.called(experiment.replaced(optimizer=kind(**own)), library)
        except ValueError:
            continue
        numbers = {"rate": experiment.learning_rate, **own}
        for setting, number in numbers.items():
            text = text.replace(str(number), f"{{{{{setting}}}}}")
        found[name] = text
    return found


def _looks():
    """How the figures of the book draw a weight, a neuron and everything that has a colour."""
    some = train(Experiment(f1, MOST_NEURONS, 0.1, 0))
    neurons = [
        {"width": style["linewidth"], **figures.look(i)}
        for i in range(MOST_NEURONS - 1)
        for style in [figures._weight(some, f"V[{i}]")[1]]
    ]
    bias = figures._weight(some, f"V[{MOST_NEURONS - 1}]")[1]
    return {
        "colors": figures.COLORS,
        "roles": {role: figures.color(role) for role in figures.ROLES},
        "neurons": neurons,  # each with its colour, marker and width
        "bias": {"color": bias["color"], "width": bias["linewidth"], "line": bias["linestyle"]},
        "lines": [figures._weight(some, f"U[0,{j}]")[1]["linestyle"] for j in (0, 1)],  # columns
    }


@cache
def link(module):
    """A module and all that it imports, as the text of one short script."""
    command = [find_deno_bin(), "bundle", "--quiet", "--no-config", "--no-lock", "--no-remote"]
    command += ["--platform=browser", "--minify", module]
    done = run(command, capture_output=True, text=True, encoding="utf-8")
    if done.returncode:  # it fetches its bundler when it is first used
        raise RuntimeError(f"deno cannot link {module}: {done.stderr.strip()}")
    return done.stdout


def bundle(module):
    """A script for pages: a module with what it imports, the constants and the worker."""
    page, worker = (
        f'function ({names}) {{"use strict";{link(one)}}}'
        for names, one in (("CONSTANTS, WORKER", module), ("CONSTANTS", SCRIPTS / "worker.js"))
    )
    return f"({page})({json.dumps(constants(), ensure_ascii=False)}, {worker});\n"


def write_all(app):
    """Before the pages, which name a hash of each script."""
    if app.builder.format == "html":
        folder = Path(app.outdir) / "_static" / FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        for name in ENTRIES:
            (folder / f"{name}.js").write_text(bundle(SCRIPTS / f"{name}.js"), encoding="utf-8")
        shutil.copy(SCRIPTS / "laboratory.css", folder)


def add_scripts(app, pagename, templatename, context, doctree):
    """Put the scripts on the pages that have something for them to do."""
    if app.builder.format == "html":
        for name, used in ENTRIES.items():
            if re.search(used, context.get("body", "")):
                app.add_css_file(f"{FOLDER}/laboratory.css")
                app.add_js_file(f"{FOLDER}/{name}.js", loading_method="defer")
                if name == "laboratory":  # before anything is shown, so that nothing moves
                    app.add_js_file(None, body=LOOKS_LIKE)


def setup(app):
    """Register it with Sphinx."""
    app.connect("builder-inited", write_all)
    app.connect("html-page-context", add_scripts)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
