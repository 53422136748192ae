"""The training form in Chromium: the drawing, the lists, the keyboard, the address."""

from __future__ import annotations

import re
from itertools import combinations
from urllib.parse import quote

import pytest
from accessible import check, resize, violations
from dashboards import Dashboard
from playwright.sync_api import Locator, Page, expect
from sweep import sampled
from visitors import DESKTOP, LARGE, PHONE, Size, Visitors, box_of, scrolls_sideways, settle

from fmnist_core.presets import PRESETS, network_name
from fmnist_core.specs import (
    CnnSpec,
    ConvBlock,
    DenseSpec,
    RunSpec,
    TrainingSpec,
    parameter_count,
    spec_text,
)

LARGEST = RunSpec(
    network=CnnSpec(
        blocks=tuple(
            ConvBlock(filters=filters, convolutions=2, batch_norm=True, dropout=0.25)
            for filters in (64, 256, 256, 256)
        ),
        head_units=(2048, 1024, 512),
        head_dropout=0.5,
    ),
    training=TrainingSpec(batch_size=8, optimizer="sgd", momentum=0.8, label_noise=0.1),
)
DEEPEST = RunSpec(
    network=DenseSpec(units=(2048, 1024, 512, 256, 128), batch_norm=True, dropout=0.3),
    training=TrainingSpec(schedule="one_cycle", early_stopping_patience=3),
)
SPECS = {"four blocks": LARGEST, "five layers": DEEPEST, "a simple one": PRESETS["Simple network"]}
TEXTS = """() => [...document.querySelectorAll('.fm-net > .fm-draw text')].map((node) => {
  const box = node.getBoundingClientRect();
  return [node.textContent, box.left, box.top, box.right, box.bottom];
})"""
CUT_OFF = """() => [...document.querySelectorAll(
    '.stApp [data-testid="stMain"] :is(p, span, button, li, h1, h2, h3, label)')]
  .filter((node) => node.clientWidth > 1 && node.scrollWidth > node.clientWidth + 1
    && getComputedStyle(node).display !== 'inline')
  .map((node) => node.textContent.slice(0, 60))"""


def address(dashboard: Dashboard, spec: RunSpec) -> str:
    return f"{dashboard.url}/train?new=1&config={quote(spec_text(spec))}"


def drawn(page: Page) -> None:
    page.locator(".fm-net").wait_for(state="attached")


def says(page: Page, spec: RunSpec) -> None:
    """The page shows a spec's name and size."""
    expect(page.get_by_role("heading", name=network_name(spec), exact=True)).to_be_visible()
    expect(page.get_by_text(f"{parameter_count(spec):,} parameters").first).to_be_visible()


def number(page: Page, name: str) -> Locator:
    """The fields for a number of that name."""
    return page.get_by_role("spinbutton", name=name, exact=True)


def everything(page: Page) -> list[tuple[str, str]]:
    """What each field for a number says."""
    found: list[tuple[str, str]] = page.evaluate(
        """() => [...document.querySelectorAll('[data-testid="stMain"] input[type="number"]')]
          .map((node) => [node.ariaLabel, node.value])"""
    )
    return found


@pytest.mark.parametrize("size", sampled((DESKTOP, LARGE), 0), ids=["desktop", "large"])
@pytest.mark.parametrize("name", sampled(SPECS, 0))
def test_no_label_of_the_drawing_is_cut_off_or_covers_another(
    name: str, size: Size, empty_dashboard: Dashboard, visitors: Visitors
) -> None:
    page = visitors.open(address(empty_dashboard, SPECS[name]), size)
    drawn(page)
    page.evaluate("document.fonts.ready")
    texts: list[tuple[str, float, float, float, float]] = page.evaluate(TEXTS)
    assert len(texts) > 15
    assert all(left >= 0 and right <= size[0] for _, left, _, right, _ in texts)
    for one, other in combinations(texts, 2):
        apart = one[3] <= other[1] or other[3] <= one[1] or one[4] <= other[2] + 1
        assert apart or other[4] <= one[2] + 1, (one, other)
    assert page.evaluate(CUT_OFF) == []
    assert not scrolls_sideways(page)


@pytest.mark.parametrize("name", sampled(SPECS, 0))
def test_on_a_phone_the_drawing_is_a_list_that_fits(
    name: str, empty_dashboard: Dashboard, visitors: Visitors
) -> None:
    page = visitors.open(address(empty_dashboard, SPECS[name]), PHONE)
    drawn(page)
    expect(page.locator(".fm-net > .fm-draw")).to_be_hidden()
    expect(page.get_by_role("listitem").filter(has_text="Picture")).to_be_visible()
    for title in ("Data and augmentation", "Schedule and stopping"):
        page.get_by_text(title).click()
    expect(page.get_by_text("Mirror half of them")).to_be_visible()
    assert not scrolls_sideways(page)
    assert page.evaluate(CUT_OFF) == []


@pytest.mark.very_slow
def test_axe_minds_nothing_with_all_parts_open_and_an_earlier_run_to_copy(
    learned_dashboard: Dashboard, visitors: Visitors
) -> None:
    page = visitors.open(address(learned_dashboard, LARGEST))
    drawn(page)
    for title in ("Data and augmentation", "Schedule and stopping", "Show the code"):
        page.get_by_text(title).click()
    expect(page.get_by_text("import keras").first).to_be_visible()
    page.get_by_role("button", name="Advanced").nth(1).click()
    expect(page.get_by_text("Pool size or stride").last).to_be_visible()
    # A popover lies beside the app's element, and its lists look like those in it.
    pooling = page.get_by_test_id("stPopoverBody").get_by_label("Pooling", exact=True)
    expect(pooling).to_have_css("appearance", "none")
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    check(page)
    resize(page, PHONE)
    check(page)


