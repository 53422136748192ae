"""Nothing moves under the pointer: what a training brings has its place before it comes.

Chromium says what moved (``layout-shift``); what moves within half a second of a click does not
count, and here nobody clicks.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from dashboards import NO_ENGINE, Dashboard, StartDashboard
from made_histories import learned
from made_runs import damaged, done, end, failed, report_batches, report_epochs, stopped
from playwright.sync_api import Page, expect
from visitors import DESKTOP, PHONE, Size, Visitors, settle

from fmnist_core.dataset import Dataset
from fmnist_core.permissions import Actor
from fmnist_core.presets import PRESETS
from fmnist_core.runs import Run, RunStore, RunWriter
from fmnist_core.specs import RunSpec

REST_MILLISECONDS = 1_000
WITHOUT_RUNS = ("/", "/train?new=1", "/compare", "/mistakes")
WITH_RUNS = (
    "/",
    "/explore",
    "/explore?picture=8&close=1",
    *(f"/explore?view={view}" for view in ("sheet", "classes", "map", "facts")),
    "/train?new=1",
    *(f"/compare?view={view}" for view in ("curves", "settings", "costs", "seeds", "together")),
    "/compare?view=pair",
    "/mistakes",
    "/mistakes?picture=17",
    *(f"/mistakes?view={view}" for view in ("classes", "sure", "luck", "suspects", "verdicts")),
    "/mistakes?view=suspects&of=train",
)
WATCH = """() => {
  const name = (node) => {
    const part = node?.nodeType === 1 ? node : node?.parentElement;
    if (!part) return "something that is gone";
    const key = part.closest("[class*=st-key-]")?.className.match(/st-key-([\\w-]+)/)?.[1];
    const text = part.textContent.trim().slice(0, 60);
    return `${part.dataset.testid ?? part.className ?? part.tagName} in ${key}: "${text}"`;
  };
  const box = ({ x, y, width, height }) => [x, y, width, height].map(Math.round).join(" ");
  window.fmShifts = [];
  window.fmChanged = performance.now();
  const shifts = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (entry.hadRecentInput) continue;
      window.fmChanged = performance.now();
      const moved = entry.sources.map(
        (one) => `${name(one.node)} from ${box(one.previousRect)} to ${box(one.currentRect)}`,
      );
      window.fmShifts.push({ value: entry.value, moved });
    }
  });
  shifts.observe({ type: "layout-shift", buffered: true });
  const changes = new MutationObserver(() => { window.fmChanged = performance.now(); });
  changes.observe(document.body, { childList: true, characterData: true, subtree: true });
}"""
RESTS = f"() => performance.now() - window.fmChanged > {REST_MILLISECONDS}"


class Tab(NamedTuple):
    """A tab and what it was opened for."""

    path: str
    page: Page

    def rest(self) -> None:
        """Wait until nothing has changed for a second."""
        self.page.wait_for_function(RESTS, polling=100)

    def says(self, text: str) -> None:
        expect(self.page.get_by_role("main")).to_contain_text(text)

    def shifts(self) -> list[str]:
        """What moved since the last time, in words."""
        found = self.page.evaluate("() => window.fmShifts.splice(0)")
        size = self.page.viewport_size
        assert size is not None
        return [
            f"{self.path} at {size['width']} × {size['height']}: {shift['value']:.4f}: {moved}"
            for shift in found
            for moved in shift["moved"] or ["?"]
        ]


@pytest.fixture(scope="module")
def steady(start_dashboard: StartDashboard, tmp_path_factory: pytest.TempPathFactory) -> Dashboard:
    """Without a run at first; the tests bring them, in their order."""
    return start_dashboard(
        tmp_path_factory.mktemp("steady") / "runs", {"FMNIST_SCHEDULER": NO_ENGINE}
    )


def open_tabs(visitors: Visitors, dashboard: Dashboard, paths: tuple[str, ...]) -> list[Tab]:
    """All in one window; they load beside each other."""
    first = visitors.open(dashboard.url + paths[0], DESKTOP)
    tabs = [Tab(paths[0], first)]
    for path in paths[1:]:
        page = first.context.new_page()
        page.goto(dashboard.url + path, wait_until="commit")
        tabs.append(Tab(path, page))
    for tab in tabs:
        settle(tab.page)
        tab.page.evaluate(WATCH)
    return tabs


def resize(tabs: list[Tab], size: Size) -> None:
    for tab in tabs:
        tab.page.set_viewport_size({"width": size[0], "height": size[1]})


def live_tab(first: Page, dashboard: Dashboard, run: Run, size: Size) -> Tab:
    """The live view of a run, at rest."""
    page = first.context.new_page()
    page.set_viewport_size({"width": size[0], "height": size[1]})
    path = f"/train?run={run.id}"
    page.goto(dashboard.url + path)
    settle(page)
    page.evaluate(WATCH)
    return Tab(path, page)


def rest(tabs: list[Tab]) -> None:
    for tab in tabs:
        tab.rest()


def what_a_training_moves(
    tabs: list[Tab], dashboard: Dashboard, spec: RunSpec, labels: np.ndarray, size: Size
) -> list[str]:
    """Let a run come, start, report and end while the tabs are at rest; returns what moved."""
    rest(tabs)
    for tab in tabs:
        tab.shifts()
    store = RunStore(dashboard.runs)
    run = store.create(spec, name=f"Seen at {size[0]}", by=Actor.owner())
    for tab in tabs:
        tab.says(run.name)
    live = live_tab(tabs[0].page, dashboard, run, size)
    live.rest()
    live.shifts()
    with RunWriter(store.root, run.id, run.attempt) as writer:
        for epoch in (1, 2):
            report_epochs(writer, epoch - 1)
            report_batches(writer, epoch, count=3)
            for tab in (*tabs, live):
                tab.says(f"Epoch {epoch} of {spec.training.epochs}")
        report_epochs(writer, 2)
        live.says("What epoch 2 changed")
        end(writer, spec, labels, "done", 2, seed=5)
    live.says("finished")
    for tab in tabs:
        expect(tab.page.locator(".fm-training")).to_have_count(0)
    rest([*tabs, live])
    moved = [shift for tab in (*tabs, live) for shift in tab.shifts()]
    live.page.close()
    return moved


def test_a_training_moves_nothing_where_nothing_was_trained_yet(
    steady: Dashboard, visitors: Visitors, data: Dataset
) -> None:
    labels = np.asarray(data.test_labels)
    tabs = open_tabs(visitors, steady, WITHOUT_RUNS)
    moved = what_a_training_moves(tabs, steady, PRESETS["LeNet"], labels, DESKTOP)
    assert not moved, "\n".join(moved)


@pytest.mark.very_slow
def test_a_training_moves_nothing_on_any_page_and_view(
    steady: Dashboard, visitors: Visitors, data: Dataset
) -> None:
    labels = np.asarray(data.test_labels)
    store = RunStore(steady.runs)
    for make in (stopped, done):
        make(store, labels)
    failed(store, "The disk is full: make room, then press Resume.")
    damaged(store)
    for seed in (1, 2):
        learned(store, labels, seed=seed)
    tabs = open_tabs(visitors, steady, WITH_RUNS)
    moved = what_a_training_moves(tabs, steady, PRESETS["Fast CNN"], labels, DESKTOP)
    resize(tabs, PHONE)
    moved += what_a_training_moves(tabs, steady, PRESETS["Best CNN"], labels, PHONE)
    assert not moved, "\n".join(moved)
