"""How long the laboratory takes, in a browser: from a choice to the picture of the whole run.

On the built book, opened from a file; `make book` comes first. In a window as many people have it,
where the pictures that are in sight are drawn first and the others a moment later, and in one that
is high enough for all of them. Medians and quartiles of several runs, beside what a frame of 60 in
a second leaves time for. The phone is this machine, slowed down six times by the browser, with a
phone's window.
"""

import sys
from itertools import product
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "book" / "_extensions"))
from chromium import open_browser

HTML = Path(__file__).parents[1] / "_build" / "html"
PAGE = HTML / "book" / "laboratory.html"
REPEATS = 15
FRAME = 1000 / 60
RUNS = {  # and how long each may take, in ms
    "(f1, 3, 1, 1000)": ("#f=f1&h=3&rate=1&epochs=1000", 25),
    "the same, changed at epoch 481": ("#f=f1&h=3&rate=1&epochs=1000&at=481:rate=0.5", 25),
    "the same with Adam": ("#f=f1&h=3&rate=1&epochs=1000&optimizer=adam", 30),
    "(f2, 8, 0.1, 1200)": ("#f=f2&h=8&rate=0.1&epochs=1200", 40),
    "(f2, 20, 0.05, 10000)": ("#f=f2&h=20&rate=0.05&epochs=10000", None),
}
SIZES = {"in sight": {"width": 1280, "height": 800}, "all": {"width": 1440, "height": 2300}}
PHONE = 6, 110
PHONE_SIZE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}

# A run is chosen by its address, or as one drags the slider of the rate, the last if it changes:
# from the one below it.
TO_ANOTHER = "#f=f1&h=2&rate=0.1&epochs=10"
SLIDE = """way => {
    const slider = [...document.querySelectorAll("[aria-label='Learning rate, slider']")].at(-1);
    slider[way]();
    slider.dispatchEvent(new Event("input", { bubbles: true }));
}"""
# Two times from the choice: to the end of the last frame in which a picture in sight changed, and
# to the end of the one with its words, links and checksum, which are written after the pictures. A
# picture that looks the same need not change. The curve of the sharpness, which is computed after
# the run, is waited for in neither, nor are valley and map, which wait for a rest, nor pictures out
# of sight.
TO_THE_PICTURE = """([address, by]) => new Promise((resolve) => {
    const lab = document.getElementById("lab");
    const epochs = address.match(/epochs=([0-9]+)/)[1];
    const note = lab.querySelector(".lab-panel .lab-note");
    const isInSight = (panel) => {
        const { top, bottom } = panel.querySelector(".lab-picture").getBoundingClientRect();
        return top < innerHeight && bottom > 0 && !panel.textContent.includes("across");
    };
    const panels = new Set([...lab.querySelectorAll(".lab-panel")].filter(isInSight));
    let picture = null;
    let isDrawn = true; // the last that has changed
    const start = performance.now();
    const since = () => performance.now() - start;
    const observer = new MutationObserver((changes) => {
        const changed = changes.some(({ target, attributeName }) =>
            attributeName !== "aria-label" && // its words, which wait for a rest
            panels.has(target.closest?.(".lab-picture")?.closest(".lab-panel")));
        const whole = note.textContent.startsWith(`after ${epochs} `);
        if (changed && whole && lab.dataset.state !== "done") {
            isDrawn = false;
            new IntersectionObserver((_, drawing) => { // after the frame
                drawing.disconnect();
                picture = since();
                isDrawn = true;
            }).observe(lab);
        }
        if (lab.dataset.state !== "done" || picture === null || !isDrawn) return;
        observer.disconnect();
        requestAnimationFrame(() => setTimeout(() => resolve([picture, since()])));
    });
    const all = { attributes: true, childList: true, characterData: true, subtree: true };
    observer.observe(lab, all);
    if (by === "address") location.hash = address;
    else (SLIDE)("stepUp");
})""".replace("SLIDE", SLIDE)
# Many runs: the map of the rates, which another h asks for, and the twenty seeds; and the time
# between pictures while the rate is dragged and the map is still to be computed.
TO_THE_MAP = """() => new Promise((resolve) => {
    const track = document.querySelector(".lab-track");
    const start = performance.now();
    new MutationObserver((_, observer) => {
        if (track.dataset.state !== "done") return;
        observer.disconnect();
        resolve(performance.now() - start);
    }).observe(track, { attributeFilter: ["data-state"] });
    location.hash = "#f=f1&h=3&rate=1&epochs=1000";
})"""
TO_THE_SEEDS = """() => new Promise((resolve) => {
    const choice = document.querySelector(".lab-seeds > select");
    const said = document.querySelector(".lab-seeds + p");
    const start = performance.now();
    new MutationObserver((_, observer) => {
        if (!said.textContent.includes("stuck")) return;
        observer.disconnect();
        requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - start)));
    }).observe(said, { childList: true });
    choice.value = "weights";
    choice.dispatchEvent(new Event("change"));
})"""
DRAG = """async frames => {
    const slider = document.querySelector("[aria-label='Learning rate, slider']");
    const times = [];
    let last = await new Promise(requestAnimationFrame);
    for (let n = 0; n < frames; n++) {
        slider.value = 300 + n;
        slider.dispatchEvent(new Event("input", { bubbles: true }));
        const now = await new Promise(requestAnimationFrame);
        times.push(now - last);
        last = now;
    }
    return times;
}"""
# The time between pictures while the cursor moves with each of them, and the longest task.
SCRUB = """async frames => {
    const slider = document.querySelector("#lab-player input[type=range]");
    const times = [];
    let longest = 0;
    new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) longest = Math.max(longest, duration);
    }).observe({ type: "longtask" });
    let last = await new Promise(requestAnimationFrame);
    for (let n = 0; n < frames; n++) {
        slider.value = Math.round((n / frames) * slider.max);
        slider.dispatchEvent(new Event("input", { bubbles: true }));
        const now = await new Promise(requestAnimationFrame);
        times.push(now - last);
        last = now;
    }
    return [times, longest];
}"""


