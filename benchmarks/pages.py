"""Latency of clicks on pages: `make bench-pages` measures it in Chromium.

In Mistakes a run of 20 epochs is looked at, with 50 other runs in the folder. A click counts as
answered when the page shows its answer and the browser has painted it. Times are of this machine
in this hour.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

PROJECT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(PROJECT / place) for place in ("tests/support", "")]

from chromium_options import QUIET, chromium_path  # noqa: E402
from dashboards import NO_ENGINE, Dashboard  # noqa: E402
from made_histories import learned  # noqa: E402
from visitors import settle  # noqa: E402

from benchmarks.pages_compare import measure_compare  # noqa: E402
from benchmarks.pages_explore import measure_explore  # noqa: E402
from fmnist_core.dataset import CLASS_NAMES, CLASS_NOUNS, load  # noqa: E402
from fmnist_core.runs import RunStore  # noqa: E402

REPETITIONS = int(sys.argv[1]) if len(sys.argv) > 1 else 50
OTHER_RUNS = 50
EPOCHS = 20
AIM_MS = 200
FIRST_PAINT_AIM_MS = 2_500
# Does something, waits in the page until a condition holds in a painted frame, tells how long.
TIME_ACTION = """async ([action, condition]) => {
  const holds = new Function(`return (${condition})`);
  if (holds()) throw new Error(`true before the click: ${condition}`);
  const start = performance.now();
  new Function(action)();
  return new Promise((resolve, reject) => {
    const poll = () => {
      if (holds()) {
        requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - start)));
      } else if (performance.now() - start > 20000) reject(new Error(`never: ${condition}`));
      else setTimeout(poll, 4);
    };
    poll();
  });
}"""
WALL = "document.querySelectorAll('.fm-wall .fm-tile')"
HEADING = "(document.querySelector('h3')?.textContent ?? '')"
BARS = "document.querySelector('[aria-label^=\"Probabilities of the ten classes\"]')"


def main() -> None:
    """Print p50 and p95 of each action."""
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        store = RunStore(folder / "runs")
        labels = np.asarray(load().test_labels)
        for seed in range(OTHER_RUNS):
            learned(store, labels, 2, seed=seed)
        run = learned(store, labels, EPOCHS, seed=99, name="The one looked at")
        dashboard = Dashboard(store.root, folder / "log", {"FMNIST_SCHEDULER": NO_ENGINE})
        browser = playwright.chromium.launch(
            executable_path=chromium_path(), args=[*QUIET, "--no-sandbox"]
        )
        try:
            url = f"{dashboard.url}/mistakes?run={run.id}"
            print(f"{'':<30}{'p50 ms':>9}{'p95 ms':>9}   ({REPETITIONS} times each)")
            first = open_page(browser, url)
            print(f"{'open the page, the first time':<30}{first:>9.0f}")
            report("open the page", [open_page(browser, url) for _ in range(REPETITIONS)])
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.goto(url)
            page.locator(".fm-tile").first.wait_for()
            page.wait_for_timeout(1_000)
            measure(page)
            measure_explore(browser, dashboard.url, REPETITIONS, report, TIME_ACTION, settle)
            print(f"aims: first paint {FIRST_PAINT_AIM_MS} ms, clicks p95 {AIM_MS} ms")
        finally:
            browser.close()
            dashboard.end()


def report(label: str, times: list[float]) -> None:
    """One line of the table."""
    middle, high = np.percentile(times, (50, 95))
    print(f"{label:<30}{middle:>9.0f}{high:>9.0f}", flush=True)


def open_page(browser: Browser, url: str) -> float:
    """Milliseconds from an empty window with a cold cache until matrix and images are drawn."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    start = time.perf_counter()
    page.goto(url, wait_until="commit")
    page.wait_for_function(f"document.querySelector('.fm-cell') && {WALL}.length", polling=10)
    duration = 1000 * (time.perf_counter() - start)
    context.close()
    return duration


