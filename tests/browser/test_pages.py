"""Every page on every screen, in both themes, for every visitor, whatever the address says."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
from accessible import check, check_all, check_everywhere
from dashboards import NO_ENGINE, Dashboard, StartDashboard
from focus import faults, stops_of_the_tab_key
from made_runs import damaged, done, failed, interrupted, report_batches, report_epochs, stopped
from playwright.sync_api import Locator, expect
from sweep import sampled
from visitors import PHONE, SIDEWAYS, ZOOMED, Size, Visitors, box_of, settle

from fmnist_core.dataset import Dataset
from fmnist_core.permissions import Actor
from fmnist_core.presets import PRESETS
from fmnist_core.runs import RunStore, RunWriter
from ui.compare.view_state import VIEWS as COMPARE_VIEWS
from ui.explore.view_state import IMAGE_PANELS
from ui.explore.view_state import VIEWS as EXPLORE_VIEWS
from ui.mistakes.view_state import VIEWS as MISTAKES_VIEWS

# The header alone has some; Train's form has the most.
FEWEST_STOPS, MOST_STOPS = 8, 200
PAGES = ("/", "/explore", "/train", "/compare", "/mistakes", "/inside", "/try")
LEAST_VISIBLE = 60
EVERY_VIEW = (
    "/",
    *(f"/explore?view={view}" for view in EXPLORE_VIEWS),
    *(f"/explore?picture=8&close=1&about={panel}" for panel in IMAGE_PANELS),
    *("/train", "/train?new=1"),
    *(f"/compare?view={view}" for view in COMPARE_VIEWS),
    *(f"/mistakes?view={view}" for view in MISTAKES_VIEWS),
    *("/mistakes?truth=6&predicted=0", "/mistakes?picture=17"),
    *("/try", "/try?picture=test-17"),
    *("/inside?picture=17", "/inside?picture=17&layer=logits", "/inside?layer=divide_by_255"),
)
# What a page is for, which has to begin on the first screen however low that is.
THING_OF_PAGE = {
    "/": ".fm-chart, .fm-wall, .st-key-hero",
    "/explore": ".fm-wall",
    "/explore?view=map": ".fm-canvas-stage",
    "/train": ".st-key-train_card, .st-key-live_head",
    "/train?new=1": ".st-key-train_card",
    "/compare": ".fm-chart",
    "/mistakes": ".fm-confusion",
    "/inside": ".fm-in-card",
    "/try": ".fm-pad",
}
CURVE = """() => {
  const chart = document.querySelector('[aria-label="Accuracy over the epochs"]');
  return chart?.data ? chart.data.reduce((sum, line) => sum + (line.x?.length ?? 0), 0) : 0;
}"""


@pytest.fixture(scope="module")
def full_store(tmp_path_factory: pytest.TempPathFactory, data: Dataset) -> RunStore:
    """Runs of every state, as they lie in a folder that was used for a while."""
    store = RunStore(tmp_path_factory.mktemp("full") / "runs")
    labels = np.asarray(data.test_labels)
    stopped(store, labels, name="The stopped one")
    failed(store, "The disk is full: make room, then press Resume.")
    interrupted(store)
    damaged(store)
    done(store, labels, PRESETS["LeNet"], seed=3)
    done(store, labels, name="The newest one")
    return store


@pytest.fixture(scope="module")
def full_dashboard(start_dashboard: StartDashboard, full_store: RunStore) -> Dashboard:
    """A dashboard that shows runs of every state."""
    return start_dashboard(full_store.root, {"FMNIST_SCHEDULER": NO_ENGINE})


@pytest.mark.parametrize("path", sampled(PAGES, 2))
def test_every_page_without_runs(empty_dashboard: Dashboard, visitors: Visitors, path: str) -> None:
    check_all(visitors.open(empty_dashboard.url + path, PHONE), empty_dashboard, [path])


@pytest.mark.parametrize(
    "path",
    sampled(
        (
            "/",
            "/explore?class=1-8&picture=2",
            "/compare",
            "/mistakes?truth=6&predicted=0",
            "/train?run={done}",
            "/train?run={interrupted}",
            "/train?run={damaged}",
        ),
        3,
    ),
)
def test_every_page_with_runs(
    full_dashboard: Dashboard, full_store: RunStore, visitors: Visitors, path: str
) -> None:
    path = path.format_map({run.state: run.id for run in full_store.scan().entries})
    check_all(visitors.open(full_dashboard.url + path, PHONE), full_dashboard, [path])


@pytest.mark.very_slow
@pytest.mark.parametrize("path", EVERY_VIEW)
def test_every_view_on_every_screen(
    learned_dashboard: Dashboard, visitors: Visitors, path: str
) -> None:
    page = visitors.open(learned_dashboard.url + path)
    assert check_everywhere(page, learned_dashboard, [path]) == {}


@pytest.mark.parametrize("size", [SIDEWAYS, ZOOMED], ids=str)
@pytest.mark.parametrize("path", sampled(THING_OF_PAGE, 6))
def test_what_a_page_is_for_begins_on_a_low_first_screen(
    learned_dashboard: Dashboard, visitors: Visitors, size: Size, path: str
) -> None:
    page = visitors.open(learned_dashboard.url + path, size)
    settle(page)
    part = page.locator(".st-key-page").locator(THING_OF_PAGE[path]).first
    part.wait_for()
    assert box_of(part)["y"] <= size[1] - LEAST_VISIBLE


@pytest.mark.very_slow
@pytest.mark.parametrize("count", [2, 10])
def test_many_pages_at_once_show_the_same_live_run(
    full_dashboard: Dashboard, full_store: RunStore, visitors: Visitors, count: int
) -> None:
    run = full_store.create(PRESETS["Simple network"], name="The live one", by=Actor.owner())
    with RunWriter(full_store.root, run.id, run.attempt) as writer:
        report_epochs(writer, 1)
        report_batches(writer, 2, count=4)
        first = visitors.open(f"{full_dashboard.url}/train")
        tabs = [first] + [
            visitors.tab(first, f"{full_dashboard.url}/train") for _ in range(count - 1)
        ]
        for tab in tabs:
            expect(tab.get_by_role("heading", level=1)).to_have_text("The live one")
            expect(tab.get_by_role("button", name="Stop", exact=True)).to_be_visible()
            expect(tab.get_by_text("Epoch 2 of 5")).to_be_visible()
            tab.wait_for_function(f"({CURVE})() > 0")
        before = [tab.evaluate(CURVE) for tab in tabs]
        assert len(set(before)) == 1
        report_batches(writer, 3, count=4)
        for tab in tabs:
            expect(tab.get_by_text("Epoch 3 of 5")).to_be_visible()
            tab.wait_for_function(f"({CURVE})() > {before[0]}")
        for scheme in ("light", "dark"):
            first.emulate_media(color_scheme=scheme)
            check(first)
        tabs[-1].get_by_role("button", name="Stop", exact=True).click()
        for tab in tabs:
            expect(tab.get_by_role("button", name="Stopping …")).to_be_disabled()
        assert full_store.control(run.id).stop
        writer.finish("stopped", None)
        for tab in tabs:
            expect(tab.get_by_role("button", name="Resume")).to_be_visible()


def test_the_menu_names_the_pages_and_leads_to_them(
    empty_dashboard: Dashboard, visitors: Visitors
) -> None:
    page = visitors.open(empty_dashboard.url)
    page.evaluate("window.stayed = 'yes'")
    menu = page.get_by_role("navigation", name="Pages")
    for name, path in (
        ("Explore data", "/explore"),
        ("Train", "/train"),
        ("Compare", "/compare"),
        ("Mistakes", "/mistakes"),
        ("Look inside", "/inside"),
        ("Try your own", "/try"),
        ("Overview", "/"),
    ):
        link = menu.get_by_role("link", name=name, exact=True)
        link.click()
        page.wait_for_url(re.compile(f"^{re.escape(empty_dashboard.url + path)}(\\?.*)?$"))
        settle(page)
        expect(page).to_have_title(re.compile(name))
        expect(link).to_have_attribute("aria-current", "page")
        expect(menu.locator("[aria-current=page]")).to_have_count(1)
    # No page was loaded anew on the way.
    assert page.evaluate("window.stayed") == "yes"


def test_the_tab_key_reaches_the_menu_and_the_first_training(
    empty_dashboard: Dashboard, visitors: Visitors
) -> None:
    page = visitors.open(empty_dashboard.url)
    stops = [stop["name"] for stop in stops_of_the_tab_key(page, 14)]
    for name in ("Overview", "Explore data", "Train", "Compare", "Mistakes", "Look inside"):
        assert any(stop.endswith(name) for stop in stops), (name, stops)
    assert any(stop.endswith("Train your first network") for stop in stops), stops


@pytest.mark.very_slow
def test_the_tab_key_reaches_every_part_of_the_form(
    empty_dashboard: Dashboard, visitors: Visitors
) -> None:
    page = visitors.open(f"{empty_dashboard.url}/train")
    stops = [stop["name"] for stop in stops_of_the_tab_key(page, 70)]
    for name in ("Simple network", "Dense", "Neurons, hidden layer 1", "Epochs", "Start training"):
        assert any(name in stop for stop in stops), (name, stops)


@pytest.mark.parametrize(
    "paths",
    [
        ("/mistakes?truth=6",),
        pytest.param(EVERY_VIEW, marks=pytest.mark.very_slow),
    ],
    ids=["some", "all"],
)
def test_every_stop_of_the_tab_key_is_seen_and_has_a_name(
    learned_dashboard: Dashboard, visitors: Visitors, paths: tuple[str, ...]
) -> None:
    page = visitors.open(learned_dashboard.url + paths[0])
    found = {}
    for path in paths:
        page.goto(learned_dashboard.url + path)
        check(page, with_axe=False)
        # An open picture has the focus; the walk begins at the top all the same.
        page.get_by_role("link", name="Skip to main content").focus()
        stops = stops_of_the_tab_key(page, MOST_STOPS)
        assert len(stops) > FEWEST_STOPS, (path, stops)
        if of_path := faults(stops):
            found[path] = of_path
    assert not found


def test_the_gallery_is_walked_with_the_arrows_and_opened_with_enter(
    empty_dashboard: Dashboard, visitors: Visitors, data: Dataset
) -> None:
    page = visitors.open(f"{empty_dashboard.url}/explore?class=1")
    trousers = [int(number) for number in np.flatnonzero(np.asarray(data.test_labels) == 1)[:96]]
    # The picture beside the wall is a group of one.
    wall = page.get_by_role("group", name="Pictures").first

    def tile(place: int) -> Locator:
        return wall.get_by_role("button", name=f"Test picture {trousers[place]}: Trouser")

    expect(tile(1)).to_be_visible()
    tile(0).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(tile(2)).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(tile(1)).to_be_focused()
    page.keyboard.press("ArrowDown")
    columns = [box_of(tile(place))["y"] for place in range(96)].count(box_of(tile(0))["y"])
    expect(tile(1 + columns)).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(tile(1)).to_be_focused()
    page.keyboard.press("End")
    expect(tile(95)).to_be_focused()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(f"picture={trousers[1]}(&|$)"))
    expect(page.get_by_text(re.compile(f"Test picture {trousers[1]}, class 1"))).to_be_visible()
    # The visitor goes on from where she was.
    expect(tile(1)).to_be_focused()
    expect(tile(1)).to_have_attribute("aria-pressed", "true")


def test_a_cell_is_chosen_without_a_mouse(full_dashboard: Dashboard, visitors: Visitors) -> None:
    page = visitors.open(f"{full_dashboard.url}/mistakes")
    page.get_by_role("button", name="Sort and filter").press("Enter")
    for label, name in (("It is", "Shirt"), ("It says", "Coat")):
        page.get_by_role("combobox", name=re.compile(label)).focus()
        page.keyboard.type(name)
        page.keyboard.press("Enter")
    page.wait_for_url(re.compile("truth=6&predicted=4"))
    expect(page.get_by_role("heading", name=re.compile("shirts taken for Coat"))).to_be_visible()


@pytest.mark.parametrize("page_path", sampled(("/mistakes", "/train", "/inside"), 1))
@pytest.mark.parametrize(
    "run_id", sampled(("../../etc/passwd", "x" * 1000, "0" * 32, "<b>bold</b>"), 0, 2)
)
def test_a_run_that_does_not_exist_is_a_sentence_and_a_way_back(
    full_dashboard: Dashboard, visitors: Visitors, page_path: str, run_id: str
) -> None:
    page = visitors.open(f"{full_dashboard.url}{page_path}?run={quote(run_id, safe='')}")
    expect(page.get_by_text("This run does not exist.")).to_be_visible()
    text = page.get_by_role("main").inner_text()
    assert "passwd" not in text
    assert "bold" not in text
    check(page, with_axe=False)
    # The way back is a link or a button on the page itself, and it leads to a page that works.
    shown = page.locator(".st-key-page")
    ways = shown.get_by_role("link").or_(shown.get_by_role("button"))
    ways.filter(has_text=re.compile("run|train", re.IGNORECASE)).first.click()
    expect(page.get_by_text("This run does not exist.")).to_have_count(0)
    check(page, with_axe=False)


@pytest.mark.parametrize(
    "path",
    sampled(
        (
            "/explore?picture=999999",
            "/explore?class=zz&page=-1",
            "/explore?page=999999999999999999999&split=%00",
            "/mistakes?truth=99&predicted=zz&picture=999999&page=-1",
            "/mistakes?page=" + "9" * 1000,
            "/compare?run=../../etc/passwd",
            "/inside?picture=-1&pixels=%00&epoch=x&layer=..%2F&unit=1e9",
            "/try?picture=-1&pixels=%00&runs=../../etc/passwd",
            "/?picture=-1&run=x",
        ),
        3,
    ),
    ids=lambda path: path[:40],
)
def test_nonsense_in_the_address_counts_as_absent(
    full_dashboard: Dashboard, visitors: Visitors, path: str
) -> None:
    page = visitors.open(full_dashboard.url + path)
    check(page, with_axe=False)
    assert "passwd" not in page.get_by_role("main").inner_text()
    if path.startswith(("/explore", "/mistakes")):
        expect(
            page.get_by_role("button", name=re.compile(r"^Test picture \d")).first
        ).to_be_visible()


def test_an_address_without_a_page_says_so(empty_dashboard: Dashboard, visitors: Visitors) -> None:
    page = visitors.open(f"{empty_dashboard.url}/nothing-here")
    expect(
        page.get_by_role("dialog").or_(page.get_by_role("heading", level=1)).first
    ).to_be_visible()
    assert "Traceback" not in page.locator("body").inner_text()
    said = "The page that you have requested does not seem to exist"
    visitors.problems = [problem for problem in visitors.problems if said not in problem]


@pytest.mark.parametrize("paths", sampled((("/explore",), PAGES), 0), ids=["one", "all"])
def test_without_the_pictures_the_page_says_what_was_tried_and_what_to_do(
    start_dashboard: StartDashboard,
    visitors: Visitors,
    full_store: RunStore,
    tmp_path: Path,
    paths: tuple[str, ...],
) -> None:
    nowhere = tmp_path / "nowhere"
    nowhere.mkdir()
    places = ("FMNIST_DATA_DIR", "XDG_CACHE_HOME", "KERAS_HOME", "XDG_DATA_DIRS")
    dashboard = start_dashboard(
        full_store.root,
        {"FMNIST_SCHEDULER": NO_ENGINE, **{name: str(nowhere) for name in places}},
    )
    page = visitors.open(f"{dashboard.url}/explore")
    expect(page.get_by_text("could not be found")).to_be_visible()
    for place in ("FMNIST_DATA_DIR", "own copy", "Keras", "Debian"):
        expect(page.get_by_text(place).first).to_be_visible()
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    for path in paths:
        page.goto(dashboard.url + path)
        check(page)
        assert str(tmp_path) not in page.get_by_role("main").inner_text()
