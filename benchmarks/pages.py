"""How soon pages answer a click: `make bench-pages` prints it, measured in Chromium.

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
from fmnist_core.dataset import load  # noqa: E402
from fmnist_core.runs import RunStore  # noqa: E402

TIMES = int(sys.argv[1]) if len(sys.argv) > 1 else 50
OTHERS = 50
EPOCHS = 20
AIM_MS = 200
FIRST_PAINT_AIM_MS = 2_500
# Does something, waits in the page until a condition holds in a painted frame, tells how long.
TIME_IT = """async ([act, until]) => {
  const holds = new Function(`return (${until})`);
  if (holds()) throw new Error(`true before the click: ${until}`);
  const start = performance.now();
  new Function(act)();
  return new Promise((resolve, reject) => {
    const look = () => {
      if (holds()) {
        requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - start)));
      } else if (performance.now() - start > 20000) reject(new Error(`never: ${until}`));
      else setTimeout(look, 4);
    };
    look();
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
        for seed in range(OTHERS):
            learned(store, labels, 2, seed=seed)
        run = learned(store, labels, EPOCHS, seed=99, name="The one looked at")
        dashboard = Dashboard(store.root, folder / "log", {"FMNIST_SCHEDULER": NO_ENGINE})
        browser = playwright.chromium.launch(
            executable_path=chromium_path(), args=[*QUIET, "--no-sandbox"]
        )
        try:
            url = f"{dashboard.url}/mistakes?run={run.id}"
            print(f"{'':<30}{'p50 ms':>9}{'p95 ms':>9}   ({TIMES} times each)")
            first = open_page(browser, url)
            print(f"{'open the page, the first time':<30}{first:>9.0f}")
            report("open the page", [open_page(browser, url) for _ in range(TIMES)])
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.goto(url)
            page.locator(".fm-tile").first.wait_for()
            page.wait_for_timeout(1_000)
            measure(page)
            measure_explore(browser, dashboard.url, TIMES, report, TIME_IT, settle)
            print(f"aims: first paint {FIRST_PAINT_AIM_MS} ms, clicks p95 {AIM_MS} ms")
        finally:
            browser.close()
            dashboard.end()


def report(label: str, times: list[float]) -> None:
    """One line of the table."""
    middle, high = np.percentile(times, (50, 95))
    print(f"{label:<30}{middle:>9.0f}{high:>9.0f}", flush=True)


def open_page(browser: Browser, url: str) -> float:
    """From an empty window with a cold cache until the matrix and the pictures stand there."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    start = time.perf_counter()
    page.goto(url, wait_until="commit")
    page.wait_for_function(f"document.querySelector('.fm-cell') && {WALL}.length", polling=10)
    taken = 1000 * (time.perf_counter() - start)
    context.close()
    return taken


def measure(page: Page) -> None:
    """One line for each action, all on one page, as one visitor does them."""

    def timed(act: str, until: str) -> float:
        taken: float = page.evaluate(TIME_IT, [act, until])
        # The next click comes after the page has come to rest, as a person's does.
        settle(page)
        page.wait_for_timeout(300)
        settle(page)
        return taken

    def repeat(label: str, once: Callable[[int], float]) -> None:
        once(0)
        report(label, [once(number) for number in range(1, TIMES + 1)])

    def cell(number: int) -> float:
        # The families that networks confuse, so that no cell is empty.
        truth, predicted, names = (
            (6, 0, "Shirt, called T-shirt/top"),
            (2, 4, "Pullover, called Coat"),
            (4, 2, "Coat, called Pullover"),
        )[number % 3]
        return timed(
            f"document.querySelector('[data-cell=\"{10 * truth + predicted}\"]').click()",
            f"{HEADING}.endsWith('{names}') && {WALL}[0]?.title.endsWith('{names}')",
        )

    repeat("click a cell", cell)

    def row(number: int) -> float:
        name = ("Shirt", "Pullover")[number % 2]
        return timed(
            f"[...document.querySelectorAll('[data-line=row]')].find(b => b.textContent === "
            f"'{name}').click()",
            f"{HEADING} === '1,000 pictures of class {name}' "
            f"&& {WALL}[0]?.title.includes(': {name}, called ')",
        )

    repeat("click a row's name", row)

    def turn(number: int) -> float:
        wanted = 2 if number % 2 == 0 else 1
        page.evaluate(f"window.before = {WALL}[0].title")
        return timed(
            f"document.querySelector('[aria-label=\"Page {wanted}\"]').click()",
            f"{WALL}[0].title !== window.before",
        )

    repeat("change the page", turn)

    def picture(number: int) -> float:
        if page.evaluate(f"Boolean({BARS})"):
            page.get_by_role("button", name="Back to the wall").click()
            page.wait_for_function(f"{WALL}.length >= 40 && !{BARS}")
            page.wait_for_timeout(300)
        return timed(f"{WALL}[{number % 30}].click()", f"{BARS}?.data")

    repeat("open a picture", picture)

    def following(number: int) -> float:
        page.evaluate(f"window.before = {BARS}.getAttribute('aria-label')")
        name = "Next" if number % 2 == 0 else "Previous"
        return timed(
            f"[...document.querySelectorAll('button')].find(b => "
            f"b.textContent.includes('{name}')).click()",
            f"{BARS}?.data && {BARS}.getAttribute('aria-label') !== window.before",
        )

    repeat("the next picture", following)
    page.get_by_role("button", name="Back to the wall").click()
    page.wait_for_function(f"{WALL}.length >= 40 && !{BARS}")
    cell(0)

    def slide(number: int) -> str:
        return (
            "const slider = document.querySelector('.fm-time input');"
            f"slider.value = {1 + 7 * number % EPOCHS};"
            "slider.dispatchEvent(new Event('input', {bubbles: true}))"
        )

    def matrix(number: int) -> float:
        page.evaluate("window.before = document.querySelector('.fm-time output').textContent")
        return timed(
            slide(number),
            "document.querySelector('.fm-time output').textContent !== window.before",
        )

    repeat("move the epoch: the matrix", matrix)

    def wall(number: int) -> float:
        page.evaluate(f"window.before = {HEADING} + {WALL}[0].title")
        return timed(slide(number + 3), f"{HEADING} + {WALL}[0]?.title !== window.before")

    repeat("move the epoch: the pictures", wall)


if __name__ == "__main__":
    main()
    measure_compare(TIMES)
