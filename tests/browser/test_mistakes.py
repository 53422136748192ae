"""Mistakes in Chromium: clicks, keys, epochs and files, all on the real component."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from accessible import check_all
from dashboards import NO_ENGINE, Dashboard, StartDashboard
from made_voters import voter
from playwright.sync_api import Locator, Page, Route, expect
from sweep import sampled
from visitors import PHONE, Visitors, settle

from fmnist_core.analysis.learning_dynamics import matrices_by_epoch
from fmnist_core.analysis.metrics import most_confused, similar_order
from fmnist_core.dataset import CLASS_NAMES, CLASS_NOUNS, Dataset
from fmnist_core.runs import Run, RunStore

EPOCHS = 6
# The least height of what a finger hits, in pixels.
FINGER = 44
TILE = re.compile(r"^Test picture \d+: ")


@pytest.fixture(scope="module")
def labels(data: Dataset) -> np.ndarray:
    return np.asarray(data.test_labels)


@pytest.fixture(scope="module")
def run(learned_store: RunStore) -> Run:
    return learned_store.list()[0]


@pytest.fixture
def site(learned_dashboard: Dashboard) -> Dashboard:
    return learned_dashboard


@pytest.fixture(scope="module")
def matrices(learned_store: RunStore, run: Run, labels: np.ndarray) -> np.ndarray:
    answers = learned_store.predictions(run.id)["test_predictions_by_epoch"]
    return matrices_by_epoch(labels, answers)


@pytest.fixture
def page(site: Dashboard, run: Run, visitors: Visitors) -> Page:
    return visitors.open(f"{site.url}/mistakes?run={run.id}")


def table(page: Page) -> Locator:
    return page.get_by_role("table", name=re.compile("^Confusion matrix"))


def cell(page: Page, truth: str, predicted: str) -> Locator:
    return table(page).get_by_role("button", name=f"{truth} taken for {predicted}: ")


def count_on_wall(page: Page, heading: str) -> Locator:
    return page.get_by_role("heading", name=heading, exact=True)


def test_cells_rows_and_columns_are_clicked_and_let_go(page: Page, matrices: np.ndarray) -> None:
    last = matrices[-1]
    cell(page, "Shirt", "Coat").click()
    expect(count_on_wall(page, f"{last[6, 4]} shirts taken for Coat")).to_be_visible()
    table(page).get_by_role("rowheader", name="Shirt", exact=True).get_by_role("button").click()
    expect(count_on_wall(page, f"{last[6].sum():,} shirts")).to_be_visible()
    page.wait_for_url("**&truth=6")
    table(page).get_by_role("columnheader", name="Coat").get_by_role("button").click()
    expect(count_on_wall(page, f"{last[:, 4].sum():,} pictures taken for Coat")).to_be_visible()
    expect(table(page).locator(".fm-cell[aria-pressed='true']")).to_have_count(10)
    table(page).get_by_role("columnheader", name="Coat").get_by_role("button").click()
    wrong = last.sum() - np.trace(last)
    expect(count_on_wall(page, f"All {wrong:,} pictures it gets wrong")).to_be_visible()
    expect(table(page).locator("[aria-pressed='true']")).to_have_count(0)


def test_several_cells_are_a_link_that_somebody_else_can_open(
    page: Page, matrices: np.ndarray, visitors: Visitors
) -> None:
    cell(page, "Shirt", "T-shirt/top").click()
    page.wait_for_url("**&truth=6&predicted=0")
    cell(page, "T-shirt/top", "Shirt").click(modifiers=["Shift"])
    page.wait_for_url("**&cells=06-60")
    both = matrices[-1][6, 0] + matrices[-1][0, 6]
    other = visitors.open(page.url)
    for tab in (page, other):
        expect(count_on_wall(tab, f"{both} pictures in 2 cells")).to_be_visible()
        expect(table(tab).locator(".fm-cell[aria-pressed='true']")).to_have_count(2)


def test_the_matrix_is_walked_with_the_arrows_and_chosen_with_enter(
    page: Page, matrices: np.ndarray
) -> None:
    expect(table(page).locator("button[tabindex='0']")).to_have_count(1)
    table(page).get_by_role("button", name="T-shirt/top, right: ").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(cell(page, "Pullover", "Trouser")).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.press("Home")
    expect(
        table(page).get_by_role("rowheader", name="Pullover").get_by_role("button")
    ).to_be_focused()
    page.keyboard.press("Enter")
    expect(count_on_wall(page, "1,000 pullovers")).to_be_visible()
    expect(
        table(page).get_by_role("rowheader", name="Pullover").get_by_role("button")
    ).to_be_focused()


@pytest.mark.very_slow
def test_on_a_phone_a_picture_comes_into_view_and_so_does_its_place_on_the_wall(
    site: Dashboard, run: Run, visitors: Visitors
) -> None:
    page = visitors.open(f"{site.url}/mistakes?run={run.id}", PHONE)
    large = page.get_by_role("button", name=TILE).and_(page.locator(".st-key-mistakes_picture *"))
    tile = page.locator(".fm-wall .fm-tile").nth(40)
    name = tile.get_attribute("aria-label") or ""
    number = name.removeprefix("Test picture ").partition(":")[0]
    tile.press("Enter")
    expect(page.get_by_text(f"Test picture {number}", exact=True)).to_be_in_viewport()
    expect(large).to_be_focused()
    expect(page.get_by_role("button", name="Back to the gallery")).to_be_visible()
    page.keyboard.press("Escape")
    tile = page.get_by_role("button", name=name)
    expect(tile).to_be_in_viewport()
    expect(tile).to_be_focused()
    address = f"{site.url}/mistakes?run={run.id}&picture={number}"
    other = visitors.open(address, PHONE)
    caption = other.get_by_text(f"Test picture {number}", exact=True)
    expect(caption).to_be_in_viewport()
    arrive = open_with_late_matrix(other, address)
    expect(caption).to_be_in_viewport()
    arrive()
    expect(caption).to_be_in_viewport()
    # Who has gone elsewhere meanwhile stays there.
    arrive = open_with_late_matrix(other, address)
    expect(caption).to_be_in_viewport()
    other.mouse.move(200, 400)
    other.mouse.wheel(0, -5_000)
    expect(other.get_by_role("heading", level=1)).to_be_in_viewport()
    arrive()
    expect(other.get_by_role("heading", level=1)).to_be_in_viewport()
    expect(caption).not_to_be_in_viewport()


def open_with_late_matrix(page: Page, address: str) -> Callable[[], None]:
    """Open an address while matrix and steps are still to come; returns what lets them come.

    Their places are not kept free, and the browser does not hold on to what it shows: some do, but
    not at the top of a page, and some do not.
    """
    held: list[Route] = []
    is_late = True
    late = re.compile(r"/(confusion_matrix|steps)\.js$")

    def hold(route: Route) -> None:
        if is_late:
            held.append(route)
        else:
            route.continue_()

    page.route(late, hold)
    page.goto(address)
    page.add_style_tag(
        content=".st-key-mistakes-matrix, .st-key-mistakes-steps { min-height: 0 !important; }"
        "* { overflow-anchor: none; }"
    )
    page.locator(".st-key-mistakes_picture .fm-tile").wait_for()

    def let_come() -> None:
        nonlocal is_late
        is_late = False
        for route in held:
            route.continue_()
        settle(page)
        expect(table(page)).to_have_count(1)

    return let_come


def test_matrix_play_and_pictures_are_seen_together_and_the_matrix_stays(
    page: Page, run: Run
) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    seen = [
        table(page).get_by_role("rowheader", name="Ankle boot"),
        table(page).get_by_role("button", name="Ankle boot, right: "),
        page.get_by_role("button", name="Play"),
        page.get_by_role("slider", name="Epoch"),
        page.get_by_role("radio", name="By similarity"),
    ]
    for part in [*seen, page.locator(".fm-tile").nth(12)]:
        expect(part).to_be_in_viewport(ratio=1)
    tile = page.locator(".fm-tile").nth(45)
    tile.scroll_into_view_if_needed()
    expect(tile).to_be_in_viewport()
    for part in seen[:4]:
        expect(part).to_be_in_viewport(ratio=1)


def test_on_a_phone_a_tap_leads_to_what_it_changed_and_back(
    site: Dashboard, run: Run, visitors: Visitors, matrices: np.ndarray
) -> None:
    page = visitors.open_phone(f"{site.url}/mistakes?run={run.id}")
    rows = page.get_by_role("list", name="Most frequent confusions").locator(".fm-pair")
    expect(rows).to_have_count(6)
    first = most_confused(matrices[-1], 1).iloc[0]
    words = (
        f"{first['images']} {CLASS_NOUNS[first['truth']].many} taken for "
        f"{CLASS_NAMES[first['predicted']]}"
    )
    row = page.get_by_role("button", name=words)
    expect(row).to_be_visible()
    box = row.bounding_box()
    assert box is not None
    assert box["height"] >= FINGER
    row.tap()
    expect(count_on_wall(page, words)).to_be_in_viewport()
    expect(row).to_have_attribute("aria-pressed", "true")
    page.locator(".fm-tile").first.tap()
    expect(page.get_by_role("heading", name=re.compile("^It says"))).to_be_in_viewport()
    page.get_by_role("button", name="Back to the gallery").tap()
    expect(count_on_wall(page, words)).to_be_visible()
    back = page.get_by_role("button", name="Back to the matrix")
    box = back.bounding_box()
    assert box is not None
    assert box["height"] >= FINGER
    back.tap()
    expect(table(page).locator("thead")).to_be_in_viewport()
    cell(page, "Pullover", "Coat").tap()
    expect(
        count_on_wall(page, f"{matrices[-1][2, 4]} pullovers taken for Coat")
    ).to_be_in_viewport()
    # Names of classes stay whole, and the page is no wider than the screen.
    heights = (
        table(page)
        .locator("tbody .fm-head")
        .evaluate_all(
            "heads => heads.map((head) => { const range = document.createRange();"
            " range.selectNodeContents(head); return range.getClientRects().length; })"
        )
    )
    assert heights == [1] * 10
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_chosen_cell_stands_out_without_colours(page: Page) -> None:
    for truth, predicted in (("Shirt", "T-shirt/top"), ("Trouser", "Bag")):
        chosen = cell(page, truth, predicted)
        chosen.click()
        page.mouse.move(0, 0)
        expect(chosen).to_have_attribute("aria-pressed", "true")
        outer, inner = chosen.evaluate(
            "cell => [getComputedStyle(cell).outlineColor,"
            " getComputedStyle(cell).boxShadow.match(/rgb[^)]*\\)/)[0]]"
        )
        assert abs(lightness(outer) - lightness(inner)) > 150
    page.emulate_media(forced_colors="active")
    colors = {
        place.evaluate("cell => getComputedStyle(cell).backgroundColor")
        for place in (cell(page, "Shirt", "Coat"), cell(page, "Shirt", "T-shirt/top"))
    }
    assert len(colors) == 1
    assert chosen.evaluate("cell => getComputedStyle(cell).backgroundColor") not in colors
    widths = [
        cell(page, "Shirt", name).evaluate("cell => getComputedStyle(cell).backgroundSize")
        for name in ("T-shirt/top", "Bag")
    ]
    assert widths[0] != widths[1]


def lightness(color: str) -> float:
    """The mean of a colour's channels, 0 to 255."""
    return float(np.mean([float(part) for part in re.findall(r"[\d.]+", color)[:3]]))


