"""Start-up time until the first page: `make bench-start` compares it with an old version.

`make run` is started with everything installed, the files in the disk's cache, no engine, and a
runs folder with one finished run. A Chromium that is open already asks for the overview every
50 ms, with nothing in its cache. The largest picture or text is painted when Chromium says so
(largest-contentful-paint); the page is whole when its chart is drawn, too. The two revisions take
turns. Times are of this machine in this hour.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from statistics import median
from typing import NamedTuple

import numpy as np
import psutil
from playwright.sync_api import Browser, Error, Page, sync_playwright

from benchmarks.trees import PROJECT, lend_environment, worktree

sys.path[:0] = [str(PROJECT / place) for place in ("tests/support", "")]

from chromium_options import chromium_arguments, chromium_path  # noqa: E402
from made_runs import done  # noqa: E402
from visitors import settle  # noqa: E402

from fmnist_core.dataset import load  # noqa: E402
from fmnist_core.runs import RunStore  # noqa: E402

STARTS = 10
# The last commit whose engine loaded TensorFlow while the first page was drawn.
BASELINE = "4a4241d"
AIM_SECONDS, LATER_SECONDS = 3.0, 2.0
RETRY_MS = 50
LONGEST_SECONDS = 120.0
PORT = 8790
STARTING = "The dashboard is starting"
# Runs in every Python of the start: notes when it began, and in the dashboard when the engine is
# ready, which nothing outside could see.
PROBE = """
import os, sys, threading, time
def note(what):
    with open(os.environ["START_NOTES"], "a") as notes:
        notes.write(f"{what} {time.time()}\\n")
note("python")
def watch():
    while True:
        time.sleep(0.1)
        engine = getattr(sys.modules.get("fmnist_core.engine"), "Engine", None)
        context = sys.modules.get("ui.services")
        if engine and hasattr(context, "engine") and context.engine().state().state == "ready":
            return note("ready")
if any("streamlit" in word or "serve.py" in word for word in sys.orig_argv):
    threading.Thread(target=watch, daemon=True).start()
"""
OBSERVE = """
window.painted = [];
new PerformanceObserver((list) => window.painted.push(...list.getEntries()))
  .observe({type: 'largest-contentful-paint', buffered: true});
