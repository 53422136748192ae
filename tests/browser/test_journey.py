"""What a visitor does, from the first click to a model's mistakes, with real training."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from dashboards import Dashboard
from playwright.sync_api import Page, expect
from sweep import sampled
from visitors import Visitors

from fmnist_core.analysis.metrics import confusion_matrix
from fmnist_core.dataset import CLASS_NAMES, Dataset

POINTS = """label => {
  const node = document.querySelector(`[aria-label="${label}"]`);
  if (!node || !node.data) return null;
  window.seenNodes ??= new Set();
  window.seenNodes.add(node);
  return [node.data.reduce((sum, trace) => sum + (trace.x?.length ?? 0), 0), window.seenNodes.size];
}"""
ACCURACY = "Accuracy over the epochs"
ENGINE_STARTS = 120_000


def tiles(page: Page) -> list[str]:
    buttons = page.get_by_role("button", name=re.compile(r"^Test picture \d+: "))
    return [button.get_attribute("aria-label") or "" for button in buttons.all()]


@pytest.mark.parametrize(
    "is_long", sampled((False, True), 0), ids=["the short way", "the long way"]
)
def test_visitor_goes_from_first_click_to_the_mistakes(
    dashboard: Dashboard, visitors: Visitors, data: Dataset, is_long: bool
) -> None:
    page = visitors.open(dashboard.url)
    browse_trousers(page, data)
    run_id = train_first_model(page, dashboard, visitors)
    if is_long:
        stop_second_run(page, dashboard)
    find_mistakes(page, dashboard, run_id, data)
    if is_long:
        look_inside(page, dashboard, run_id)
    no_tensorflow_in(dashboard)


def browse_trousers(page: Page, data: Dataset) -> None:
    page.get_by_role("link", name="Explore data").click()
    page.get_by_role("button", name="Trouser", exact=True).click()
    expect(page.get_by_text("1,000 pictures, 96 on a page")).to_be_visible()
    page.get_by_role("button", name="Page 2", exact=True).click()
    trousers = np.flatnonzero(np.asarray(data.test_labels) == 1)
    second_page = [f"Test picture {number}: Trouser" for number in trousers[96:192]]
    button = page.get_by_role("button", name=second_page[5], exact=True)
    button.click()
    expect(page.get_by_text(f"Test picture {trousers[101]:,}, class 1.")).to_be_visible()
    page.reload()
    expect(page.get_by_text(f"Test picture {trousers[101]:,}, class 1.")).to_be_visible()
    expect(page.get_by_role("button", name=second_page[0], exact=True)).to_be_visible()
    assert tiles(page)[:96] == second_page


def train_first_model(page: Page, dashboard: Dashboard, visitors: Visitors) -> str:
    second = visitors.open(dashboard.url)
    page.get_by_role("link", name="Overview").click()
    page.get_by_role("button", name="Train your first network").click()
    page.wait_for_url(re.compile("/train\\?run="))
    run_id = page.url.split("run=")[1]
    # A second window and a reload both show the same live run.
    page.reload()
    second.get_by_role("link", name="Train", exact=True).click()
    for tab in (page, second):
        # The engine loads TensorFlow first.
        expect(tab.get_by_role("button", name="Stop", exact=True)).to_be_visible(
            timeout=ENGINE_STARTS
        )
        tab.wait_for_url(f"**/train?run={run_id}")
    counts: list[int] = []
    while dashboard.store.get(run_id).active:
        seen = page.evaluate(POINTS, ACCURACY)
        if seen is not None and seen[0] not in counts:
            counts.append(seen[0])
        page.wait_for_timeout(200)
    assert len(counts) >= 3, "the chart moved fewer than two times"
    assert counts == sorted(counts)
    for tab in (page, second):
        shown = tab.get_by_role("main").get_by_text(re.compile("of the 10,000 test pictures"))
        expect(shown).to_be_visible()
    assert page.evaluate(POINTS, ACCURACY)[1] == 1, "the chart was made anew"
    run = dashboard.store.get(run_id)
    assert run.state == "done"
    assert run.summary is not None
    assert (run.summary.epochs, run.summary.parameters) == (5, 101_770)
    return run_id


def stop_second_run(page: Page, dashboard: Dashboard) -> None:
    page.get_by_role("button", name="Back to the form").click()
    page.get_by_role("radio", name="Wide network with dropout").click()
    expect(page.get_by_role("main").get_by_text("535,818").first).to_be_visible()
    page.get_by_role("button", name="Start training").click()
    page.wait_for_url(re.compile("/train\\?run="))
    run_id = page.url.split("run=")[1]
    # A busy page may skip an epoch.
    page.get_by_text(re.compile("^Epoch [2-8] of 10")).wait_for(timeout=ENGINE_STARTS)
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    run = dashboard.store.get(run_id)
    assert run.state == "stopped"
    assert run.summary is not None
    assert 1 <= run.summary.epochs < 10


def find_mistakes(page: Page, dashboard: Dashboard, run_id: str, data: Dataset) -> None:
    page.goto(f"{dashboard.url}/mistakes?run={run_id}")
    probabilities = dashboard.store.predictions(run_id)["test_probabilities"]
    predictions, labels = probabilities.argmax(axis=1), np.asarray(data.test_labels)
    matrix = confusion_matrix(labels, predictions)
    truth, predicted = 6, 0
    count = matrix[truth, predicted]
    click_cell(page, truth, predicted, count)
    heading = page.get_by_role("heading", name=f"{count} shirts taken for T-shirt/top")
    expect(heading).to_be_visible()
    expect(
        page.get_by_role(
            "button", name=re.compile(r"^Test picture \d+: Shirt, taken for T-shirt")
        ).first
    ).to_be_visible()
    wall = [name for name in tiles(page) if "taken for" in name]
    assert len(wall) == min(60, count)
    for name in wall:
        number = int(re.findall(r"\d+", name)[0])
        assert (labels[number], predictions[number]) == (truth, predicted)
    number = int(re.findall(r"\d+", wall[3])[0])
    page.get_by_role("button", name=wall[3], exact=True).click()
    page.wait_for_url(re.compile(f"picture={number}"))
    address = page.url
    for _ in range(2):
        expect(
            page.get_by_label(f"Probabilities of the ten classes for test picture {number}")
        ).to_be_visible()
        page.wait_for_function(
            """label => document.querySelector(`[aria-label="${label}"]`)?.data""",
            arg=f"Probabilities of the ten classes for test picture {number}",
        )
        bars = page.evaluate(
            """label => { const bar = document.querySelector(`[aria-label="${label}"]`).data[0];
            return [...(bar.x._inputArray ?? bar.x)].map(Number) }""",
            f"Probabilities of the ten classes for test picture {number}",
        )
        assert bars == pytest.approx((100 * probabilities[number]).tolist(), abs=1e-3)
        says = page.get_by_role("heading", name="It says T-shirt/top")
        expect(says.get_by_text("It is labelled Shirt.")).to_be_visible()
        page.goto(address)


def look_inside(page: Page, dashboard: Dashboard, run_id: str) -> None:
    """From the weights that the worker wrote to the map on the screen."""
    slow = page.context.new_cdp_session(page)
    slow.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    page.goto(f"{dashboard.url}/mistakes?run={run_id}&picture=17&about=sight")
    seen = page.get_by_label("The pixels of test picture 17 that its answer hangs on")
    expect(seen.locator(".main-svg").first).to_be_visible(timeout=ENGINE_STARTS)
    # A slow browser missed what was chosen where the page was drawn again at once.
    for choice in ("Count", "Dataset order", "What it looks at"):
        expect(page.get_by_role("radio", name=choice, exact=True).first).to_be_checked()
    page.get_by_role("radio", name="Similar pictures").click()
    page.get_by_role("radio", name="The network's features").click()
    expect(page.get_by_text("by the network's features")).to_be_visible(timeout=ENGINE_STARTS)


def click_cell(page: Page, truth: int, predicted: int, count: int) -> None:
    """Click a cell of the matrix, which says how many pictures it holds."""
    matrix = page.get_by_role("table", name=re.compile("^Confusion matrix"))
    name = f"{CLASS_NAMES[truth]} taken for {CLASS_NAMES[predicted]}: {count} picture"
    cell = matrix.get_by_role("button", name=name)
    expect(cell).to_have_text(str(count))
    cell.click()
    expect(cell).to_have_attribute("aria-pressed", "true")


def no_tensorflow_in(dashboard: Dashboard) -> None:
    loaded = Path(f"/proc/{dashboard.process.pid}/maps").read_text()
    assert "pyarrow" in loaded, "the maps of the live process must be readable"
    assert "tensorflow" not in loaded