def test_back_leads_to_the_page_where_the_picture_hangs(page: Page) -> None:
    tile = page.locator(".fm-wall .fm-tile").nth(59)
    # Read before the click, after which the wall is gone.
    last = tile.get_attribute("data-number")
    tile.click()
    page.wait_for_url(f"**&picture={last}")
    expect(page.get_by_text(re.compile(r"^60 of "))).to_be_visible()
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text(re.compile(r"^61 of "))).to_be_visible()
    page.wait_for_url(re.compile(rf"[?&]picture=(?!{last}$)\d+$"))
    number = re.findall(r"picture=(\d+)", page.url)[0]
    page.get_by_role("button", name="Back to the gallery").click()
    page.wait_for_url("**&page=2")
    expect(page.locator(".fm-wall .fm-tile").first).to_have_attribute(
        "aria-label", re.compile(rf"^Test picture {number}: ")
    )


def test_shares_and_order_change_in_place_and_stay_in_the_address(
    page: Page, matrices: np.ndarray
) -> None:
    page.get_by_role("radio", name="% of predictions").click()
    share = 100 * matrices[-1][6, 0] / matrices[-1][:, 0].sum()
    expect(cell(page, "Shirt", "T-shirt/top")).to_have_text(f"{share:.1f}")
    page.get_by_role("radio", name="By similarity").click()
    page.wait_for_url("**&scale=predicted&order=similar")
    names = [CLASS_NAMES[number] for number in similar_order(matrices[-1])]
    expect(table(page).get_by_role("rowheader")).to_have_text(names)
    page.reload()
    expect(cell(page, "Shirt", "T-shirt/top")).to_have_text(f"{share:.1f}")
    expect(table(page).get_by_role("rowheader").first).to_have_text(names[0])


