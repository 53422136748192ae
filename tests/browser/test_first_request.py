"""Links into a dashboard that has shown no page yet."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from dashboards import NO_ENGINE, Dashboard, StartDashboard
from made_runs import done
from playwright.sync_api import Browser, Page, Response, expect
from sweep import sampled
from transfer_counts import Transfer
from visitors import Visitors, settle

from fmnist_core.dataset import Dataset
from fmnist_core.runs import RunStore

ICONS = "/media/MaterialSymbols-Rounded."
LOADED_FONTS = """() => [...document.fonts].filter((face) => face.status === "loaded")
  .map((face) => face.family.replaceAll('"', ""))"""


@pytest.mark.parametrize("path", sampled(("mistakes", "train"), 1))
def test_a_link_to_a_run_works_as_the_very_first_request(
    start_dashboard: StartDashboard,
    visitors: Visitors,
    tmp_path: Path,
    data: Dataset,
    path: str,
) -> None:
    store = RunStore(tmp_path / "runs")
    done(store, np.asarray(data.test_labels), name="The newer one")
    requested = done(store, np.asarray(data.test_labels), name="The one asked for", seed=2)
    done(store, np.asarray(data.test_labels), name="The newest one", seed=3)
    dashboard = start_dashboard(store.root, {"FMNIST_SCHEDULER": NO_ENGINE})
    page = visitors.open(f"{dashboard.url}/{path}?run={requested.id}")
    # The frame around the page is there, and the page shows the run of the address.
    expect(page.get_by_role("link", name="Explore data", exact=True)).to_be_visible()
    assert page.url == f"{dashboard.url}/{path}?run={requested.id}"
    shown = page.get_by_role("main")
    if path == "mistakes":
        expect(page.get_by_role("combobox", name="Run")).to_have_value(requested.id)
    else:
        expect(shown.get_by_role("heading", level=1)).to_have_text("The one asked for")
        loaded = page.evaluate(LOADED_FONTS)
        assert "Inter" in loaded
        # Streamlit's own font, in which nothing is shown.
        assert "Source Sans" not in loaded


@pytest.mark.very_slow
def test_static_files_come_compressed_and_a_second_opening_asks_for_none(
    learned_dashboard: Dashboard, browser: Browser
) -> None:
    # A window that others used before has kept the files already.
    context = browser.new_context()
    first, second = context.new_page(), context.new_page()
    address = f"{learned_dashboard.url}/mistakes?picture=17"
    responses: list[Response] = []

    def note(response: Response) -> None:
        if response.url.partition("?")[0].endswith((".js", ".css")):
            responses.append(response)

    first.on("response", note)
    static = [one for one in opened(first, address) if is_static(one)]
    assert any("/assets/plotly.min.js" in one for one in static)
    assert any("/static/js/index." in one for one in static)
    assert len(responses) > 50
    for response in responses:
        headers = response.all_headers()
        assert "immutable" in headers["cache-control"], response.url
        assert headers.get("content-encoding") == "gzip" or int(headers["content-length"]) < 200
    again = opened(second, address)
    assert address in again
    # The icons alone are asked for by a name that is not theirs, and answered by 304.
    assert [one for one in again if is_static(one) and ICONS not in one] == []
    context.close()


def opened(page: Page, address: str) -> list[str]:
    """What a tab asks the dashboard for until an address is drawn, its charts included."""
    transfer = Transfer(page)
    page.goto(address)
    settle(page)
    page.locator(".fm-chart .main-svg").first.wait_for()
    page.wait_for_load_state("networkidle")
    return transfer.addresses


def is_static(address: str) -> bool:
    """Whether a file lies there that never changes."""
    return "/static/" in address or "/assets/" in address
