"""The dashboard behind a proxy that gives it a path and a host of its own."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from pathlib import Path

import framing
import numpy as np
import pytest
from dashboards import NO_ENGINE, Dashboard, StartDashboard
from made_runs import done
from playwright.sync_api import Page, Response, expect
from proxy import Proxy
from visitors import Visitors, settle

from fmnist_core.dataset import Dataset
from fmnist_core.runs import RunStore

NAME = "clothes.test"
BASE = "/school/clothes"
FONTS = "[...document.fonts].filter((face) => face.status === 'loaded').map((face) => face.family)"


@pytest.fixture(scope="module")
def below(
    start_dashboard: StartDashboard, tmp_path_factory: pytest.TempPathFactory, data: Dataset
) -> Dashboard:
    """A dashboard with a run, under a path."""
    runs: Path = tmp_path_factory.mktemp("below") / "runs"
    done(RunStore(runs), np.asarray(data.test_labels))
    environment = {
        "FMNIST_SCHEDULER": NO_ENGINE,
        "FMNIST_HOSTS": NAME,
        "FMNIST_FRAMES": f"http://{framing.HOST}:*",
        "STREAMLIT_SERVER_BASE_URL_PATH": BASE,
    }
    return start_dashboard(runs, environment, base=BASE)


@pytest.fixture
def address(below: Dashboard) -> Iterator[str]:
    proxy = Proxy(below.url)
    yield f"http://{NAME}:{proxy.port}"
    proxy.close()


def watch(page: Page) -> list[str]:
    """What the page asks for and does not get, from now on."""
    missing: list[str] = []

    def note(answer: Response) -> None:
        # Streamlit finds out by asking where its base is.
        if answer.status >= 400 and "/_stcore/" not in answer.url:
            missing.append(f"{answer.status} {answer.url}")

    page.on("response", note)
    return missing


def test_pages_have_charts_maps_and_fonts_behind_a_proxy(address: str, visitors: Visitors) -> None:
    page = visitors.open(f"{address}{BASE}/mistakes?picture=17")
    missing = watch(page)
    expect(page.locator(".fm-chart .main-svg").first).to_be_visible()
    assert {"Inter", "Fraunces"} <= {family.strip('"') for family in page.evaluate(FONTS)}
    page.get_by_role("link", name="Explore data").click()
    settle(page)
    assert page.url.startswith(f"{address}{BASE}/explore")
    page.goto(f"{address}{BASE}/explore?view=map")
    settle(page)
    canvas = page.locator(".fm-canvas canvas").first
    expect(canvas).to_be_visible()
    with page.expect_response(lambda answer: f"{BASE}/pictures/" in answer.url) as sheet:
        page.goto(f"{address}{BASE}/explore?view=sheet&class=3")
    assert sheet.value.ok
    settle(page)
    assert missing == []


@pytest.mark.parametrize("path", ["/", BASE, f"{BASE}?x=1"])
def test_ways_to_the_start_lead_there_under_the_visitors_own_host(
    address: str, visitors: Visitors, path: str
) -> None:
    """Where Starlette leads on by itself, it names the host that the proxy has put in."""
    page = visitors.open(address + path)
    assert page.url.partition("?")[0] == f"{address}{BASE}/"


def test_slides_that_were_named_show_the_dashboard_in_a_frame(
    address: str, visitors: Visitors
) -> None:
    tab = visitors.open(f"{address}{BASE}/")
    with framing.Slides(f"{address}{BASE}/") as slides:
        tab.goto(slides.url)
        inside = slides.framed(tab)
        assert inside is not None
        inside.get_by_role("link", name="Explore data").wait_for()


def test_a_proxy_whose_name_was_not_given_is_told_what_to_set(
    below: Dashboard, address: str
) -> None:
    request = urllib.request.Request(below.url + "/healthz")
    request.add_header("Origin", "https://other.example")
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(request, timeout=20)
    assert "start it with FMNIST_HOSTS=other.example." in below.log.read_text()
