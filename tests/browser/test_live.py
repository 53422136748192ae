"""What stays as the visitor left it while a training moves on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from dashboards import NO_ENGINE, Dashboard, StartDashboard
from made_runs import commit_epoch, interrupted, report_batches, report_epochs
from playwright.sync_api import Page, expect
from visitors import Visitors, box_of

from fmnist_core.figures.training import learning_curve
from fmnist_core.permissions import Actor
from fmnist_core.presets import PRESETS
from fmnist_core.runs import RunStore, RunWriter

ACCURACY = '[aria-label="Accuracy over the epochs"]'
POINTS = f"""() => {{
  const chart = document.querySelector('{ACCURACY}');
  return chart?.data ? chart.data.reduce((sum, line) => sum + (line.x?.length ?? 0), 0) : 0;
}}"""
TILES = """() => [...document.querySelectorAll(".fm-tile")]
  .map((tile) => tile.getAttribute("aria-label")).join()"""
EPOCHS = f"""() => {{
  const chart = document.querySelector('{ACCURACY}');
  return chart?.data?.find((line) => line.name === "Test")?.x.length;
}}"""
CURVES = f"""() => Object.fromEntries(
  document.querySelector('{ACCURACY}').data
    .filter((line) => line.x.length)
    .map((line) => [line.name, [Array.from(line.x), Array.from(line.y)]]),
)"""
VIEW = f"""() => {{
  const layout = document.querySelector('{ACCURACY}')._fullLayout;
  return [...layout.xaxis.range, ...layout.yaxis.range];
}}"""

LAST_POINT = f"""() => {{
  const chart = document.querySelector('{ACCURACY}');
  const box = chart.getBoundingClientRect(), layout = chart._fullLayout;
  const line = chart._fullData.find((trace) => trace.name === "Validation");
  return [box.x + layout.xaxis._offset + layout.xaxis.d2p(line.x[1]),
          box.y + layout.yaxis._offset + layout.yaxis.d2p(line.y[1])];
}}"""


@pytest.fixture(scope="module")
def watched(start_dashboard: StartDashboard, tmp_path_factory: pytest.TempPathFactory) -> Dashboard:
    runs: Path = tmp_path_factory.mktemp("watched") / "runs"
    return start_dashboard(runs, {"FMNIST_SCHEDULER": NO_ENGINE})


def more_points(page: Page, writer: RunWriter, epoch: int) -> None:
    """Let the worker report, and wait until the page shows it."""
    before = page.evaluate(POINTS)
    report_batches(writer, epoch, count=3)
    page.wait_for_function(f"({POINTS})() > {before}")


def test_zoom_hover_and_hidden_curves_survive_an_update(
    watched: Dashboard, visitors: Visitors
) -> None:
    store = RunStore(watched.runs)
    run = store.create(PRESETS["Simple network"], by=Actor.owner())
    with RunWriter(store.root, run.id, 1) as writer:
        report_epochs(writer, 2)
        page = visitors.open(f"{watched.url}/train?run={run.id}")
        page.wait_for_function(f"({POINTS})() > 0")
        chart = page.locator(ACCURACY)
        plot = box_of(chart.locator(".nsewdrag").first)
        left, top = plot["x"], plot["y"]
        page.mouse.move(left + 0.1 * plot["width"], top + 0.1 * plot["height"])
        page.mouse.down()
        page.mouse.move(left + 0.5 * plot["width"], top + 0.9 * plot["height"], steps=5)
        page.mouse.up()
        page.wait_for_function(f"({VIEW})()[1] < 4")
        chart.locator(".legendtoggle").last.click()
        page.wait_for_function(
            f"document.querySelector('{ACCURACY}')._fullData.at(-1).visible === 'legendonly'"
        )
        view = page.evaluate(VIEW)
        page.evaluate(f"document.querySelector('{ACCURACY}').dataset.seen = 'yes'")
        more_points(page, writer, 3)
        assert page.evaluate(VIEW) == view
        assert chart.get_attribute("data-seen") == "yes"
        assert page.evaluate(
            f"document.querySelector('{ACCURACY}')._fullData.at(-1).visible === 'legendonly'"
        )
        page.mouse.move(*page.evaluate(LAST_POINT))
        chart.locator(".hoverlayer .hovertext").first.wait_for()
        more_points(page, writer, 4)
        expect(chart.locator(".hoverlayer .hovertext").first).to_be_visible()


def test_a_curve_that_went_on_is_the_one_that_python_draws(
    watched: Dashboard, visitors: Visitors
) -> None:
    store = RunStore(watched.runs)
    run = store.create(PRESETS["Simple network"], by=Actor.owner())
    with RunWriter(store.root, run.id, 1) as writer:
        report_epochs(writer, 1)
        page = visitors.open(f"{watched.url}/train?run={run.id}")
        page.wait_for_function(f"({POINTS})() > 0")
        for epoch in (2, 3):
            more_points(page, writer, epoch)
            commit_epoch(writer, epoch)
        page.wait_for_function(f"({EPOCHS})() === 3")
        drawn = page.evaluate(CURVES)
    events = store.events(run.id)
    figure = learning_curve(events, run.spec.training.epochs, "accuracy")
    wanted = {trace.name: [list(trace.x), list(trace.y)] for trace in figure.data if len(trace.x)}
    assert drawn.keys() == wanted.keys()
    for name, (x, y) in wanted.items():
        assert drawn[name][0] == x
        assert drawn[name][1] == pytest.approx(y)


def test_choice_of_one_window_is_seen_in_the_other(watched: Dashboard, visitors: Visitors) -> None:
    store = RunStore(watched.runs)
    run = store.create(PRESETS["LeNet"], by=Actor.owner())
    with RunWriter(store.root, run.id, 1) as writer:
        report_epochs(writer, 1)
        first = visitors.open(f"{watched.url}/train?run={run.id}")
        second = visitors.tab(first, f"{watched.url}/train?run={run.id}")
        first.get_by_role("button", name="× 3").click()
        expect(second.get_by_text("Learning rate 0.003 (× 3)")).to_be_visible()
        assert store.control(run.id).multiplier == 3
        second.get_by_role("button", name="÷ 10").click()
        expect(first.get_by_text("Learning rate 0.0001 (÷ 10)")).to_be_visible()
        assert store.control(run.id).multiplier == 0.1


def test_wall_changes_with_every_epoch(watched: Dashboard, visitors: Visitors) -> None:
    store = RunStore(watched.runs)
    run = store.create(PRESETS["Simple network"], by=Actor.owner())
    with RunWriter(store.root, run.id, 1) as writer:
        report_epochs(writer, 1)
        page = visitors.open(f"{watched.url}/train?run={run.id}")
        tiles = page.get_by_role("button", name=re.compile("^Test picture"))
        tiles.first.scroll_into_view_if_needed()
        before = page.evaluate(TILES)
        report_epochs(writer, 2)
        expect(page.get_by_role("heading", name="What epoch 2 changed")).to_be_visible()
        expect(page.get_by_text("Forgotten:")).to_be_visible()
        page.wait_for_function(f"(before) => ({TILES})() !== before", arg=before)
        said = page.locator('[aria-live="polite"]').filter(has_text="Epoch 2 of 5 is done: ")
        expect(said).to_have_count(1)


def test_a_run_that_was_silent_for_a_while_is_live_again(
    watched: Dashboard, visitors: Visitors
) -> None:
    store = RunStore(watched.runs)
    run = interrupted(store)
    page = visitors.open(f"{watched.url}/train?run={run.id}")
    expect(page.get_by_text("ended without a word")).to_be_visible()
    (run.path / "heartbeat").touch()
    with RunWriter(store.root, run.id, 1) as writer:
        expect(page.get_by_role("button", name="Stop", exact=True)).to_be_visible()
        more_points(page, writer, 2)
        progress = page.locator(".fm-live-status")
        expect(progress.get_by_text(re.compile("^Epoch 2 of 5"))).to_be_visible()
        writer.finish("stopped", None, "It was stopped by this test.")
    expect(page.get_by_role("main").get_by_text("It was stopped by this test.")).to_be_visible()
