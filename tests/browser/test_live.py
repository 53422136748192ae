"""What stays as the visitor left it while a training moves on."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from dashboards import NO_ENGINE, Dashboard, StartDashboard
from layout_shifts import take_shifts, watch_shifts
from made_runs import commit_epoch, end, interrupted, report_batches, report_epochs
from made_training import made_up_training
from playwright.sync_api import Page, Route, expect
from visitors import Visitors, box_of, until

from fmnist_core.colors import SEQUENTIAL
from fmnist_core.dataset import Dataset
from fmnist_core.figures.training import learning_curve
from fmnist_core.permissions import Actor
from fmnist_core.presets import PRESETS
from fmnist_core.runs import BatchEvent, Run, RunStore, RunWriter

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
    .filter((line) => line.name && line.x.length)
    .map((line) => [line.name, [Array.from(line.x), Array.from(line.y)]]),
)"""
# Of those in the legend.
LAST_HIDDEN = f"""() => {{
  const lines = document.querySelector('{ACCURACY}')._fullData.filter((line) => line.showlegend);
  return lines.at(-1).visible === "legendonly";
}}"""
VIEW = f"""() => {{
  const layout = document.querySelector('{ACCURACY}')._fullLayout;
  return [...layout.xaxis.range, ...layout.yaxis.range];
}}"""

MATRIX = '[aria-label^="Confusion matrix of the test pictures"]'
# The colour of the most frequent mistake: the end of the scale.
HAS_COLOR = f"""(color) => {{
  const cells = [...document.querySelectorAll('{MATRIX} .fm-cell')];
  return cells.some((cell) => getComputedStyle(cell).backgroundColor === color);
}}"""
LINES = """() => [...document.querySelectorAll(".fm-live-hardest :is(li, p, i)")]
  .map((part) => part.getBoundingClientRect().y)"""
BREATHS = f"""() => [...document.querySelectorAll('{MATRIX} .fm-cell')]
  .flatMap((cell) => cell.getAnimations())
  .filter((animation) => !(animation instanceof CSSTransition)).length"""
COUNTS = f"""() => [...document.querySelectorAll('{MATRIX} .fm-cell')]
  .map((cell) => Number(cell.textContent))"""
ANSWERS = """() => [...document.querySelectorAll(".fm-probe")]
  .map(({ innerText }) => innerText).join()"""
PROBE_IMAGES = (
    """() => document.querySelector(".fm-probes ol").style.getPropertyValue("--fm-sheet")"""
)
FIRST_LAYER = """() => document.querySelector(".fm-units").style.getPropertyValue("--fm-sheet")"""
LAST_MOMENT = """() => Number(document.querySelector(".fm-first-layer input").max)"""
IS_NEWEST = """() => {
  const { value, max } = document.querySelector(".fm-first-layer input");
  return value === max;
}"""
SCROLLED = """() => document.querySelector('[data-testid="stMain"]').scrollTop"""
STREAMS = "() => Boolean(window.fmLive.source)"
STREAM = re.compile(r"/live/[0-9a-f]{32}\?")
# What a tab notices where its window shows another one.
IN_VIEW = """(seen) => {
  Object.defineProperty(document, "hidden", { value: !seen, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
BROWSER_STREAMS = 4
# Where the curve of the batches ends, in pixels.
END_OF_CURVE = f"""() => {{
  const chart = document.querySelector('{ACCURACY}');
  const path = chart.querySelector(`.trace${{chart._fullData[0].uid}} .js-line`);
  const {{ x, y }} = path.getPointAtLength(path.getTotalLength());
  return [x, y];
}}"""
REDRAWN = f"""async () => {{
  await Plotly.redraw(document.querySelector('{ACCURACY}'));
  return ({END_OF_CURVE})();
}}"""
COUNT_DRAWINGS = """() => {
  const draw = Plotly.react;
  window.drawings = 0;
  Plotly.react = (...all) => { window.drawings += 1; return draw(...all); };
}"""
FIRST_POINT = f"""() => {{
  const chart = document.querySelector('{ACCURACY}');
  const box = chart.getBoundingClientRect(), layout = chart._fullLayout;
  const line = chart._fullData.find((trace) => trace.name === "Validation");
  return [box.x + layout.xaxis._offset + layout.xaxis.d2p(line.x[0]),
          box.y + layout.yaxis._offset + layout.yaxis.d2p(line.y[0])];
}}"""
# What a screen reader is told, and when.
RECORD_SAID = """() => {
  window.said = [];
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes)
      for (const line of addedNodes) window.said.push([line.textContent, performance.now()]);
  }).observe(document.querySelector(".fm-announcements"), { childList: true });
}"""


def as_rgb(color: str) -> str:
    """A colour ``#rrggbb`` as a browser says it."""
    return f"rgb({', '.join(str(int(color[start : start + 2], 16)) for start in (1, 3, 5))})"