def quartiles(times):
    """The median, and the quartiles, as text."""
    low, middle, high = np.percentile(times, (25, 50, 75))
    return f"{middle:7.1f} ({low:.1f} to {high:.1f}) ms"


def chosen(page, address, by):
    """Times to the picture and to the words, from another run each time."""
    times = []
    for _ in range(REPEATS):
        page.evaluate(TO_THE_PICTURE, [TO_ANOTHER, "address"])
        if by == "slider":
            page.evaluate(TO_THE_PICTURE, [address, "address"])
            page.evaluate(SLIDE, "stepDown")
        page.wait_for_timeout(300)
        times.append(page.evaluate(TO_THE_PICTURE, [address, by]))
        page.wait_for_timeout(300)  # while the sharpness is computed
    return zip(*times, strict=True)


def show(name, times, limit=None, late=False):
    """Print a line of the table."""
    wanted = f"; wanted: {limit:.0f}" if limit else ""
    count = f"; {sum(time > 1.5 * FRAME for time in times)} of {len(times)} late" if late else ""
    print(f"{name:<48}{quartiles(times)}{wanted}{count}", flush=True)


def open_page(browser, **options):
    """A new page, once its first run is there; and how long that took."""
    page = browser.new_context(**options).new_page()
    page.goto(PAGE.as_uri())
    page.wait_for_selector("#lab[data-state=done]")
    time = page.evaluate("performance.now()")
    page.keyboard.press("Escape")  # whoever presses a key stops what plays first
    return page, time


def measure(browser, size):
    """Print what a window of some size shows, and when."""
    opened = []
    for _ in range(REPEATS // 3):
        page, time = open_page(browser, viewport=SIZES[size])
        opened.append(time)
        page.context.close()
    page, time = open_page(browser, viewport=SIZES[size])
    show(f"opened, trained and drawn, {size}", [*opened, time], 600)
    for (name, (address, limit)), by in product(RUNS.items(), ("slider", "address")):
        if by == "slider" and not limit:
            continue  # too long to be dragged
        picture, words = chosen(page, address, by)
        show(f"{name}, by the {by}, {size}", picture, limit if by == "slider" else None)
        show("with its words and checksum", words)
    times, longest = page.evaluate(SCRUB, 300)
    show(f"a frame, scrubbing through the last, {size}", times, late=True)
    print(f"{'the longest task meanwhile':<48}{longest:7.1f} ms; wanted: 50")
    page.evaluate("location.hash = '#f=f1&h=3&rate=1&epochs=990'")
    page.wait_for_selector(".lab-track[data-state=old]")  # and the map is to be computed
    show(f"a frame, dragging the rate, {size}", page.evaluate(DRAG, 200), late=True)
    return page


def main():
    """Print the table."""
    if not PAGE.exists():
        sys.exit("This needs the built book: run `make book` first.")
    with open_browser() as browser:
        for size in SIZES:
            page = measure(browser, size)
        maps, seeds = [], []
        for _ in range(REPEATS):
            page.evaluate("location.hash = '#f=f1&h=2&rate=1&epochs=10'")
            page.wait_for_selector(".lab-track[data-state=old]")
            page.wait_for_selector(".lab-track[data-state=done]")
            maps.append(page.evaluate(TO_THE_MAP))
            seeds.append(page.evaluate(TO_THE_SEEDS))
        show("the map of the rates of (f1, 3, 1, 1000)", maps, 1500)
        show("twenty seeds of it", seeds, 300)
        page, _ = open_page(browser, **PHONE_SIZE)
        client = page.context.new_cdp_session(page)
        client.send("Emulation.setCPUThrottlingRate", {"rate": PHONE[0]})
        name, (address, _) = next(iter(RUNS.items()))
        picture, words = chosen(page, address, "slider")
        show(f"{name} on a phone", picture, PHONE[1])
        show("with its words and checksum", words)
    text = PAGE.read_text(encoding="utf-8")
    loaded = [path for path in (HTML / "_static" / "lab").iterdir() if path.name in text]
    size = sum(path.stat().st_size for path in loaded) / 1000
    print(f"{'loaded beyond the theme':<48}{size:7.1f} kB; wanted: 250")


if __name__ == "__main__":
    main()
