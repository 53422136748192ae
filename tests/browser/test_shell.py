"""What surrounds every page: the theme it follows, its footer, how large its pictures are."""

from __future__ import annotations

import pytest
from dashboards import Dashboard
from playwright.sync_api import Page, expect
from sweep import sampled
from visitors import DESKTOP, LARGE, PHONE, Scheme, Size, Visitors, box_of, settle

from fmnist_core.colors import FOREGROUND
from ui.components.modules import module_address

OTHER: dict[Scheme, Scheme] = {"light": "dark", "dark": "light"}
GROUND = """() => {
  const probe = document.body.appendChild(document.createElement("i"));
  probe.style.cssText = "forced-color-adjust: none; background: var(--fm-paper)";
  const ground = getComputedStyle(probe).backgroundColor;
  probe.remove();
  return ground;
}"""
INK_OF_CHART = """() => document.querySelector(".fm-chart")?._fullLayout?.font.color"""


def wait_for_ink(page: Page, scheme: Scheme) -> None:
    page.wait_for_function(f"ink => ({INK_OF_CHART})() === ink", arg=FOREGROUND[scheme])


def brightness_of_a_corner(page: Page) -> int:
    """How bright the blank corner of the last picture is on the screen, from 0 to 255."""
    from io import BytesIO

    from PIL import Image

    picture = page.locator(".fm-picture").last
    with Image.open(BytesIO(picture.screenshot())) as shot:
        brightness = shot.convert("L").getpixel((shot.width // 2, 3))
    assert isinstance(brightness, int | float)
    return int(brightness)


@pytest.mark.parametrize("scheme", sampled(("light", "dark"), 0))
def test_charts_take_on_a_new_theme_where_they_are(
    learned_dashboard: Dashboard, visitors: Visitors, scheme: Scheme
) -> None:
    """Streamlit runs no script when the theme changes: dark ink stayed on a dark page."""
    page = visitors.open(f"{learned_dashboard.url}/mistakes?picture=17", scheme=scheme)
    wait_for_ink(page, scheme)
    page.evaluate("document.querySelector('.fm-chart').dataset.seen = 'yes'")
    page.emulate_media(color_scheme=OTHER[scheme])
    wait_for_ink(page, OTHER[scheme])
    assert page.evaluate("document.querySelector('.fm-chart').dataset.seen") == "yes"


def test_charts_take_on_the_theme_of_the_menu(
    learned_dashboard: Dashboard, visitors: Visitors
) -> None:
    page = visitors.open(f"{learned_dashboard.url}/mistakes?picture=17")
    wait_for_ink(page, "light")
    page.get_by_test_id("stMainMenuButton").click()
    page.get_by_role("menuitemradio", name="Dark").click()
    wait_for_ink(page, "dark")


def test_pictures_are_ink_on_paper_or_light_on_dark(
    empty_dashboard: Dashboard, visitors: Visitors
) -> None:
    """Trousers leave the place between the legs of their picture's upper edge blank."""
    page = visitors.open(f"{empty_dashboard.url}/explore?class=5&picture=8")
    assert brightness_of_a_corner(page) > 240
    page.emulate_media(color_scheme="dark")
    settle(page)
    expect(page.locator(".fm-picture").last).to_have_css("background-color", "rgb(0, 0, 0)")
    assert brightness_of_a_corner(page) < 15


@pytest.mark.parametrize(("size", "side"), [(DESKTOP, 64), (LARGE, 76)])
def test_pictures_grow_with_the_text_of_a_projector(
    empty_dashboard: Dashboard, visitors: Visitors, size: Size, side: int
) -> None:
    page = visitors.open(f"{empty_dashboard.url}/explore", size)
    expect(page.locator(".fm-picture").first).to_have_css("width", f"{side}px")


def test_pictures_follow_the_window_to_the_projector(
    empty_dashboard: Dashboard, visitors: Visitors
) -> None:
    page = visitors.open(f"{empty_dashboard.url}/explore", DESKTOP)
    picture = page.locator(".fm-wall").first.locator(".fm-picture").last
    for (width, height), side in ((LARGE, 76), (DESKTOP, 64)):
        page.set_viewport_size({"width": width, "height": height})
        expect(picture).to_have_css("width", f"{side}px")
        across, down = picture.evaluate("e => getComputedStyle(e).backgroundPosition").split()
        assert float(across.removesuffix("px")) % side == 0
        assert float(down.removesuffix("px")) % side == 0


def test_on_a_phone_the_wall_begins_on_the_first_screen(
    empty_dashboard: Dashboard, visitors: Visitors
) -> None:
    page = visitors.open(f"{empty_dashboard.url}/explore", PHONE)
    tile = page.get_by_role("button", name="Test picture 1: Pullover")
    expect(tile).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("heading", name="Ankle boot")).to_be_in_viewport(ratio=1)
    page.get_by_role("button", name="Test picture 90: ").click()
    expect(page.get_by_text("Test picture 90, class")).to_be_in_viewport(ratio=1)


def test_the_tab_key_comes_to_the_chosen_picture(
    empty_dashboard: Dashboard, visitors: Visitors
) -> None:
    page = visitors.open(f"{empty_dashboard.url}/explore?picture=5")
    stops = page.locator(".fm-wall").first.locator("button[tabindex='0']")
    expect(stops).to_have_count(1)
    expect(stops).to_have_attribute("aria-label", "Test picture 5: Trouser")
    other = page.get_by_role("button", name="Test picture 9: Sneaker")
    other.click()
    expect(other.first).to_have_attribute("aria-pressed", "true")
    expect(stops).to_have_count(1)
    expect(stops).to_have_attribute("aria-label", "Test picture 9: Sneaker")


@pytest.mark.parametrize("path", sampled(("/", "/compare", "/mistakes"), 1))
def test_a_page_that_ends_early_has_its_footer_below_it(
    empty_dashboard: Dashboard, visitors: Visitors, path: str
) -> None:
    page = visitors.open(empty_dashboard.url + path)
    footer = page.locator("footer")
    expect(footer).to_have_count(1)
    main = box_of(page.get_by_role("heading", level=1))
    assert box_of(footer)["y"] > main["y"]


# Two options of a row of which one is chosen, as they look.
TWO_OPTIONS = """() => ["true", "false"].map((checked) => {
  const option = document.querySelector(`.fm-choice-options > [aria-checked="${checked}"]`);
  const style = getComputedStyle(option);
  return `${style.backgroundColor} ${style.color}`;
})"""


@pytest.mark.parametrize("scheme", sampled(("light", "dark"), 1))
def test_forced_colours_say_what_is_chosen_and_leave_drawings_their_ground(
    learned_dashboard: Dashboard, visitors: Visitors, scheme: Scheme
) -> None:
    page = visitors.open(f"{learned_dashboard.url}/mistakes?picture=17", scheme=scheme)
    wait_for_ink(page, scheme)
    page.emulate_media(forced_colors="active")
    try:
        chosen, other = page.evaluate(TWO_OPTIONS)
        assert chosen != other
        here = page.locator(".st-key-menu_links a[aria-current]")
        expect(here).to_have_css("outline-style", "solid")
        chart = page.locator(".fm-chart").first
        expect(chart).to_have_css("forced-color-adjust", "none")
        expect(chart).to_have_css("background-color", page.evaluate(GROUND))
    finally:
        page.emulate_media(forced_colors="none")


@pytest.mark.parametrize("path", sampled(("/", "/compare"), 1))
def test_a_page_prints_whole_and_without_what_is_to_be_pressed(
    learned_dashboard: Dashboard, visitors: Visitors, path: str
) -> None:
    page = visitors.open(learned_dashboard.url + path)
    page.emulate_media(media="print")
    try:
        assert page.evaluate(
            "() => document.documentElement.scrollHeight"
            " >= document.querySelector('[data-testid=stMainBlockContainer]').scrollHeight"
        )
        main = box_of(page.get_by_test_id("stMain"))
        assert main["height"] >= box_of(page.locator(".st-key-page"))["height"]
        expect(page.locator(".st-key-header")).to_be_hidden()
    finally:
        page.emulate_media(media="screen")


# What the region holds after the first sentences, after one of them changed, after another did.
ANNOUNCE = """async (address) => {
  const { default: announce } = await import(address);
  const region = () => document.querySelector(".fm-announcements")?.textContent;
  const say = (about, sentence) => announce({ data: { about, sentence } });
  const said = [];
  say("gallery", "74 pictures");
  say("training", "");
  said.push(region());
  say("gallery", "12 pictures");
  say("gallery", "12 pictures");
  said.push(region());
  say("training", "The run has finished.");
  said.push(region());
  return said;
}"""
MOVING = """() => document.getAnimations()
  .filter((one) => one.effect.getComputedTiming().activeDuration > 1).length
  + [...document.querySelectorAll(".stApp *")].filter((part) =>
    parseFloat(getComputedStyle(part).transitionDuration) > 0.001).length"""


def test_whoever_wants_less_motion_gets_none(
    empty_dashboard: Dashboard, visitors: Visitors
) -> None:
    page = visitors.open(f"{empty_dashboard.url}/explore")
    assert page.evaluate(MOVING) > 0
    page.emulate_media(reduced_motion="reduce")
    try:
        assert page.evaluate(MOVING) == 0
    finally:
        page.emulate_media(reduced_motion="no-preference")


def test_news_is_told_in_one_region_and_what_a_page_begins_with_is_none(
    empty_dashboard: Dashboard, visitors: Visitors
) -> None:
    page = visitors.open(f"{empty_dashboard.url}/explore")
    said = page.evaluate(ANNOUNCE, module_address("announcement.js"))
    assert said == ["", "12 pictures", "12 picturesThe run has finished."]
    region = page.locator(".fm-announcements")
    expect(region).to_have_count(1)
    expect(region).to_have_attribute("aria-live", "polite")


# By how much each row of options differs from the room that was kept for it.
MOST_ROOM_OFF = 8
ROOMS = """() => [...document.querySelectorAll(".fm-choice")].flatMap((choice) => {
  const place = choice.parentElement;
  const room = place.querySelector(".fm-room");
  const rows = new Set([...choice.querySelectorAll(".fm-choice-options > *")].map(
    (option) => option.offsetTop));
  const label = choice.querySelector(".fm-choice-label");
  const isWrapped = rows.size > 1 || label.offsetHeight > 40;
  if (!choice.offsetHeight || isWrapped) return [];
  const height = choice.offsetHeight;
  place.setAttribute("aria-busy", "true");
  choice.style.display = "none";
  const difference = Math.abs(room.offsetHeight - height);
  choice.style.display = "";
  place.setAttribute("aria-busy", "false");
  return [[`${label.textContent} ${height}`, difference]];
})"""


@pytest.mark.parametrize("is_phone", sampled((False, True), 1), ids=["desk", "phone"])
def test_the_room_that_is_kept_for_options_is_as_high_as_they_are(
    empty_dashboard: Dashboard, visitors: Visitors, is_phone: bool
) -> None:
    page = (visitors.open_phone if is_phone else visitors.open)(
        f"{empty_dashboard.url}/train?new=1"
    )
    for path in ("/train?new=1", "/explore"):
        page.goto(empty_dashboard.url + path)
        settle(page)
        rooms = page.evaluate(ROOMS)
        assert len(rooms) > 1
        assert [name for name, difference in rooms if difference > MOST_ROOM_OFF] == []
