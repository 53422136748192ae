"""Latency of Compare in Chromium: its list of 500 runs, and 20 curves drawn anew.

The table counts as there when its canvas stands on the page that a visitor opens with an empty
cache but a warm dashboard; curves when the chart shows the other axis after the click.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np
from chromium_options import QUIET, chromium_path
from dashboards import NO_ENGINE, Dashboard
from made_histories import learned
from made_runs import SPEC, report_epochs
from playwright.sync_api import Page, sync_playwright
from visitors import settle

from fmnist_core.dataset import load
from fmnist_core.permissions import Actor
from fmnist_core.runs import RunStore, RunWriter, Summary

RUNS, CURVES, CURVE_EPOCHS = 500, 20, 20
TABLE_AIM_MS, CURVES_AIM_MS = 1_000, 500
_CHART = "document.querySelector('[aria-label^=\"Accuracy and loss of\"]')"
_TITLE = f"{_CHART}?.layout?.xaxis?.title?.text"


def measure_compare(repetitions: int) -> None:
    """Print p50 and p95 of both.

    Args:
        repetitions: how often each is measured.
    """
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        store = RunStore(folder / "runs")
        _fill(store)
        chosen = ",".join(run.id for run in store.list() if run.name.startswith("Curve"))
        dashboard = Dashboard(store.root, folder / "log", {"FMNIST_SCHEDULER": NO_ENGINE})
        browser = playwright.chromium.launch(
            executable_path=chromium_path(), args=[*QUIET, "--no-sandbox"]
        )
        try:
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.goto(f"{dashboard.url}/")
            settle(page)
            _report(
                f"list of {RUNS} runs", [_table(page) for _ in range(repetitions)], TABLE_AIM_MS
            )
            page.goto(f"{dashboard.url}/compare?runs={chosen}")
            page.wait_for_function(f"{_CHART}?.data?.length >= {2 * CURVES}")
            settle(page)
            axes = ("Step", "Time", "Epoch")
            durations = [_axis(page, axes[repetition % 3]) for repetition in range(repetitions + 1)]
            _report(f"{CURVES} curves drawn anew", durations[1:], CURVES_AIM_MS)
        finally:
            browser.close()
            dashboard.end()


def _fill(store: RunStore) -> None:
    labels = np.asarray(load().test_labels)
    for index in range(CURVES):
        learned(store, labels, CURVE_EPOCHS, seed=index, name=f"Curve {index}")
    for index in range(RUNS - CURVES):
        run = store.create(SPEC, name=f"Run {index}", by=Actor.owner())
        writer = RunWriter(store.root, run.id, run.attempt)
        report_epochs(writer, 1)
        summary = Summary(
            epochs=1,
            parameters=101_770,
            seconds=4.0,
            train_pictures=54_000,
            validation_pictures=6_000,
            test_accuracy=0.8 + index / 5_000,
        )
        writer.finish("stopped", summary)


def _table(page: Page) -> float:
    """From the click in the menu to the list of runs."""
    page.get_by_role("banner").get_by_role("link", name="Overview").click()
    page.wait_for_function("document.title.startsWith('Overview')")
    settle(page)
    page.wait_for_timeout(500)
    start = time.perf_counter()
    page.get_by_role("banner").get_by_role("link", name="Compare").click()
    page.wait_for_function(
        f"document.querySelector('.fm-runs-count')?.textContent.startsWith('{RUNS} runs')",
        polling=10,
    )
    return 1000 * (time.perf_counter() - start)


def _axis(page: Page, name: str) -> float:
    """From the click on another axis to the curves along it."""
    start = time.perf_counter()
    page.get_by_role("radio", name=name, exact=True).click()
    title = {"Step": "Step", "Time": "Seconds", "Epoch": "Epoch"}[name]
    page.wait_for_function(f"({_TITLE} ?? '').startsWith('{title}')", polling=10)
    duration = 1000 * (time.perf_counter() - start)
    settle(page)
    page.wait_for_timeout(300)
    return duration


def _report(label: str, times: list[float], aim: int) -> None:
    middle, high = np.percentile(times, (50, 95))
    print(f"{label:<30}{middle:>9.0f}{high:>9.0f}   aim {aim} ms", flush=True)