@pytest.fixture(scope="module")
def watched(start_dashboard: StartDashboard, tmp_path_factory: pytest.TempPathFactory) -> Dashboard:
    runs: Path = tmp_path_factory.mktemp("watched") / "runs"
    return start_dashboard(runs, {"FMNIST_SCHEDULER": NO_ENGINE})


@contextmanager
def training(
    dashboard: Dashboard, epochs: int = 1, preset: str = "Simple network"
) -> Iterator[tuple[Run, RunWriter, str]]:
    """A run that trains and has reported some epochs, its writer, and the address that shows it."""
    run = dashboard.store.create(PRESETS[preset], by=Actor.owner())
    with RunWriter(dashboard.runs, run.id, 1) as writer:
        report_epochs(writer, epochs)
        yield run, writer, f"{dashboard.url}/train?run={run.id}"


def watch(visitors: Visitors, address: str) -> Page:
    """Open a training, and wait until its curve is drawn."""
    page = visitors.open(address)
    page.wait_for_function(f"({POINTS})() > 0")
    return page


def more_points(page: Page, writer: RunWriter, epoch: int) -> None:
    """Let the worker report, and wait until the page shows it."""
    before = page.evaluate(POINTS)
    report_batches(writer, epoch, count=3)
    page.wait_for_function(f"({POINTS})() > {before}")


def report_batch(writer: RunWriter, position: float) -> None:
    """Let the worker report one batch event, at a position in epochs."""
    now = time.time()
    writer.report_batch(
        BatchEvent(int(position) + 1, position, 4 * position, now, 1 / (1 + position), 0.75)
    )


def test_zoom_hover_and_hidden_curves_survive_an_update(
    watched: Dashboard, visitors: Visitors
) -> None:
    with training(watched, epochs=2) as (_, writer, address):
        page = watch(visitors, address)
        chart = page.locator(ACCURACY)
        plot = box_of(chart.locator(".nsewdrag").first)
        left, top = plot["x"], plot["y"]
        page.mouse.move(left + 0.1 * plot["width"], top + 0.1 * plot["height"])
        page.mouse.down()
        page.mouse.move(left + 0.5 * plot["width"], top + 0.9 * plot["height"], steps=5)
        page.mouse.up()
        page.wait_for_function(f"({VIEW})()[1] < 4")
        chart.locator(".legendtoggle").last.click()
        page.wait_for_function(LAST_HIDDEN)
        view = page.evaluate(VIEW)
        page.evaluate(f"document.querySelector('{ACCURACY}').dataset.seen = 'yes'")
        more_points(page, writer, 3)
        assert page.evaluate(VIEW) == view
        assert chart.get_attribute("data-seen") == "yes"
        assert page.evaluate(LAST_HIDDEN)
        # The focus stays, too, and so does what is in view.
        button = page.get_by_role("button", name="× 3")
        button.focus()
        page.mouse.wheel(0, 60)
        scrolled = until(page, lambda: page.evaluate(SCROLLED) > 0)
        top = page.evaluate(SCROLLED)
        more_points(page, writer, 3)
        expect(button).to_be_focused()
        assert scrolled
        assert page.evaluate(SCROLLED) == top
        page.mouse.move(*page.evaluate(FIRST_POINT))
        chart.locator(".hoverlayer .hovertext").first.wait_for()
        more_points(page, writer, 4)
        expect(chart.locator(".hoverlayer .hovertext").first).to_be_visible()


