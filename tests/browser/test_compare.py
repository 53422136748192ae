"""Compare and the ladder in Chromium: what a visitor does there."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
from accessible import violations
from dashboards import NO_ENGINE, Dashboard, StartDashboard
from made_histories import learned
from playwright.sync_api import expect
from sweep import sampled
from visitors import DESKTOP, PHONE, Visitors, scrolls_sideways, settle

from fmnist_core.dataset import Dataset
from fmnist_core.presets import PRESETS
from fmnist_core.runs import Run, RunStore

# The width of a sheet of A4 between its margins.
SHEET_PX = 718
FOCUSED = "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent"
RING = "getComputedStyle(document.activeElement).outlineStyle"
WIDEST = """Math.max(...[...document.querySelectorAll(".fm-chart .main-svg")]
  .map((one) => one.getBoundingClientRect().width))"""
PLACE = "Math.max(...[...document.querySelectorAll('.fm-chart')].map((one) => one.clientWidth))"
DRAWN = "document.querySelector('[aria-label^=\"Accuracy and loss\"]')?.data?.length > 0"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, data: Dataset) -> tuple[RunStore, list[Run]]:
    store = RunStore(tmp_path_factory.mktemp("compared") / "runs")
    labels = np.asarray(data.test_labels)
    return store, [learned(store, labels, 4, seed=seed, name=f"Seed {seed}") for seed in (1, 2)]


@pytest.fixture(scope="module")
def compared(start_dashboard: StartDashboard, made: tuple[RunStore, list[Run]]) -> Dashboard:
    return start_dashboard(made[0].root, {"FMNIST_SCHEDULER": NO_ENGINE})


def test_curves_answer_one_hover_with_accuracy_and_loss(
    compared: Dashboard, visitors: Visitors
) -> None:
    page = visitors.open(f"{compared.url}/compare")
    page.wait_for_function(DRAWN)
    chart = page.get_by_label("Accuracy and loss of the selected runs")
    chart.locator(".nsewdrag").first.hover()
    said = chart.locator(".hoverlayer")
    for words in ("Seed 1", "Seed 2"):
        expect(said).to_contain_text(f"{words}, test accuracy")
        expect(said).to_contain_text(f"{words}, test loss")


@pytest.mark.very_slow
def test_the_chart_is_in_the_first_screen_on_arrival(
    compared: Dashboard, visitors: Visitors
) -> None:
    """It began at 705 pixels once, on a laptop, and far below the screen on a phone."""
    for size in (DESKTOP, PHONE):
        page = visitors.open(f"{compared.url}/compare", size)
        page.wait_for_function(DRAWN)
        chart = page.get_by_label("Accuracy and loss of the selected runs").bounding_box()
        assert chart is not None
        assert chart["y"] < size[1] * 0.6, size


def test_runs_are_chosen_by_keys_alone(
    compared: Dashboard, visitors: Visitors, made: tuple[RunStore, list[Run]]
) -> None:
    """Streamlit's table took a Tab stop without a visible ring, and could not be ticked well."""
    first, second = made[1]
    page = visitors.open(f"{compared.url}/compare?runs={first.id}")
    page.wait_for_function(DRAWN)
    page.get_by_role("button", name="Choose runs").focus()
    page.keyboard.press("Enter")
    search = page.get_by_role("searchbox", name="Search")
    expect(search).to_be_focused()
    page.keyboard.type("seed 2")
    table = page.get_by_role("table", name="All runs")
    expect(table.get_by_role("row")).to_have_count(2)
    box = table.get_by_role("checkbox", name="Seed 2")
    while page.evaluate(FOCUSED) != "Seed 2":
        page.keyboard.press("Tab")
        assert page.evaluate(RING) != "none", page.evaluate(FOCUSED)
    page.keyboard.press("Space")
    page.wait_for_url(f"**runs={first.id}*{second.id}")
    expect(box).to_be_checked()
    expect(box).to_be_focused()
    expect(page.get_by_text("1 of 2 runs, 2 selected")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Choose runs")).to_be_focused()
    expect(table).to_be_hidden()
    page.get_by_role("button", name="Take Seed 1 away").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**runs={second.id}")
    expect(page.get_by_role("button", name="Take Seed 2 away")).to_be_focused()
    settle(page)


def test_a_tap_on_a_line_of_the_list_chooses_its_run(
    compared: Dashboard, visitors: Visitors, made: tuple[RunStore, list[Run]]
) -> None:
    first, second = made[1]
    page = visitors.open(f"{compared.url}/compare?runs=none", PHONE)
    # Where nothing is chosen, the list is open.
    table = page.get_by_role("table", name="All runs")
    table.get_by_role("rowheader", name="Seed 2").click()
    page.wait_for_url(f"**runs={second.id}")
    table.get_by_role("checkbox", name="Select all").click()
    page.wait_for_url(f"**runs={second.id}*{first.id}")
    settle(page)
    assert violations(page) == []
    assert not scrolls_sideways(page)


@pytest.mark.parametrize("view", sampled(("curves", "pair"), 0))
def test_all_of_the_page_is_printed(compared: Dashboard, visitors: Visitors, view: str) -> None:
    """It ended with the first sheet, and charts were as wide as the screen."""
    page = visitors.open(f"{compared.url}/compare?view={view}")
    page.wait_for_function("document.querySelector('.fm-chart')?.data")
    settle(page)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    footer = page.locator(".fm-footer").bounding_box()
    assert footer is not None
    assert page.evaluate("document.documentElement.scrollHeight") >= footer["y"] + footer["height"]
    expect(page.get_by_role("button", name="Choose runs")).to_be_hidden()
    assert page.evaluate(WIDEST) <= SHEET_PX
    page.emulate_media(media="screen")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.wait_for_function(f"Math.abs({WIDEST} - {PLACE}) < 1")


@pytest.mark.parametrize("view", sampled(("settings", "costs", "pair", "seeds", "together"), 2))
def test_each_part_can_be_read_by_all_and_fits_a_phone(
    compared: Dashboard, visitors: Visitors, view: str
) -> None:
    page = visitors.open(f"{compared.url}/compare?view={view}", PHONE)
    expect(page.get_by_role("radio", checked=True).first).to_be_visible()
    settle(page)
    assert not scrolls_sideways(page)
    assert violations(page) == []


def test_a_run_is_downloaded_here_deleted_and_brought_in_again(
    compared: Dashboard,
    visitors: Visitors,
    made: tuple[RunStore, list[Run]],
    tmp_path: Path,
) -> None:
    store, runs = made
    page = visitors.open(f"{compared.url}/compare?runs={runs[0].id}")
    page.get_by_role("button", name="Download", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Whole run: Seed 1").click()
    path = tmp_path / "run.zip"
    download.value.save_as(path)
    assert "run.json" in zipfile.ZipFile(io.BytesIO(path.read_bytes())).namelist()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("button", name="Delete now").click()
    expect(page.get_by_text("Deleted: Seed 1")).to_be_visible()
    assert [run.id for run in store.list()] == [runs[1].id]
    settle(page)
    page.get_by_role("button", name="Import", exact=True).click()
    page.locator("input[type=file]").set_input_files(path)
    page.wait_for_url(f"**runs={runs[0].id}**")
    expect(page.get_by_text("2 runs, 1 selected")).to_be_visible()
    assert {run.id for run in store.list()} == {run.id for run in runs}


def test_title_mistake_and_first_click_are_in_the_first_screen_of_a_laptop(
    compared: Dashboard, visitors: Visitors
) -> None:
    page = visitors.open(compared.url, (1440, 900))
    first_click = page.get_by_role("button", name="Look at it closely")
    expect(first_click).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("heading", level=1)).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("button", name=re.compile("^Test picture"))).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("link", name="See the mistakes")).to_be_in_viewport(ratio=1)
    first_click.click()
    page.wait_for_url("**/mistakes?*picture=*")