def test_the_first_screen_holds_the_network_its_size_the_start_and_the_main_settings(
    empty_dashboard: Dashboard, visitors: Visitors
) -> None:
    page = visitors.open(address(empty_dashboard, PRESETS["LeNet"]))
    drawn(page)
    for part in (
        page.get_by_role("heading", name="LeNet", exact=True),
        page.get_by_text("61,706 parameters").first,
        page.get_by_role("button", name="Start training"),
        *(number(page, name) for name in ("Learning rate", "Batch size", "Epochs")),
        page.locator(".fm-net > .fm-draw"),
    ):
        box = box_of(part)
        assert box["y"] + box["height"] <= DESKTOP[1]
    # Another network leaves what is below the drawing where it is.
    expander = page.get_by_text("Data and augmentation")
    before = box_of(expander)["y"]
    page.get_by_role("radio", name="Simple network").click()
    says(page, PRESETS["Simple network"])
    expect(page.locator(".fm-net > .fm-draw").get_by_text("Convolution")).to_have_count(0)
    assert box_of(expander)["y"] == pytest.approx(before, abs=1)


def test_on_a_phone_the_start_stays_at_hand_and_covers_nothing(
    empty_dashboard: Dashboard, visitors: Visitors
) -> None:
    page = visitors.open(address(empty_dashboard, LARGEST), PHONE)
    drawn(page)
    start = page.get_by_role("button", name="Start training")
    expect(start).to_be_in_viewport(ratio=1)
    page.locator(".fm-footer").scroll_into_view_if_needed()
    page.get_by_test_id("stMain").evaluate("node => node.scrollTo(0, node.scrollHeight)")
    expect(start).to_be_in_viewport(ratio=1)
    footer = box_of(page.locator(".fm-footer"))
    assert footer["y"] + footer["height"] <= box_of(page.locator(".st-key-train_start"))["y"]


@pytest.mark.parametrize("name", sampled(("four blocks", "five layers"), 1))
def test_a_copied_link_gives_somebody_else_the_same_form(
    name: str, empty_dashboard: Dashboard, visitors: Visitors
) -> None:
    spec = SPECS[name]
    first = visitors.open(address(empty_dashboard, PRESETS["Simple network"]))
    first.goto(address(empty_dashboard, spec))
    settle(first)
    says(first, spec)
    second = visitors.open(first.url)
    says(second, spec)
    fields = [everything(page) for page in (first, second)]
    assert fields[0] == fields[1]
    assert len(fields[0]) > 10
    # What is changed is in the address at once, also after a reload.
    number(second, "Epochs").fill("9")
    second.keyboard.press("Enter")
    second.wait_for_url(re.compile("epochs%22%3A9"))
    second.reload()
    settle(second)
    expect(number(second, "Epochs")).to_have_value("9")


def test_nonsense_in_a_link_is_refused_in_a_sentence(
    empty_dashboard: Dashboard, visitors: Visitors
) -> None:
    page = visitors.open(f"{empty_dashboard.url}/train?new=1&config=%7B%22network%22%3A7%7D")
    expect(page.get_by_text("Network must be a group of settings")).to_be_visible()
    says(page, PRESETS["Simple network"])


def test_blocks_are_added_moved_and_removed_with_the_keyboard(
    empty_dashboard: Dashboard, visitors: Visitors
) -> None:
    page = visitors.open(f"{empty_dashboard.url}/train?new=1")
    page.get_by_role("radio", name="LeNet").click()
    filters = number(page, "Filters")
    for name, expected in (
        ("Add a block", ["6", "16", "32"]),
        ("Move block 3 to the left", ["6", "32", "16"]),
        ("Move block 1 to the right", ["32", "6", "16"]),
        ("Remove block 2", ["32", "16"]),
    ):
        page.get_by_role("button", name=name, exact=True).focus()
        page.keyboard.press("Enter")
        expect(filters).to_have_count(len(expected))
        for place, value in enumerate(expected):
            expect(filters.nth(place)).to_have_value(value)


def test_the_drawing_changes_in_place_as_one_clicks(
    empty_dashboard: Dashboard, visitors: Visitors
) -> None:
    page = visitors.open(f"{empty_dashboard.url}/train?new=1")
    drawn(page)
    page.evaluate(
        """() => {
          window.drawing = document.querySelector('.fm-net');
          window.gone = 0;
          new MutationObserver(() => { window.gone += !window.drawing.isConnected; })
            .observe(document.body, { childList: true, subtree: true });
        }"""
    )
    for preset in ("Wide network with dropout", "LeNet", "Best CNN"):
        page.get_by_role("radio", name=preset).click()
        says(page, PRESETS[preset])
        last = "Dense" if preset.startswith("Wide") else "Convolution"
        expect(page.locator(".fm-net > .fm-draw").get_by_text(last).first).to_be_visible()
    assert page.evaluate("window.gone") == 0
    assert page.evaluate("window.drawing === document.querySelector('.fm-net')")


def test_a_refused_network_is_said_at_once_and_the_form_mends_it(
    empty_dashboard: Dashboard, visitors: Visitors
) -> None:
    spec = RunSpec(
        network=CnnSpec(blocks=tuple(ConvBlock(filters=8, pool_size=4) for _ in range(2)))
    )
    page = visitors.open(address(empty_dashboard, spec))
    drawn(page)
    page.get_by_role("button", name="Add a block").click()
    # In sight also for who has scrolled to the blocks.
    expect(page.get_by_text("In block 3 the feature map would shrink")).to_be_in_viewport()
    expect(page.get_by_role("button", name="Start training")).to_be_disabled()
    page.get_by_role("button", name="Remove block 1", exact=True).click()
    expect(page.get_by_role("button", name="Start training")).to_be_enabled()
    drawn(page)