def test_what_a_network_says_and_looks_for_is_followed_without_a_new_page(
    watched: Dashboard, visitors: Visitors
) -> None:
    store = RunStore(watched.runs)
    with made_up_training(store, ends_epochs=True) as run:
        page = visitors.open(f"{watched.url}/train?run={run.id}")
        probes = page.get_by_role("region", name="What it says")
        expect(probes.get_by_role("listitem")).to_have_count(12)
        expect(probes.locator(".fm-probes-score")).to_have_text(re.compile(r"^\d+ of 12 right$"))
        page.evaluate("document.querySelector('.fm-probes').dataset.seen = 'yes'")
        before = page.evaluate(ANSWERS)
        page.wait_for_function(f"(before) => ({ANSWERS})() !== before", arg=before)
        right = page.locator('.fm-probe[data-tone="right"]').count
        score = probes.locator(".fm-probes-score").inner_text
        assert until(page, lambda: score() == f"{right()} of 12 right")

        slider = page.get_by_role("slider", name="Moment of the training")
        moment = page.locator(".fm-first-layer label > span")
        page.wait_for_function(f"({LAST_MOMENT})() >= 2")
        slider.press("Home")
        expect(moment).to_have_text("Before training")
        page.wait_for_function(f"({FIRST_LAYER})().includes('/first-layer/0-')")
        last = page.evaluate(LAST_MOMENT)
        page.wait_for_function(f"({LAST_MOMENT})() > {last}")
        expect(moment).to_have_text("Before training")
        expect(slider).to_have_value("0")
        assert "/first-layer/0-" in page.evaluate(FIRST_LAYER)
        slider.press("End")
        last = page.evaluate(LAST_MOMENT)
        page.wait_for_function(f"({LAST_MOMENT})() > {last}")
        assert page.evaluate(IS_NEWEST)
        shown = page.evaluate(FIRST_LAYER)
        page.wait_for_function(f"(shown) => ({FIRST_LAYER})() !== shown", arg=shown)

        images = page.evaluate(PROBE_IMAGES)
        probes.get_by_role("button", name="Shuffle").click()
        page.wait_for_function(f"(images) => ({PROBE_IMAGES})() !== images", arg=images)
        expect(probes.locator(".fm-probes-score")).to_have_text(re.compile(r"^\d+ of 12 right$"))
        expect(probes.get_by_role("listitem")).to_have_count(12)
        assert store.control(run.id).draw == 1
        expect(page.locator(".fm-probes")).to_have_attribute("data-seen", "yes")


@pytest.mark.very_slow
def test_a_curve_that_went_on_is_the_one_that_python_draws(
    watched: Dashboard, visitors: Visitors
) -> None:
    with training(watched) as (run, writer, address):
        page = watch(visitors, address)
        for epoch in (2, 3):
            more_points(page, writer, epoch)
            commit_epoch(writer, epoch)
        page.wait_for_function(f"({EPOCHS})() === 3")
        drawn = page.evaluate(CURVES)
    events = watched.store.events(run.id)
    figure = learning_curve(events, run.spec.training.epochs, "accuracy")
    named = [trace for trace in figure.data if trace.name and len(trace.x)]
    wanted = {trace.name: [list(trace.x), list(trace.y)] for trace in named}
    assert drawn.keys() == wanted.keys()
    for name, (x, y) in wanted.items():
        # Python rounds what it sends, to less than a pixel.
        assert drawn[name][0] == pytest.approx(x, abs=1e-4)
        assert drawn[name][1] == pytest.approx(y, abs=1e-2)


