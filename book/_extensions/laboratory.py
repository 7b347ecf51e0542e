"""The laboratory's scripts: what nnlib gives them, and the pages that they are put on.

Every constant that the scripts need is taken from `nnlib` here, so that none is copied by hand, and
the kernel's binary comes along. What trains runs in a worker; as a page that is opened from a file
may start one from a text only, its scripts are handed to the page as a text.
"""

import json
import re
from base64 import b64encode
from pathlib import Path

from nnlib import Experiment, datasets, elementary, figures, kernel, network, outcome, start, train
from nnlib.targets import f1

SCRIPTS = Path(__file__).parents[1] / "lab"
FOLDER = "lab"  # of the book's _static
# What the worker is made of; the rest of the scripts is for pages, of which some begin what they do
# when they are loaded, and so come last.
BOTH = ("numbers", "history")
WORKER = ("sigmoid", "ziggurat", "random", "checksum", "start", "training", "curvature", "worker")
LAST = ("pieces", "laboratory", "tour")
PIECES = ("toys", "pieces")  # which only chapters have
MOST_NEURONS = 20
# Lines of nothing but a comment, which is no licence beginning with /*!, and then indentation; the
# types of what is in brackets; and what is said at the end of a line.
SPARED = re.compile(
    r"^([ \t]*(//.*|/\*(?!!)([^*]|\*(?!/))*\*/[ \t]*)?\n)+[ \t]*|^[ \t]+"
    r"|/\*\* @(?:type|param) [^*\n]*\*/ ?"
    r"|(?<=[;,{}()\[\]]) // [^\"'`\n]*$",
    re.MULTILINE,
)
USED = re.compile(r'\bid="lab"|\bclass="([^"]* )?lab-piece[ "]')


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
        "weights_seed": str(network._SEED),
        "most_seed": str(2**64 - 1),
        "noise_seed": start._NOISE_SEED,
        "deviation": network._DEVIATION,
        "outcome": {
            "zigzag": outcome.ZIGZAG,
            "seen": outcome.SEEN,
            "largest_exponent": outcome.LARGEST_EXPONENT,
        },
        "kernel": b64encode((Path(kernel.__file__).parent / "kernel.wasm").read_bytes()).decode(),
        "figures": _looks(),
    }


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


def worker_source():
    """The scripts that run in the worker, as one text."""
    return "\n".join(_read(f"{name}.js") for name in (*BOTH, *WORKER))


def page_scripts():
    """The names of the scripts that a page loads, in order, without those made by the build."""
    rest = {path.stem for path in SCRIPTS.glob("*.js")} - {*BOTH, *WORKER, *LAST}
    last = [name for name in LAST if (SCRIPTS / f"{name}.js").exists()]
    return [*BOTH, *sorted(rest), *last]


def constants_script():
    """The script that pages load first."""
    known = json.dumps({**constants(), "worker": worker_source()}, ensure_ascii=False)
    return (
        '"use strict";\n'
        f"globalThis.lab = {{ constants: {known} }};\n"  # until then the name is that of an element
        "lab.constants.page = "
        'new URL("../../book/laboratory.html", document.currentScript.src).href;\n'
    )


def write_scripts(folder):
    """Write everything that pages load into a folder.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    list of str
        The names of the scripts, in the order in which pages load them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "constants.js").write_text(constants_script(), encoding="utf-8")
    for name in page_scripts():
        (folder / f"{name}.js").write_text(_read(f"{name}.js"), encoding="utf-8")
    for path in SCRIPTS.glob("*.css"):
        (folder / path.name).write_text(_read(path.name), encoding="utf-8")
    return ["constants.js", *(f"{name}.js" for name in page_scripts())]


def _read(name):
    """A file without what only its readers need, a quarter of it. No string has several lines."""
    return SPARED.sub("", (SCRIPTS / name).read_text(encoding="utf-8"))


def write_all(app):
    """Before the pages, which name a hash of each script."""
    if app.builder.format == "html":
        write_scripts(Path(app.outdir) / "_static" / FOLDER)


def add_scripts(app, pagename, templatename, context, doctree):
    """Put the scripts on the pages that have something for them to do."""
    if app.builder.format == "html" and USED.search(context.get("body", "")):
        for path in sorted(SCRIPTS.glob("*.css")):
            app.add_css_file(f"{FOLDER}/{path.name}")
        left_out = () if "lab-piece" in context["body"] else PIECES
        for name in ["constants", *page_scripts()]:
            if name in left_out:
                continue
            app.add_js_file(f"{FOLDER}/{name}.js", loading_method="defer")


def setup(app):
    """Register it with Sphinx."""
    app.connect("builder-inited", write_all)
    app.connect("html-page-context", add_scripts)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
