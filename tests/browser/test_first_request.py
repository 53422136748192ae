"""Links into a dashboard that has shown no page yet."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from dashboards import NO_ENGINE, StartDashboard
from made_runs import done
from playwright.sync_api import expect
from visitors import Visitors

from fmnist_core.dataset import Dataset
from fmnist_core.runs import RunStore


@pytest.mark.parametrize("path", ["mistakes", "train"])
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