@pytest.mark.very_slow
def test_a_screen_reader_is_told_the_newest_and_nothing_for_ten_seconds_after(
    watched: Dashboard, visitors: Visitors
) -> None:
    with training(watched) as (_, writer, address):
        page = watch(visitors, address)
        page.locator(".fm-announcements").wait_for(state="attached")
        page.evaluate(RECORD_SAID)
        for epoch in (2, 3, 4):
            commit_epoch(writer, epoch)
            page.wait_for_function(f"(epoch) => ({EPOCHS})() === epoch", arg=epoch)
            page.wait_for_function("() => window.said.length")
        page.wait_for_function("() => window.said.length === 2")
        (first, first_at), (second, second_at) = page.evaluate("() => window.said")
    assert first.startswith("Epoch 2 of 5 is done")
    assert second.startswith("Epoch 4 of 5 is done")
    assert second_at - first_at >= 9_900


def test_a_curve_is_lengthened_as_plotly_would_draw_it(
    watched: Dashboard, visitors: Visitors
) -> None:
    with training(watched) as (_, writer, address):
        page = watch(visitors, address)
        report_batch(writer, 1.1)
        page.wait_for_function(f"({VIEW})()[1] > 2")
        # The axes come to rest before.
        page.wait_for_timeout(2_600)
        report_batch(writer, 1.2)
        page.wait_for_function(f"({VIEW})()[2] === 50")
        page.evaluate(COUNT_DRAWINGS)
        before = page.evaluate(END_OF_CURVE)
        report_batch(writer, 1.4)
        page.wait_for_function(f"([x]) => ({END_OF_CURVE})()[0] > x + 1", arg=before)
        lengthened = page.evaluate(END_OF_CURVE)
        assert page.evaluate("() => window.drawings") <= 1, "only the loss may want another axis"
        assert lengthened == pytest.approx(page.evaluate(REDRAWN), abs=0.1)
        # Whoever points at it is shown the newest point.
        page.locator(ACCURACY).hover()
        drawings = page.evaluate("() => window.drawings")
        report_batch(writer, 1.6)
        page.wait_for_function("(before) => window.drawings > before", arg=drawings)


def test_choice_of_one_window_is_seen_in_the_other(watched: Dashboard, visitors: Visitors) -> None:
    with training(watched, preset="LeNet") as (run, _, address):
        first = visitors.open(address)
        second = visitors.tab(first, address)
        first.get_by_role("button", name="× 3").click()
        expect(second.get_by_text("Learning rate 0.003 (× 3)")).to_be_visible()
        assert watched.store.control(run.id).multiplier == 3
        second.get_by_role("button", name="÷ 10").click()
        expect(first.get_by_text("Learning rate 0.0001 (÷ 10)")).to_be_visible()
        assert watched.store.control(run.id).multiplier == 0.1


def test_wall_changes_with_every_epoch(watched: Dashboard, visitors: Visitors) -> None:
    with training(watched) as (_, writer, address):
        page = visitors.open_phone(address)
        page.wait_for_function(f"({POINTS})() > 0")
        tiles = page.get_by_role("button", name=re.compile("^Test picture"))
        # Pictures come once their place is near the screen.
        expect(tiles).to_have_count(0)
        page.get_by_role("heading", name="What epoch 1 changed").scroll_into_view_if_needed()
        tiles.first.wait_for()
        # It follows the colours of the page.
        page.locator(".st-key-live_matrix").scroll_into_view_if_needed()
        page.wait_for_function(HAS_COLOR, arg=as_rgb(SEQUENTIAL["light"][-1]))
        page.emulate_media(color_scheme="dark")
        page.wait_for_function(HAS_COLOR, arg=as_rgb(SEQUENTIAL["dark"][-1]))
        page.get_by_role("heading", name="What epoch 1 changed").scroll_into_view_if_needed()
        before = page.evaluate(TILES)
        report_epochs(writer, 2)
        expect(page.get_by_role("heading", name="What epoch 2 changed")).to_be_visible()
        expect(page.get_by_text("Forgotten:")).to_be_visible()
        page.wait_for_function(f"(before) => ({TILES})() !== before", arg=before)
        said = page.locator('[aria-live="polite"]').filter(has_text="Epoch 2 of 5 is done: ")
        expect(said).to_have_count(1)