def test_the_epoch_slider_moves_the_matrix_and_the_pictures(
    page: Page, matrices: np.ndarray
) -> None:
    cell(page, "Shirt", "T-shirt/top").click()
    count = matrices[-1][6, 0]
    expect(count_on_wall(page, f"{count} shirts taken for T-shirt/top")).to_be_visible()
    settle(page)
    slider = page.get_by_role("slider", name="Epoch")
    slider.focus()
    for epoch in (EPOCHS - 1, EPOCHS - 2):
        page.keyboard.press("ArrowLeft")
        count = matrices[epoch - 1][6, 0]
        expect(cell(page, "Shirt", "T-shirt/top")).to_have_text(str(count))
        expect(count_on_wall(page, f"{count} shirts taken for T-shirt/top")).to_be_visible()
    page.wait_for_url(f"**&epoch={EPOCHS - 2}")
    page.reload()
    expect(page.get_by_text(re.compile(f"^Epoch {EPOCHS - 2} of {EPOCHS}: "))).to_be_visible()
    page.get_by_role("slider", name="Epoch").press("End")
    page.wait_for_url(re.compile("predicted=0$"))


def test_play_goes_through_all_epochs_and_ends_at_the_last(
    page: Page, matrices: np.ndarray
) -> None:
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_text(f"Epoch 2 of {EPOCHS}: ")).to_be_visible()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    wrong = matrices[-1].sum() - np.trace(matrices[-1])
    last = page.get_by_text(f"Epoch {EPOCHS} of {EPOCHS}: {wrong:,} wrong")
    expect(last).to_be_visible()
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    expect(count_on_wall(page, f"All {wrong:,} pictures it gets wrong")).to_be_visible()


