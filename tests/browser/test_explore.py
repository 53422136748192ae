"""Explore data in Chromium: what a visitor plays with, with the mouse and without."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from accessible import check_all
from dashboards import Dashboard
from playwright.sync_api import Page, Route, expect
from sweep import sampled
from visitors import PHONE, Visitors, box_of

from fmnist_core.dataset import CLASS_NAMES, Dataset

INK_ON = """() => {
  const canvas = document.querySelector('.fm-canvas-stage canvas');
  if (!canvas?.width) return 0;
  const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  let colors = new Set();
  for (let at = 0; at < pixels.length; at += 404) {
    colors.add(`${pixels[at]},${pixels[at + 1]},${pixels[at + 2]}`);
  }
  return colors.size;
}"""


def address(page: Page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def wait_for_address(page: Page, **parts: str) -> None:
    """Until the address has these parts; without asking in which order."""
    for name, value in parts.items():
        page.wait_for_url(re.compile(rf"[?&]{name}={value}(&|$)"))


def open_canvas(page: Page) -> None:
    """Wait until the pictures are on the canvas."""
    page.wait_for_function(f"({INK_ON})() > 5")


def test_pixels_are_read_with_the_mouse_and_with_the_arrows(
    empty_dashboard: Dashboard, visitors: Visitors, data: Dataset
) -> None:
    page = visitors.open(f"{empty_dashboard.url}/explore?picture=17&close=1")
    image = np.asarray(data.test_images[17])
    canvas = page.locator(".fm-pixels canvas")
    canvas.scroll_into_view_if_needed()
    box = box_of(canvas)
    cell = box["width"] / 28
    canvas.hover(position={"x": 14.5 * cell, "y": 9.5 * cell})
    value = int(image[9, 14])
    reading = page.locator(".fm-pixels output")
    expect(reading).to_contain_text(f"Row 9, column 14: {value} of 255.")
    expect(reading).to_contain_text(f"{value} ÷ 255 = {value / 255:.3f}")
    page.mouse.move(2, 2)
    canvas.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    expect(reading).to_contain_text(f"Row 14, column 13: {image[14, 13]} of 255.")
    page.get_by_role("button", name="÷ 255").click()
    expect(page.get_by_role("button", name="÷ 255")).to_have_attribute("aria-pressed", "true")


def test_a_look_alike_is_clicked_and_the_way_leads_back(
    empty_dashboard: Dashboard, visitors: Visitors
) -> None:
    page = visitors.open(f"{empty_dashboard.url}/explore?picture=17&close=1")
    first = page.get_by_role("button", name=re.compile(r"^Train picture \d+: .*differs")).first
    number = first.get_attribute("data-number")
    assert number is not None
    first.click()
    wait_for_address(page, split="train", picture=str(number), trail="e17")
    expect(page.get_by_text(f"Training picture {int(number):,}, class")).to_be_visible()
    page.get_by_role("button", name=re.compile("test 17$")).click()
    wait_for_address(page, picture="17")
    expect(page.get_by_text("Test picture 17, class")).to_be_visible()
    assert "trail" not in address(page)


def test_a_whole_class_is_walked_and_opened_without_a_mouse(
    empty_dashboard: Dashboard, visitors: Visitors, data: Dataset
) -> None:
    page = visitors.open(f"{empty_dashboard.url}/explore?view=sheet&of=1")
    open_canvas(page)
    trousers = np.flatnonzero(np.asarray(data.test_labels) == 1)
    page.locator(".fm-canvas-stage > canvas").focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    columns = page.evaluate("document.querySelector('.fm-canvas').fmState.world.sheetColumns")
    box = box_of(page.locator(".fm-canvas-stage > canvas"))
    # All of it fills the canvas.
    assert abs(columns / (1_000 / columns) / (box["width"] / box["height"]) - 1) < 0.1
    wanted = int(trousers[1 + columns])
    expect(page.locator(".fm-canvas-said")).to_have_text(
        f"Test picture {wanted}: Trouser. Enter opens it."
    )
    page.keyboard.press("Enter")
    wait_for_address(page, picture=str(wanted), close="1")
    expect(page.get_by_role("heading", name="Trouser")).to_be_visible()


@pytest.mark.very_slow
def test_a_lasso_on_the_map_collects_pictures_and_the_address_keeps_it(
    empty_dashboard: Dashboard, visitors: Visitors
) -> None:
    page = visitors.open(f"{empty_dashboard.url}/explore?view=map")
    open_canvas(page)
    page.get_by_role("button", name="Lasso").click()
    canvas = page.locator(".fm-canvas-stage > canvas")
    canvas.scroll_into_view_if_needed()
    box = box_of(canvas)
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x - 120, y - 120)
    page.mouse.down()
    for dx, dy in ((120, -120), (120, 120), (-120, 120), (-120, -110)):
        page.mouse.move(x + dx, y + dy, steps=8)
    page.mouse.up()
    heading = page.get_by_role("heading", name=re.compile(r"^[\d,]+ pictures inside the line"))
    expect(heading).to_be_visible()
    said = heading.inner_text()
    again = visitors.tab(page, page.url)
    expect(again.get_by_role("heading", name=said)).to_be_visible()
    page.get_by_role("button", name="Clear").click()
    expect(heading).to_have_count(0)
    assert "loop" not in address(page)


def test_a_picture_on_the_map_shows_under_the_mouse_and_opens(
    empty_dashboard: Dashboard, visitors: Visitors, data: Dataset
) -> None:
    page = visitors.open(f"{empty_dashboard.url}/explore")
    late: list[Route] = []

    def hold(route: Route) -> None:
        late.append(route)

    page.route(re.compile(r"/pictures/.*\.png"), hold)
    page.goto(f"{empty_dashboard.url}/explore?view=map")
    open_canvas(page)
    page.locator(".fm-canvas-stage > canvas").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    hint = page.locator(".fm-canvas-hint")
    expect(page.locator(".fm-canvas-said")).not_to_be_empty()
    expect(hint).to_be_hidden()
    # The points are there before the pictures.
    for route in late:
        route.continue_()
    expect(hint).to_be_visible()
    named = re.match(r"Test picture (\d+): (.+)", hint.inner_text())
    assert named is not None
    number = int(named[1])
    assert named[2] == CLASS_NAMES[data.test_labels[number]]
    page.keyboard.press("Enter")
    wait_for_address(page, picture=str(number), close="1")


STATE_OF_MAP = """() => {
  const { view, active, at, kept, lit, world } = document.querySelector(".fm-canvas").fmState;
  const scrolled = document.querySelector("[data-testid=stMain]").scrollTop;
  return { zoom: view.scale / view.least, left: view.left, top: view.top, active, scrolled,
    number: at === null ? null : world.numbers[at], kept: [...kept], lit };
}"""


class Fingers:
    """Fingers on a touch screen, as the browser hears of them.

    Args:
        page: that they touch.
    """

    def __init__(self, page: Page) -> None:
        self._page = page
        self._session = page.context.new_cdp_session(page)

    def move(self, *ways: tuple[tuple[float, float], tuple[float, float]]) -> None:
        """Put fingers down, move each from one point to another, and lift them."""
        steps = 12
        self._send("touchStart", [start for start, _ in ways])
        for step in range(1, steps + 1):
            share = step / steps
            self._send(
                "touchMove",
                [
                    (start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1]))
                    for start, end in ways
                ],
            )
            self._page.wait_for_timeout(16)
        self._send("touchEnd", [])

    def _send(self, kind: str, points: list[tuple[float, float]]) -> None:
        touches = [{"x": x, "y": y, "id": finger} for finger, (x, y) in enumerate(points)]
        self._session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})


def test_a_finger_scrolls_past_the_map_two_zoom_it_and_a_tap_shows_a_picture(
    empty_dashboard: Dashboard, visitors: Visitors, data: Dataset
) -> None:
    """A tap once left the map for the picture, and a finger on the map could not scroll on."""
    page = visitors.open(f"{empty_dashboard.url}/explore?view=map", PHONE, touch=True)
    open_canvas(page)
    fingers = Fingers(page)
    box = box_of(page.locator(".fm-canvas-stage > canvas"))
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    fingers.move(((x, y), (x, y - 200)))
    page.wait_for_function(f"({STATE_OF_MAP})().scrolled > 50")
    state = page.evaluate(STATE_OF_MAP)
    assert (state["zoom"], state["active"]) == (1, False)
    # It glides on for a while.
    page.wait_for_function(
        """() => {
          const main = document.querySelector("[data-testid=stMain]");
          const gliding = window.fmScrolled !== main.scrollTop;
          window.fmScrolled = main.scrollTop;
          if (!gliding) main.scrollTop = 0;
          return !gliding;
        }""",
        polling=200,
    )

    fingers.move(((x - 20, y), (x - 60, y)), ((x + 20, y), (x + 60, y)))
    state = page.evaluate(STATE_OF_MAP)
    assert 2.5 < state["zoom"] < 3.5
    assert (state["number"], state["scrolled"], state["active"]) == (None, 0, True)

    fingers.move(((x, y), (x + 30, y + 50)))
    moved = page.evaluate(STATE_OF_MAP)
    assert moved["top"] - state["top"] > 40
    assert moved["scrolled"] == 0

    page.touchscreen.tap(x, y)
    look = page.get_by_role("button", name="Look closer")
    expect(look).to_be_visible()
    number = page.evaluate(STATE_OF_MAP)["number"]
    assert CLASS_NAMES[data.test_labels[number]] in page.locator(".fm-canvas-hint").inner_text()
    assert "close" not in address(page)

    page.get_by_role("button", name="Done").tap()
    expect(look).to_be_hidden()
    assert page.evaluate(STATE_OF_MAP)["active"] is False

    page.touchscreen.tap(x, y)
    before = page.evaluate(STATE_OF_MAP)
    look.tap()
    wait_for_address(page, picture=str(before["number"]), close="1")
    page.get_by_role("button", name="Back to the map").tap()
    open_canvas(page)
    state = page.evaluate(STATE_OF_MAP)
    assert abs(state["zoom"] - before["zoom"]) + abs(state["left"] - before["left"]) < 0.01


def test_a_tap_beside_the_map_gives_the_page_back_to_the_finger(
    empty_dashboard: Dashboard, visitors: Visitors
) -> None:
    page = visitors.open(f"{empty_dashboard.url}/explore?view=sheet", PHONE, touch=True)
    open_canvas(page)
    page.locator(".fm-canvas-stage > canvas").tap(position={"x": 150, "y": 150})
    expect(page.get_by_role("button", name="Look closer")).to_be_visible()
    page.get_by_role("heading", level=1).tap()
    expect(page.get_by_role("button", name="Look closer")).to_be_hidden()
    assert page.evaluate(STATE_OF_MAP)["active"] is False


def test_classes_of_the_key_stand_out_under_the_mouse_and_for_good_when_pressed(
    empty_dashboard: Dashboard, visitors: Visitors
) -> None:
    page = visitors.open(f"{empty_dashboard.url}/explore?view=map")
    open_canvas(page)

    def highlighted() -> tuple[list[int], int | None]:
        state = page.evaluate(STATE_OF_MAP)
        return state["kept"], state["lit"]

    key = {name: page.locator(".fm-canvas-key").get_by_role("button", name=name, exact=True)
           for name in ("All", "Shirt", "Coat")}  # fmt: skip
    key["Shirt"].hover()
    assert highlighted() == ([], 6)
    key["Shirt"].click()
    key["Coat"].click()
    page.mouse.move(5, 5)
    assert highlighted() == ([6, 4], None)
    expect(key["Coat"]).to_have_attribute("aria-pressed", "true")
    # Where the system's colours are forced, it is to be seen as well.
    page.emulate_media(forced_colors="active")
    background, highlight = key["Coat"].evaluate(
        """(one) => {
          const probe = document.createElement("i");
          probe.style.cssText = "forced-color-adjust: none; background: Highlight";
          document.body.append(probe);
          return [one, probe].map((each) => getComputedStyle(each).backgroundColor);
        }"""
    )
    assert background == highlight
    page.emulate_media(forced_colors="none")
    key["Shirt"].click()
    page.mouse.move(5, 5)
    assert highlighted() == ([4], None)
    page.keyboard.press("Tab")
    assert highlighted() == ([4], 7)
    key["All"].click()
    assert highlighted() == ([], None)
    expect(key["All"]).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize("hidden", ["display: none", "width: 0"])
def test_a_map_that_has_no_room_draws_nothing(
    empty_dashboard: Dashboard, visitors: Visitors, hidden: str
) -> None:
    """A picture without a width cannot be made: ``createImageData`` threw where nobody caught it.

    What nobody catches in a tab fails the test of its visitor.
    """
    page = visitors.open(f"{empty_dashboard.url}/explore?view=map")
    open_canvas(page)
    stage = page.locator(".fm-canvas-stage")
    stage.evaluate("(stage, style) => { stage.style.cssText = style; }", hidden)
    # The canvas hears of its new size with one frame and is drawn with the next.
    page.evaluate(
        """() => new Promise((drawn) => {
          const frames = (left) => left ? requestAnimationFrame(() => frames(left - 1)) : drawn();
          frames(4);
        })"""
    )
    stage.evaluate("(stage) => { stage.style.cssText = ''; }")
    expect(page.locator(".fm-canvas-stage > canvas")).to_be_visible()


def test_the_view_and_the_classes_are_chosen_by_their_pills(
    empty_dashboard: Dashboard, visitors: Visitors
) -> None:
    page = visitors.open(f"{empty_dashboard.url}/explore")
    pill = page.get_by_role("button", name="Sandal", exact=True)
    expect(pill.locator("img")).to_have_count(1)
    pill.click()
    wait_for_address(page, **{"class": "5"})
    expect(page.get_by_text("1,000 pictures")).to_be_visible()
    page.get_by_role("radio", name="The facts").click()
    wait_for_address(page, view="facts")
    expect(page.get_by_text("(60000, 28, 28)").first).to_be_visible()


PARTS = ("view=facts", "view=classes", "view=map", "view=sheet", "picture=436&close=1")


@pytest.mark.parametrize("part", sampled(PARTS, 4))
def test_every_part_can_be_read_by_anybody_on_every_screen(
    empty_dashboard: Dashboard, visitors: Visitors, part: str
) -> None:
    path = f"/explore?{part}"
    check_all(visitors.open(empty_dashboard.url + path, PHONE), empty_dashboard, [path])