"""
READ_TIMES = """() => {
  const last = window.painted.at(-1);
  const [opened] = performance.getEntriesByType('navigation');
  return {
    requested: performance.timeOrigin / 1000,
    byte: (performance.timeOrigin + opened.responseStart) / 1000,
    painted: (performance.timeOrigin + last.startTime) / 1000,
    what: last.element ? last.element.tagName.toLowerCase() : 'something gone',
  };
}"""


class Start(NamedTuple):
    """The seconds of one start, each from the end of the part before; ``ready`` from `make` on."""

    make: float
    checks: float
    imports: float
    first_byte: float
    painted: float
    total: float
    whole: float
    ready: float
    pythons: float
    what: str


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("starts", nargs="?", type=int, default=STARTS, help="how many")
    parser.add_argument("--before", default=BASELINE, help="a revision to compare with, or none")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        browser = playwright.chromium.launch(
            executable_path=chromium_path(), args=chromium_arguments()
        )
        if options.before == "none":
            starts = _measure(browser, folder, {"now": PROJECT}, options.starts)
        else:
            with worktree(options.before, folder / "tree") as tree:
                lend_environment(tree)
                trees = {"before": tree, "now": PROJECT}
                starts = _measure(browser, folder, trees, options.starts)
        browser.close()
    _print_table(starts)


def _measure(
    browser: Browser, folder: Path, trees: dict[str, Path], count: int
) -> dict[str, list[Start]]:
    labels = np.asarray(load().test_labels)
    (folder / "probe").mkdir()
    (folder / "probe" / "sitecustomize.py").write_text(PROBE)
    starts: dict[str, list[Start]] = {name: [] for name in trees}
    # The first one of each compiles its files and reads the disk.
    for turn in range(count + 1):
        for name, tree in trees.items():
            start_folder = folder / f"{name}-{turn}"
            done(RunStore(start_folder / "runs"), labels)
            start = _start(browser, tree, start_folder, folder / "probe")
            print(
                f"{name:<7}{turn or 'warm-up':>8}: painted after {start.total:.2f} s, "
                f"engine ready after {start.ready:.1f} s",
                file=sys.stderr,
                flush=True,
            )
            if turn:
                starts[name].append(start)
    return starts


def _start(browser: Browser, tree: Path, folder: Path, probe: Path) -> Start:
    """Start a dashboard, open its page, and end it with its engine."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.add_init_script(OBSERVE)
    runs, notes = folder / "runs", folder / "notes"
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("MAKE") and name not in ("PYTHON", "FMNIST_SCHEDULER")
    }
    environment |= {"PYTHONPATH": str(probe), "START_NOTES": str(notes), "PORT": str(PORT)}
    started_at = time.time()
    make = subprocess.Popen(
        ["make", "run"],
        cwd=tree,
        env={**environment, "FMNIST_RUNS_DIR": str(runs)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    printed_at: dict[str, float] = {}

    def listen() -> None:
        assert make.stdout is not None
        for line in make.stdout:
            if line.startswith(STARTING):
                printed_at["starting"] = time.time()

    threading.Thread(target=listen, daemon=True).start()
    try:
        _open(page, f"http://127.0.0.1:{PORT}")
        settle(page)
        page.locator(".js-plotly-plot .main-svg").first.wait_for()
        chart_drawn_at = time.time()
        page.wait_for_timeout(500)
        page_times = page.evaluate(READ_TIMES)
        ready = _wait_for_note(notes, "ready")
    finally:
        os.killpg(make.pid, signal.SIGINT)
        make.wait(30)
        _end_engine(runs)
        page.context.close()
    python_starts = [
        started for started in _notes(notes, "python") if started <= printed_at["starting"] + 0.05
    ]
    return Start(
        make=python_starts[0] - started_at,
        checks=printed_at["starting"] - python_starts[0],
        imports=page_times["requested"] - printed_at["starting"],
        first_byte=page_times["byte"] - page_times["requested"],
        painted=page_times["painted"] - page_times["byte"],
        total=page_times["painted"] - started_at,
        whole=chart_drawn_at - started_at,
        ready=ready - started_at,
        pythons=len(python_starts),
        what=page_times["what"],
    )


def _open(page: Page, url: str) -> None:
    end = time.monotonic() + LONGEST_SECONDS
    while True:
        try:
            page.goto(url, wait_until="commit")
        except Error:
            if time.monotonic() > end:
                raise
            time.sleep(RETRY_MS / 1000)
        else:
            return


def _notes(notes: Path, event: str) -> list[float]:
    lines = notes.read_text().splitlines() if notes.exists() else []
    return [float(line.split()[1]) for line in lines if line.startswith(f"{event} ")]


def _wait_for_note(notes: Path, event: str) -> float:
    end = time.monotonic() + LONGEST_SECONDS
    while not _notes(notes, event):
        if time.monotonic() > end:
            raise TimeoutError(f"no {event} within {LONGEST_SECONDS} s")
        time.sleep(0.1)
    return _notes(notes, event)[0]


def _end_engine(runs: Path) -> None:
    """End all processes that inherited this runs folder, and those that they start meanwhile."""
    for _ in range(3):
        killed = []
        for process in psutil.process_iter():
            try:
                if process.environ().get("FMNIST_RUNS_DIR") == str(runs):
                    process.kill()
                    killed.append(process)
            except psutil.Error:
                continue
        psutil.wait_procs(killed, timeout=10)


def _print_table(starts: dict[str, list[Start]]) -> None:
    names = list(starts)
    print(f"\n{'median, seconds':<44}" + "".join(f"{name:>12}" for name in names))
    lines = {
        "make, until the first Python begins": "make",
        "checks": "checks",
        "imports, until the browser is let in": "imports",
        "first byte": "first_byte",
        "painted": "painted",
        "largest picture painted, in all": "total",
        "the whole page with its chart, in all": "whole",
        "engine ready, in all": "ready",
        "Python processes before the server": "pythons",
    }
    for heading, field in lines.items():
        values = [median(getattr(start, field) for start in starts[name]) for name in names]
        digits = 0 if field == "pythons" else 2
        print(f"{heading:<44}" + "".join(f"{value:>12.{digits}f}" for value in values))
    totals = [start.total for start in starts["now"]]
    print(f"now, fastest and slowest: {min(totals):.2f} and {max(totals):.2f} s")
    print(f"the largest is a {starts['now'][-1].what}; {len(totals)} starts of each, in turns")
    print(f"load of this machine in the last 15 minutes: {os.getloadavg()[2]:.1f}")
    print(f"aims: painted in {AIM_SECONDS} s; engine ready {LATER_SECONDS} s later at most")


if __name__ == "__main__":
    main()