def test_each_cell_can_show_its_curve(page: Page) -> None:
    page.get_by_role("button", name="Sparklines").click()
    expect(table(page).locator("svg")).to_have_count(100)
    points = table(page).locator("polyline").first.get_attribute("points") or ""
    assert len(points.split()) == EPOCHS
    cell(page, "Shirt", "Coat").click()
    page.wait_for_url("**predicted=4")
    expect(table(page).locator("svg")).to_have_count(100)
    page.get_by_role("button", name="Sparklines").click()
    expect(table(page).locator("svg")).to_have_count(0)


@pytest.mark.very_slow
def test_a_picture_is_opened_and_left_by_keyboard_and_the_wall_is_where_it_was(
    page: Page,
) -> None:
    tiles = page.get_by_role("button", name=TILE)
    first = tiles.first.get_attribute("aria-label") or ""
    page.get_by_role("button", name="Page 2", exact=True).click()
    page.wait_for_url("**&page=2")
    expect(tiles.first).not_to_have_attribute("aria-label", first)
    expect(tiles).to_have_count(60)
    before = [tile.get_attribute("aria-label") for tile in tiles.all()]
    numbers = [int(re.findall(r"\d+", name or "")[0]) for name in before]
    tiles.nth(3).click()
    page.wait_for_url(f"**&picture={numbers[3]}")
    expect(page.get_by_text(f"Test picture {numbers[3]}", exact=True)).to_be_visible()
    settle(page)
    page.keyboard.press("ArrowRight")
    page.wait_for_url(f"**&picture={numbers[4]}")
    settle(page)
    page.keyboard.press("ArrowLeft")
    page.wait_for_url(f"**&picture={numbers[3]}")
    settle(page)
    page.keyboard.press("Escape")
    page.wait_for_url("**&page=2")
    expect(tiles.nth(59)).to_have_attribute("aria-label", before[59] or "")
    assert [tile.get_attribute("aria-label") for tile in tiles.all()] == before


