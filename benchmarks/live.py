"""Latency of the live view: `make bench-live` measures it in Chromium on real trainings.

For each preset: from the click on *Start training* to the first thing that moves and to the first
point on the chart, from a worker's event to the pixels that show it, and from the click on *Stop*
until the run has ended and the page says so. Then the frames of a minute, and what a training pays
for its probe pictures and those of its first layer. Times are of this machine in this hour; what
must hold is that no model is an exception.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

PROJECT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(PROJECT / place) for place in ("tests/support", "")]

from chromium_options import QUIET, chromium_path  # noqa: E402
from dashboards import Dashboard  # noqa: E402

from benchmarks.first_step import wait_until_quiet  # noqa: E402
from benchmarks.live_cost import live_costs  # noqa: E402
from benchmarks.live_frames import LONG_MS, SECONDS, record_frames  # noqa: E402
from fmnist_core.presets import PRESETS  # noqa: E402
from fmnist_core.runs import BatchEvent, EpochEvent  # noqa: E402
from fmnist_core.specs import spec_text  # noqa: E402

WATCH_SECONDS = 20.0
CHART = '[aria-label="Accuracy over the epochs"]'
# Notes when each newest point is first seen in a frame.
RECORD_POINTS = f"""() => {{
  window.seen = [];
  const poll = () => {{
    if (document.querySelector(".fm-probe[data-tone]")) window.moved ??= Date.now() / 1000;
    const newest = document.querySelector('{CHART}')?.layout?.meta?.newest;
    if (newest && window.seen.at(-1)?.[0] !== newest) window.seen.push([newest, Date.now() / 1000]);
    requestAnimationFrame(poll);
  }};
  poll();
}}"""


def main() -> None:
    """Print one row a preset."""
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        dashboard = Dashboard(folder / "runs", folder / "log")
        browser = playwright.chromium.launch(
            executable_path=chromium_path(), args=[*QUIET, "--no-sandbox"]
        )
        try:
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.set_default_timeout(120_000)
            print(
                f"{'preset':<28}{'moves':>9}{'first point':>13}{'event to pixels, p50':>22}"
                f"{'p95':>8}{'Stop: run ended':>18}{'page says so':>14}"
            )
            for preset in PRESETS:
                print(f"{preset:<28}" + _row(page, dashboard, preset), flush=True)
            print(_frames(browser, page, dashboard))
        finally:
            browser.close()
            dashboard.end()
    for line in live_costs():
        print(line, flush=True)


def _start(page: Page, dashboard: Dashboard, preset: str) -> float:
    """Start a long training by a click; returns when that was, in seconds since 1970."""
    spec = PRESETS[preset]
    training = spec.training
    if training.schedule == "constant":
        # Any other plan of the learning rate is another network to compile.
        training = training.model_copy(update={"epochs": 200})
    spec = spec.model_copy(update={"training": training})
    page.goto(f"{dashboard.url}/train?new=1&config={quote(spec_text(spec))}")
    button = page.get_by_role("button", name="Start training")
    button.wait_for()
    page.evaluate(RECORD_POINTS)
    wait_until_quiet()
    clicked_at = time.time()
    button.click()
    page.wait_for_function("window.moved && window.seen.length > 0")
    return clicked_at


def _frames(browser: Browser, page: Page, dashboard: Dashboard) -> str:
    """A sentence on the frames of a minute of *CNN with dropout*, at the size of a desk."""
    _start(page, dashboard, "CNN with dropout")
    frames = record_frames(browser, page)
    _stop(page, dashboard, _run_id(page))
    return (
        f"{frames.total:,} frames in {SECONDS} s: {frames.long_count} longer than {LONG_MS} ms, "
        f"the longest {frames.longest_ms:.0f} ms; the longest task of the page "
        f"{frames.longest_task_ms:.0f} ms"
    )


def _run_id(page: Page) -> str:
    return str(re.findall("run=([0-9a-f]{32})", page.url)[0])


def _row(page: Page, dashboard: Dashboard, preset: str) -> str:
    clicked_at = _start(page, dashboard, preset)
    moved_seconds = page.evaluate("window.moved") - clicked_at
    first_seconds = page.evaluate("window.seen[0][1]") - clicked_at
    page.wait_for_timeout(1000 * WATCH_SECONDS)
    run_id = _run_id(page)
    points = page.evaluate("window.seen")
    delays = _delays(dashboard, run_id, points)
    run_seconds, page_seconds = _stop(page, dashboard, run_id)
    return (
        f"{moved_seconds:>7.2f} s{first_seconds:>11.2f} s{np.median(delays):>20.2f} s"
        f"{np.percentile(delays, 95):>6.2f} s"
        f"{run_seconds:>16.2f} s{page_seconds:>12.2f} s"
    )


def _delays(dashboard: Dashboard, run_id: str, points: list[list[float]]) -> list[float]:
    """For each event that should be on the screen, how long it took to get there."""
    events = dashboard.store.events(run_id)
    reported: list[BatchEvent | EpochEvent] = [*events.batches, *events.epochs]
    times = [event.at for event in reported if event.at <= points[-1][0]]
    return [
        next(at for newest, at in points if newest >= reported_at) - reported_at
        for reported_at in times
    ]


def _stop(page: Page, dashboard: Dashboard, run_id: str) -> tuple[float, float]:
    """Seconds from the click until the folder, and until the page, says that it has ended."""
    clicked_at = time.time()
    page.get_by_role("button", name="Stop", exact=True).click()
    record = dashboard.runs / run_id / "run.json"
    while json.loads(record.read_bytes())["state"] == "running":
        time.sleep(0.01)
    run_seconds = time.time() - clicked_at
    page.get_by_role("button", name="Resume").wait_for()
    return run_seconds, time.time() - clicked_at


if __name__ == "__main__":
    main()
