"""What the dashboard does while somebody draws: nothing. `make bench-network` measures it, too.

One visitor in Chromium draws for some seconds on *Try your own*, and the processor time of the
dashboard's process meanwhile stands beside that of as many seconds in which nobody does anything.
Without an engine, so that whatever the dashboard does, it does for this visitor.
"""

from __future__ import annotations

import math
import sys
import tempfile
import time
from pathlib import Path

import psutil
from playwright.sync_api import Browser, FloatRect, Page, sync_playwright

PROJECT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(PROJECT / place) for place in ("tests/support", "")]

from chromium_options import chromium_arguments, chromium_path  # noqa: E402
from dashboards import NO_ENGINE, Dashboard  # noqa: E402
from trained_network import train_preset  # noqa: E402

from fmnist_core.dataset import load  # noqa: E402
from fmnist_core.runs import RunStore  # noqa: E402

PRESET = "CNN with dropout"
SECONDS = 10.0
ROUNDS = 3
_COUNT_ANSWERS = """() => {
  let answers = 0;
  const words = document.querySelector(".fm-answer-words");
  new MutationObserver(() => { answers += 1; }).observe(words, { childList: true, subtree: true });
  window.countAnswers = () => answers;
}"""


def main() -> None:
    """Print a row a round."""
    data = load()
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        train_preset(RunStore(folder / "runs"), data, PRESET)
        dashboard = Dashboard(folder / "runs", folder / "log", {"FMNIST_SCHEDULER": NO_ENGINE})
        browser = playwright.chromium.launch(
            executable_path=chromium_path(), args=chromium_arguments()
        )
        try:
            _measure(browser, dashboard)
        finally:
            browser.close()
            dashboard.end()


def _measure(browser: Browser, dashboard: Dashboard) -> None:
    page = browser.new_page()
    page.goto(f"{dashboard.url}/try")
    page.locator(".fm-answer-words b", has_text="–").wait_for()
    page.evaluate(_COUNT_ANSWERS)
    process = psutil.Process(dashboard.process.pid)
    # What a page brings about when it comes is over by then.
    page.wait_for_timeout(5_000)
    print(
        f"\nProcessor time of the dashboard within {SECONDS:.0f} s, {PRESET} answering in Chromium:"
    )
    print(f"{'round':<8}{'nobody draws':>14}{'one draws':>12}{'answers':>10}")
    for number in range(1, ROUNDS + 1):
        before = _used(process)
        page.wait_for_timeout(1_000 * SECONDS)
        idle, before = _used(process) - before, _used(process)
        answers = int(page.evaluate("() => window.countAnswers()"))
        _draw(page)
        drawing = _used(process) - before
        answers = int(page.evaluate("() => window.countAnswers()")) - answers
        print(f"{number:<8}{idle:>12.2f} s{drawing:>10.2f} s{answers:>10}", flush=True)


def _used(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _draw(page: Page) -> None:
    """Draw circles, as quickly as a hand does."""
    box = page.locator(".fm-pad").bounding_box()
    assert box is not None
    end = time.monotonic() + SECONDS
    angle = 0.0
    while time.monotonic() < end:
        page.mouse.move(*_place(box, angle))
        page.mouse.down()
        for _ in range(40):
            angle += 0.15
            page.mouse.move(*_place(box, angle))
            page.wait_for_timeout(16)
        page.mouse.up()
        page.get_by_role("button", name="Clear").click()


def _place(box: FloatRect, angle: float) -> tuple[float, float]:
    x, y = 0.5 + 0.3 * math.cos(angle), 0.5 + 0.35 * math.sin(1.3 * angle)
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


if __name__ == "__main__":
    main()
