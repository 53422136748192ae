"""Nothing moves under the pointer: what a training brings has its place before it comes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from accessible import TWO_FRAMES
from dashboards import NO_ENGINE, Dashboard, StartDashboard
from layout_shifts import WITH_RUNS, rest, take_shifts, watch_shifts
from made_histories import make_ended_runs
from made_runs import end, report_batches, report_epochs
from playwright.sync_api import Page, expect
from sweep import sampled
from visitors import DESKTOP, PHONE, Size, Visitors, settle

from fmnist_core.dataset import Dataset
from fmnist_core.permissions import Actor
from fmnist_core.presets import PRESETS
from fmnist_core.runs import Run, RunStore, RunWriter
from fmnist_core.specs import RunSpec

WITHOUT_RUNS = ("/", "/train?new=1", "/compare", "/mistakes", "/inside", "/try")


class Tab(NamedTuple):
    """A tab and what it was opened for."""

    path: str
    page: Page

    def rest(self) -> None:
        """Wait until nothing has changed for a second."""
        rest(self.page)

    def says(self, text: str) -> None:
        expect(self.page.get_by_role("main")).to_contain_text(text)

    def shifts(self) -> list[str]:
        """What moved since the last time, in words."""
        size = self.page.viewport_size
        assert size is not None
        return [
            f"{self.path} at {size['width']} × {size['height']}: {shift.value:.4f}: {moved}"
            for shift in take_shifts(self.page)
            for moved in shift.moved or ["?"]
        ]


# Where a page opens, what is drawn late on it, and how many pixels its place may be wrong.
ROOMS = {
    "/": ("overview-hero", "overview-ladder"),
    "/explore": ("explore-large",),
    "/explore?picture=8&close=1": ("explore-steps", "explore-alike-test"),
    "/explore?view=classes": ("explore-averages",),
    "/mistakes": ("mistakes-matrix",),
    "/mistakes?picture=17": ("mistakes-steps", "mistakes-large"),
    "/try": ("try-own",),
}
ROOM_PIXELS = 20
# How high the place of a component is, and how high it was kept before its module had come.
ROOM = """(key) => {
  const place = document.querySelector(`.st-key-${key}`);
  const height = place.getBoundingClientRect().height;
  const component = place.querySelector("[aria-busy]");
  component.setAttribute("aria-busy", "true");
  const room = parseFloat(getComputedStyle(place).minHeight);
  component.setAttribute("aria-busy", "false");
  return [height, room];
}"""


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
        watch_shifts(tab.page)
    return tabs


def resize(tabs: list[Tab], size: Size) -> None:
    for tab in tabs:
        tab.page.set_viewport_size({"width": size[0], "height": size[1]})
        # What measures its room is drawn a frame later.
        tab.page.evaluate(TWO_FRAMES)


def live_tab(first: Page, dashboard: Dashboard, run: Run, size: Size) -> Tab:
    """The live view of a run, at rest."""
    page = first.context.new_page()
    page.set_viewport_size({"width": size[0], "height": size[1]})
    path = f"/train?run={run.id}"
    page.goto(dashboard.url + path)
    settle(page)
    watch_shifts(page)
    return Tab(path, page)


def rest_all(tabs: list[Tab]) -> None:
    for tab in tabs:
        tab.rest()


def what_a_training_moves(
    tabs: list[Tab], dashboard: Dashboard, spec: RunSpec, labels: np.ndarray, size: Size
) -> list[str]:
    """Let a run come, start, report and end while the tabs are at rest; returns what moved."""
    rest_all(tabs)
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
        live.says("82.0 %")
        # What it changed is fetched once its place is near the screen.
        live.page.get_by_text("Training curves:").scroll_into_view_if_needed()
        live.says("What epoch 2 changed")
        end(writer, spec, labels, "done", 2, seed=5)
    live.says("finished")
    for tab in tabs:
        expect(tab.page.locator(".fm-training")).to_have_count(0)
    rest_all([*tabs, live])
    moved = [shift for tab in (*tabs, live) for shift in tab.shifts()]
    live.page.close()
    return moved


@pytest.mark.parametrize("size", sampled((PHONE, DESKTOP), 0))
def test_what_comes_late_has_a_place_as_high_as_itself(
    learned_dashboard: Dashboard, visitors: Visitors, size: Size
) -> None:
    page = visitors.open(learned_dashboard.url, size)
    for path, keys in ROOMS.items():
        page.goto(learned_dashboard.url + path)
        settle(page)
        for key in keys:
            height, room = page.evaluate(ROOM, key)
            assert room == pytest.approx(height, abs=ROOM_PIXELS), f"{key} at {size}"


@pytest.mark.very_slow
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
    make_ended_runs(store, labels)
    tabs = open_tabs(visitors, steady, WITH_RUNS)
    moved = what_a_training_moves(tabs, steady, PRESETS["Fast CNN"], labels, DESKTOP)
    resize(tabs, PHONE)
    moved += what_a_training_moves(tabs, steady, PRESETS["Best CNN"], labels, PHONE)
    assert not moved, "\n".join(moved)
