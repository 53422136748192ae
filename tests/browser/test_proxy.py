"""The dashboard behind a proxy that gives it a path and a host of its own."""

from __future__ import annotations

import re
import urllib.error
import urllib.request

import framing
import pytest
from dashboards import SHARED_PATH, Dashboard
from playwright.sync_api import Page, Response, expect
from visitors import Visitors, settle

from ui.components.modules import DIGEST

FONTS_ARE_HERE = """() => ["Inter", "Fraunces"].every((name) => [...document.fonts].some(
  (face) => face.status === "loaded" && face.family.replaceAll('"', "") === name))"""


def watch(page: Page) -> list[str]:
    """What the page asks for and does not get, from now on."""
    missing: list[str] = []

    def note(answer: Response) -> None:
        # Streamlit finds out by asking where its base is.
        if answer.status >= 400 and "/_stcore/" not in answer.url:
            missing.append(f"{answer.status} {answer.url}")

    page.on("response", note)
    return missing


@pytest.mark.very_slow
def test_pages_have_charts_maps_and_fonts_behind_a_proxy(
    shared_address: str, visitors: Visitors
) -> None:
    page = visitors.open(f"{shared_address}{SHARED_PATH}/")
    modules: list[Response] = []
    page.on("response", lambda one: modules.append(one) if one.url.endswith(".js") else None)
    page.goto(f"{shared_address}{SHARED_PATH}/mistakes?picture=17")
    settle(page)
    missing = watch(page)
    expect(page.locator(".fm-chart .main-svg").first).to_be_visible()
    page.wait_for_function(FONTS_ARE_HERE)
    page.get_by_role("link", name="Explore data").click()
    page.wait_for_url(re.compile(re.escape(f"{shared_address}{SHARED_PATH}/explore") + r"(\?.*)?$"))
    settle(page)
    page.goto(f"{shared_address}{SHARED_PATH}/explore?view=map")
    settle(page)
    canvas = page.locator(".fm-canvas canvas").first
    expect(canvas).to_be_visible()
    with page.expect_response(lambda answer: f"{SHARED_PATH}/pictures/" in answer.url) as sheet:
        page.goto(f"{shared_address}{SHARED_PATH}/explore?view=sheet&class=3")
    assert sheet.value.ok
    settle(page)
    ours = [one for one in modules if "/assets/js/" in one.url]
    for one in ours:
        assert one.url.startswith(f"{shared_address}{SHARED_PATH}/assets/js/{DIGEST}/")
        assert "immutable" in one.headers["cache-control"]
    assert {"confusion_matrix.js", "image_map.js", "image_map_view.js"} <= {
        one.url.rpartition("/")[2] for one in ours
    }
    assert missing == []


@pytest.mark.parametrize("path", ["/", SHARED_PATH, f"{SHARED_PATH}?x=1"])
def test_ways_to_the_start_lead_there_under_the_visitors_own_host(
    shared_address: str, visitors: Visitors, path: str
) -> None:
    """Where Starlette leads on by itself, it names the host that the proxy has put in."""
    page = visitors.open(shared_address + path)
    assert page.url.partition("?")[0] == f"{shared_address}{SHARED_PATH}/"


def test_slides_that_were_named_show_the_dashboard_in_a_frame(
    shared_address: str, visitors: Visitors
) -> None:
    tab = visitors.open(f"{shared_address}{SHARED_PATH}/")
    with framing.Slides(f"{shared_address}{SHARED_PATH}/") as slides:
        tab.goto(slides.url)
        inside = slides.framed(tab)
        assert inside is not None
        inside.get_by_role("heading", level=1).wait_for()


def test_a_proxy_whose_name_was_not_given_is_told_what_to_set(shared_dashboard: Dashboard) -> None:
    request = urllib.request.Request(shared_dashboard.url + "/healthz")
    request.add_header("Origin", "https://other.example")
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(request, timeout=20)
    assert "start it with FMNIST_HOSTS=other.example." in shared_dashboard.log.read_text()