def measure(page: Page) -> None:
    """One line for each action, all on one page, as one visitor does them."""

    def timed(action: str, condition: str) -> float:
        duration: float = page.evaluate(TIME_ACTION, [action, condition])
        # The next click comes after the page has come to rest, as a person's does.
        settle(page)
        page.wait_for_timeout(300)
        settle(page)
        return duration

    def repeat(label: str, measure_once: Callable[[int], float]) -> None:
        measure_once(0)
        report(label, [measure_once(repetition) for repetition in range(1, REPETITIONS + 1)])

    def cell(repetition: int) -> float:
        # The families that networks confuse, so that no cell is empty.
        truth, predicted = ((6, 0), (2, 4), (4, 2))[repetition % 3]
        mistaken = f"taken for {CLASS_NAMES[predicted]}"
        heading = f"{CLASS_NOUNS[truth].many} {mistaken}"
        title = f"{CLASS_NAMES[truth]}, {mistaken}"
        return timed(
            f"document.querySelector('[data-cell=\"{10 * truth + predicted}\"]').click()",
            f"{HEADING}.endsWith('{heading}') && {WALL}[0]?.title.endsWith('{title}')",
        )

    repeat("click a cell", cell)

    def row(repetition: int) -> float:
        name = ("Shirt", "Pullover")[repetition % 2]
        return timed(
            f"[...document.querySelectorAll('[data-line=row]')].find(b => b.textContent === "
            f"'{name}').click()",
            f"{HEADING} === '1,000 {name.lower()}s' && {WALL}[0]?.title.includes(': {name}, ')",
        )

    repeat("click a row's name", row)

    def change_page(repetition: int) -> float:
        page_number = 2 if repetition % 2 == 0 else 1
        page.evaluate(f"window.before = {WALL}[0].title")
        return timed(
            f"document.querySelector('[aria-label=\"Page {page_number}\"]').click()",
            f"{WALL}[0].title !== window.before",
        )

    repeat("change the page", change_page)

    def open_image(repetition: int) -> float:
        if page.evaluate(f"Boolean({BARS})"):
            page.get_by_role("button", name="Back to the wall").click()
            page.wait_for_function(f"{WALL}.length >= 40 && !{BARS}")
            page.wait_for_timeout(300)
        return timed(f"{WALL}[{repetition % 30}].click()", f"{BARS}?.data")

    repeat("open a picture", open_image)

    def next_image(repetition: int) -> float:
        page.evaluate(f"window.before = {BARS}.getAttribute('aria-label')")
        name = "Next" if repetition % 2 == 0 else "Previous"
        return timed(
            f"[...document.querySelectorAll('button')].find(b => "
            f"b.textContent.includes('{name}')).click()",
            f"{BARS}?.data && {BARS}.getAttribute('aria-label') !== window.before",
        )

    repeat("the next picture", next_image)
    page.get_by_role("button", name="Back to the wall").click()
    page.wait_for_function(f"{WALL}.length >= 40 && !{BARS}")
    cell(0)

    def slider_script(repetition: int) -> str:
        return (
            "const slider = document.querySelector('.fm-time input');"
            f"slider.value = {1 + 7 * repetition % EPOCHS};"
            "slider.dispatchEvent(new Event('input', {bubbles: true}))"
        )

    def move_matrix(repetition: int) -> float:
        page.evaluate("window.before = document.querySelector('.fm-time output').textContent")
        return timed(
            slider_script(repetition),
            "document.querySelector('.fm-time output').textContent !== window.before",
        )

    repeat("move the epoch: the matrix", move_matrix)

    def move_images(repetition: int) -> float:
        page.evaluate(f"window.before = {HEADING} + {WALL}[0].title")
        return timed(
            slider_script(repetition + 3), f"{HEADING} + {WALL}[0]?.title !== window.before"
        )

    repeat("move the epoch: the pictures", move_images)


if __name__ == "__main__":
    main()
    measure_compare(REPETITIONS)