def test_the_matrix_breathes_with_each_epoch_moves_nothing_and_says_each_cell(
    watched: Dashboard, visitors: Visitors
) -> None:
    with training(watched) as (_, writer, address):
        page = visitors.open(address)
        page.locator(".st-key-live_matrix").scroll_into_view_if_needed()
        page.wait_for_function(f"({COUNTS})().reduce((sum, count) => sum + count, 0) === 10000")
        first = page.evaluate(COUNTS)
        expect(page.locator(".fm-live-hardest [role=img]")).to_have_count(3)
        watch_shifts(page)
        lines = page.evaluate(LINES)
        page.wait_for_timeout(1_000)
        take_shifts(page)
        report_batches(writer, 2)
        commit_epoch(writer, 2)
        page.wait_for_function(f"({BREATHS})() > 50", polling=50)
        # What holds is there at once, whatever still moves.
        second = page.evaluate(COUNTS)
        assert second != first
        page.wait_for_function(f"({BREATHS})() === 0")
        # The classes are other ones, so words begin elsewhere in their lines; the lines stay.
        moved = [part for shift in take_shifts(page) for part in shift.moved]
        assert [part for part in moved if "in live-hardest-" not in part] == []
        assert page.evaluate(LINES) == lines
        page.locator(MATRIX).locator(".fm-cell").nth(60).hover()
        change = second[60] - first[60]
        words = f"{abs(change)} {'more' if change > 0 else 'fewer'} than an epoch ago"
        said = f"Shirts mistaken for T-shirts: {second[60]} of 1,000 ({words})"
        expect(page.locator(".fm-matrix-sentence")).to_have_text(said)
        # Who wants less motion gets none.
        page.emulate_media(reduced_motion="reduce")
        report_batches(writer, 3)
        commit_epoch(writer, 3)
        page.wait_for_function(f"(before) => String(({COUNTS})()) !== before", arg=str_of(second))
        assert page.evaluate(BREATHS) == 0
        writer.finish("stopped", None, "It was stopped by this test.")


def str_of(counts: list[int]) -> str:
    return ",".join(map(str, counts))


def test_the_end_takes_the_place_of_the_progress(
    watched: Dashboard, visitors: Visitors, data: Dataset
) -> None:
    with training(watched, epochs=5) as (run, writer, address):
        page = visitors.open_phone(address)
        status = page.locator(".fm-live-status")
        expect(status.get_by_text("All 5 epochs are done")).to_be_visible()
        watch_shifts(page)
        page.wait_for_timeout(1_000)
        take_shifts(page)
        end(writer, run.spec, np.asarray(data.test_labels), "done", 5, seed=1)
    expect(status.get_by_text("of the 10,000 test pictures right and")).to_be_visible()
    expect(page.get_by_role("button", name="See its mistakes")).to_be_visible()
    page.wait_for_timeout(1_000)
    assert not take_shifts(page)
    page.reload()
    # It has room for all that it says.
    assert status.evaluate("(part) => part.scrollHeight <= part.clientHeight")
    status.get_by_role("link").click()
    page.wait_for_url(re.compile(r"/mistakes\?.*picture=\d+"))


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