def test_the_chosen_pictures_are_downloaded_as_table_and_as_sheet(
    page: Page, matrices: np.ndarray, tmp_path: Path
) -> None:
    from PIL import Image

    cell(page, "Shirt", "Coat").click()
    count = int(matrices[-1][6, 4])
    expect(count_on_wall(page, f"{count} shirts taken for Coat")).to_be_visible()
    page.get_by_role("button", name="Download").click()
    with page.expect_download() as table_file:
        page.get_by_role("button", name=f"Table of {count} pictures").click()
    table_file.value.save_as(tmp_path / "table.csv")
    with (tmp_path / "table.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["label"], row["predicted"]) for row in rows] == [("Shirt", "Coat")] * count
    with page.expect_download() as sheet_file:
        page.get_by_role("button", name=f"Sheet of {count} pictures").click()
    sheet_file.value.save_as(tmp_path / "sheet.png")
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.size == (20 * 28, -(-count // 20) * 28)


def test_a_sentence_about_a_class_leads_to_its_pictures(page: Page, matrices: np.ndarray) -> None:
    page.get_by_role("radio", name="Classes").click()
    count = matrices[-1][6, 0]
    page.get_by_role("button", name=f"shirts is mistaken for a T-shirt ({count})").click()
    expect(count_on_wall(page, f"{count} shirts taken for T-shirt/top")).to_be_visible()
    expect(cell(page, "Shirt", "T-shirt/top")).to_have_attribute("aria-pressed", "true")


@pytest.mark.very_slow
def test_a_bar_shows_the_mistakes_that_so_many_runs_make(
    page: Page, learned_store: RunStore, run: Run, labels: np.ndarray
) -> None:
    runs = [one for one in learned_store.list() if one.name != "Another kind"]
    mistakes = np.stack(
        [
            learned_store.predictions(one.id)["test_probabilities"].argmax(axis=1) != labels
            for one in runs
        ]
    )
    by_runs = mistakes.sum(axis=0)[mistakes[0]]
    page.get_by_role("radio", name="Seeds").click()
    both = page.get_by_role("heading", name=f"{(by_runs == 3).sum()} pictures that 3 of 3 runs")
    expect(both).to_be_visible()
    chart = page.get_by_label(re.compile("^How many mistakes of this run"))
    chart.locator(".point").first.wait_for()
    chart.locator(".nsewdrag").first.wait_for()
    bar = chart.locator(".point").first.bounding_box()
    assert bar is not None
    page.mouse.click(bar["x"] + bar["width"] / 2, bar["y"] + bar["height"] / 2)
    page.wait_for_url("**by=1*")
    alone = page.get_by_role("heading", name=f"{(by_runs == 1).sum()} pictures that 1 of 3 runs")
    expect(alone).to_be_visible()


def test_an_annotation_is_seen_by_the_next_visitor(
    page: Page, site: Dashboard, run: Run, visitors: Visitors
) -> None:
    page.goto(f"{site.url}/mistakes?run={run.id}&picture=17&about=notes")
    page.get_by_role("button", name="Label wrong").click()
    expect(page.get_by_text("Saved.").first).to_be_visible()
    page.get_by_role("textbox", name="Note").fill("It <b>looks</b> like a *coat*")
    page.get_by_role("textbox", name="Tags").fill("odd")
    # Nothing more than going on: what was typed is kept, and so is the verdict, at its click.
    page.keyboard.press("Tab")
    expect(page.get_by_text("Saved.").first).to_be_visible()
    settle(page)
    other = visitors.open(f"{site.url}/mistakes?run={run.id}&view=verdicts")
    tile = other.get_by_role("button", name=re.compile("^Test picture 17: .*label wrong, odd"))
    expect(tile).to_be_visible()
    tile.click()
    expect(other.get_by_role("textbox", name="Note")).to_have_value("It <b>looks</b> like a *coat*")


def test_a_press_counts_though_the_page_moves_before_the_release(
    page: Page, site: Dashboard, run: Run
) -> None:
    page.goto(f"{site.url}/mistakes?run={run.id}")
    settle(page)

    def press(name: str, away: int = 0) -> None:
        """Press, let the page move by more than a button, move the pointer if asked, release."""
        box = page.get_by_role("radio", name=name).bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.mouse.down()
        page.evaluate("document.querySelector('h1').style.paddingBottom = '90px'")
        if away:
            page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2 + away)
        page.mouse.up()
        page.evaluate("document.querySelector('h1').style.paddingBottom = ''")

    press("% of true class")
    page.wait_for_url("**scale=truth*")
    press("% of predictions", away=300)
    settle(page)
    expect(page.get_by_role("radio", name="% of true class")).to_be_checked()
    press("% of predictions")
    page.wait_for_url("**scale=predicted*")


@pytest.mark.very_slow
def test_suspects_are_annotated_by_keyboard_one_after_the_other(
    start_dashboard: StartDashboard, tmp_path: Path, data: Dataset, visitors: Visitors
) -> None:
    store = RunStore(tmp_path / "runs")
    run = voter(store, data, test=(17, 23, 42))
    site = start_dashboard(store.root, {"FMNIST_SCHEDULER": NO_ENGINE})
    page = visitors.open(f"{site.url}/mistakes?run={run.id}&view=suspects")
    tiles = page.get_by_role("button", name=re.compile(r"^Test picture \d+: labelled"))
    expect(tiles).to_have_count(3)
    for key, number in (("1", 17), ("2", 23), ("3", 42)):
        expect(page.get_by_text(f"Test picture {number}", exact=True)).to_be_visible()
        settle(page)
        page.keyboard.press(key)
        said = {"1": "label wrong", "2": "network wrong", "3": "cannot tell"}[key]
        marked = page.get_by_role("button", name=re.compile(f"^Test picture {number}: .*{said}"))
        expect(marked).to_be_visible()
    with page.expect_download() as table_file:
        page.get_by_role("button", name="Suspicious labels (CSV)").click()
    table_file.value.save_as(tmp_path / "table.csv")
    with (tmp_path / "table.csv").open() as file:
        rows = [(row["number"], row["verdict"]) for row in csv.DictReader(file)]
    assert rows == [("17", "label wrong"), ("23", "model wrong"), ("42", "cannot tell")]
    page.get_by_text("Only those without a verdict").click()
    expect(page.get_by_text("Every suspicious label has a verdict.")).to_be_visible()
    phone = visitors.open(f"{site.url}/mistakes?run={run.id}&view=suspects", PHONE)
    large = phone.get_by_text("Test picture 23", exact=True)
    expect(phone.get_by_role("heading", name="Mistakes")).to_be_in_viewport()
    phone.get_by_role("button", name=re.compile("^Test picture 23: ")).press("Enter")
    expect(large).to_be_in_viewport()


PARTS = (
    "&picture=17",
    "&picture=17&about=sight",
    "&picture=17&about=nearest",
    "&picture=17&about=others",
    "&picture=17&about=notes",
    "&view=classes",
    "&view=sure",
    "&view=luck",
    "&view=suspects",
    "&view=suspects&of=train",
    "&view=verdicts",
)


@pytest.mark.parametrize("part", sampled(PARTS, 1))
def test_every_part_can_be_read_by_anybody_on_every_screen(
    site: Dashboard, run: Run, visitors: Visitors, part: str
) -> None:
    path = f"/mistakes?run={run.id}{part}"
    check_all(visitors.open(site.url + path, PHONE), site, [path])