def test_on_a_phone_the_ladder_names_every_step(compared: Dashboard, visitors: Visitors) -> None:
    """They were bare numbers below columns."""
    page = visitors.open_phone(compared.url)
    for number, name in enumerate(PRESETS, 1):
        words = page.locator(".fm-ladder-step b").get_by_text(f"{number} · {name}", exact=True)
        box = words.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= PHONE[0]
    assert not scrolls_sideways(page)


def test_the_ladder_says_what_each_step_changed(compared: Dashboard, visitors: Visitors) -> None:
    page = visitors.open(compared.url)
    chart = page.get_by_label("Training and test accuracy of the six steps")
    expect(chart.get_by_text("People 83.5 %")).to_be_visible()
    expect(page.get_by_role("button", name="All six, ")).to_be_visible()
    row = chart.get_by_role("button", name="3 · LeNet")
    row.click()
    expect(row).to_have_attribute("aria-pressed", "true")
    page.wait_for_url("**step=3**")
    expect(page.get_by_role("radio", name="3 · LeNet")).to_be_checked()
    expect(page.get_by_text("The first to use convolutions")).to_be_visible()
    expect(page.get_by_test_id("stCode")).to_be_hidden()
    page.get_by_text("Show the changed code").click()
    expect(page.get_by_test_id("stCode")).to_contain_text("keras.layers.Conv2D(filters=6")