def test_a_run_is_followed_whatever_others_do_with_it(
    watched: Dashboard, visitors: Visitors
) -> None:
    store, owner = RunStore(watched.runs), Actor.owner()
    run = store.create(PRESETS["Simple network"], by=owner)
    away = watched.runs.parent / run.id
    with RunWriter(store.root, run.id, 1) as writer:
        report_epochs(writer, 2)
        page = visitors.open(f"{watched.url}/train?run={run.id}")
        page.wait_for_function(f"({POINTS})() > 0")
        store.describe(run.id, name="Renamed while it trains", by=owner)
        title = page.get_by_role("heading", level=1)
        expect(title).to_have_text("Renamed while it trains")
        # A disk that is out of reach for a while, and then is there again.
        run.path.rename(away)
        expect(title).to_have_text("Train a network")
        expect(page.get_by_role("main").get_by_text("This run does not exist")).to_be_visible()
        away.rename(run.path)
        expect(title).to_have_text("Renamed while it trains")
        more_points(page, writer, 3)
        writer.finish("stopped", None, "It was stopped by this test.")
    expect(page.get_by_role("main").get_by_text("It was stopped by this test.")).to_be_visible()
    store.requeue(run.id, by=owner)
    expect(page.get_by_role("button", name="Resume")).to_have_count(0)
    with RunWriter(store.root, run.id, 2) as writer:
        writer.start(2, {})
        report_batches(writer, 3)
        commit_epoch(writer, 3)
        page.wait_for_function(f"({EPOCHS})() === 3")
        expect(page.get_by_role("button", name="Stop", exact=True)).to_be_visible()
        writer.finish("stopped", None, "It was stopped again.")
    store.delete(run.id, by=owner)
    expect(page.get_by_role("main").get_by_text("This run does not exist")).to_be_visible()
    # The browser itself says in its console that a picture has gone with its run.
    gone = re.compile(r"404 .*/first-layer/")
    visitors.problems[:] = [problem for problem in visitors.problems if not gone.search(problem)]


def test_who_is_refused_reads_why_and_follows_once_there_is_room(
    watched: Dashboard, visitors: Visitors
) -> None:
    sentence = "Too many live views are open."
    with training(watched) as (_, writer, address):
        page = visitors.open(f"{watched.url}/explore")
        is_full = True

        def answer(route: Route) -> None:
            if is_full:
                route.fulfill(status=503, body=sentence)
            else:
                route.continue_()

        page.route(STREAM, answer)
        page.goto(address)
        refused = page.locator("body > .fm-live-refused")
        expect(refused).to_have_text(sentence)
        is_full = False
        more_points(page, writer, 2)
        expect(refused).to_have_count(0)
        writer.finish("stopped", None, "It was stopped by this test.")
    # The browser itself says in its console that it was refused.
    visitors.problems[:] = [problem for problem in visitors.problems if "503" not in problem]


def test_who_gets_nothing_of_a_stream_asks_for_what_is_new(
    watched: Dashboard, visitors: Visitors
) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        if "once" in route.request.url:
            route.continue_()
        else:
            held.append(route)

    with training(watched) as (_, writer, address):
        page = visitors.open(f"{watched.url}/explore")
        page.route(STREAM, hold)
        page.goto(address)
        page.wait_for_function(f"({POINTS})() > 0")
        more_points(page, writer, 2)
        assert held
        assert page.evaluate(STREAMS) is False
        writer.finish("stopped", None, "It was stopped by this test.")
        expect(page.get_by_role("button", name="Resume").first).to_be_visible()


@pytest.mark.very_slow
def test_ten_tabs_of_one_browser_all_follow_and_leave_it_connections(
    watched: Dashboard, visitors: Visitors
) -> None:
    store = RunStore(watched.runs)
    run = store.create(PRESETS["Simple network"], by=Actor.owner())
    address = f"{watched.url}/train?run={run.id}"
    with RunWriter(store.root, run.id, 1) as writer:
        report_epochs(writer, 1)
        first = visitors.open(address)
        tabs = [first, *(visitors.tab(first, address, drawn=False) for _ in range(9))]

        def all_follow(epoch: int, of: list[Page]) -> None:
            report_batches(writer, epoch)
            for tab in of:
                tab.wait_for_function(f"({POINTS})() >= {8 * epoch}")

        all_follow(2, tabs)
        assert sum(tab.evaluate(STREAMS) for tab in tabs) == BROWSER_STREAMS
        # One goes on to another page, whose files and pictures need connections.
        tabs[0].goto(f"{watched.url}/explore")
        tabs[0].locator(".fm-tile").first.wait_for()
        # Who is out of sight gives its stream to another one, and misses nothing.
        hidden = tabs[1]
        assert hidden.evaluate(STREAMS)
        hidden.evaluate(IN_VIEW, False)
        others = [tabs[0], *tabs[2:]]
        assert until(first, lambda: sum(tab.evaluate(STREAMS) for tab in others) == BROWSER_STREAMS)
        all_follow(3, tabs[2:])
        assert hidden.evaluate(POINTS) < 24
        hidden.evaluate(IN_VIEW, True)
        all_follow(4, tabs[1:])
        writer.finish("stopped", None, "It was stopped by this test.")
    for tab in tabs[1:]:
        expect(tab.get_by_role("main").get_by_text("It was stopped by this test.")).to_be_visible()


ALL_EPOCHS = 200
# One that kept what each epoch brought would hold half as much again.
MORE_BYTES, MORE_NODES = 1.25, 1.1


@pytest.mark.very_slow
def test_a_tab_that_watched_200_epochs_holds_no_more_than_a_new_one(
    watched: Dashboard, visitors: Visitors
) -> None:
    store = RunStore(watched.runs)
    spec = PRESETS["Simple network"]
    training = spec.training.model_copy(update={"epochs": ALL_EPOCHS})
    run = store.create(spec.model_copy(update={"training": training}), by=Actor.owner())
    with RunWriter(store.root, run.id, 1) as writer:
        report_epochs(writer, 1)
        page = visitors.open(f"{watched.url}/train?run={run.id}")
        show_epoch_changes(page)
        for epoch in range(2, ALL_EPOCHS + 1):
            report_batches(writer, epoch)
            commit_epoch(writer, epoch)
            page.wait_for_timeout(300)
        watched_bytes, watched_nodes = memory_of(page)
        fresh = visitors.open(page.url)
        fresh_bytes, fresh_nodes = memory_of(fresh)
    print(
        f"{watched_bytes / 1e6:.1f} MB and {watched_nodes} nodes after {ALL_EPOCHS} epochs, "
        f"{fresh_bytes / 1e6:.1f} MB and {fresh_nodes} nodes in a new tab"
    )
    assert watched_bytes <= MORE_BYTES * fresh_bytes
    assert watched_nodes <= MORE_NODES * fresh_nodes


def show_epoch_changes(page: Page) -> None:
    page.get_by_role("heading", name="What epoch ").scroll_into_view_if_needed()
    page.get_by_role("button", name=re.compile("^Test picture")).first.wait_for()


def memory_of(page: Page) -> tuple[int, int]:
    """What a tab that shows the last epoch holds: bytes of JavaScript, nodes of the page."""
    show_epoch_changes(page)
    heading = page.get_by_role("heading", name=f"What epoch {ALL_EPOCHS} changed", exact=True)
    expect(heading).to_be_visible()
    page.wait_for_function(f"({EPOCHS})() === {ALL_EPOCHS}")
    devtools = page.context.new_cdp_session(page)
    devtools.send("HeapProfiler.collectGarbage")
    nodes: int = devtools.send("Memory.getDOMCounters")["nodes"]
    used: int = devtools.send("Runtime.getHeapUsage")["usedSize"]
    return used, nodes
