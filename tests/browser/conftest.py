"""What the browser tests share: one Chromium, real dashboards, visitors."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path

import framing
import made_runs
import numpy as np
import pytest
from burst_runs import make_runs
from chromium_options import chromium_arguments, chromium_path
from dashboards import (
    NO_ENGINE,
    PRESENTER_KEY,
    SHARED_HOST,
    SHARED_PATH,
    Dashboard,
    StartDashboard,
)
from network_site import NetworkSite
from playwright.sync_api import Browser, Playwright, expect, sync_playwright
from proxy import Proxy
from visitors import SECONDS, Visitors, Windows

from fmnist_core.dataset import Dataset
from fmnist_core.runs import RunStore

FAILED = pytest.StashKey[bool]()

# On a busy machine a page takes its time; no test asserts how long.
expect.set_options(timeout=SECONDS * 1000)


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    # Without what a browser needs, Playwright does not start either, and says it in its own way.
    chromium_path()
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="package")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """One Chromium for all browser tests; every visitor gets a window of their own."""
    browser = playwright.chromium.launch(executable_path=chromium_path(), args=chromium_arguments())
    yield browser
    browser.close()


@pytest.fixture(scope="package")
def windows(browser: Browser) -> Windows:
    """Its windows."""
    return Windows(browser)


@pytest.fixture(scope="module")
def network_site(browser: Browser) -> Iterator[NetworkSite]:
    """A page without a dashboard, for networks that answer in the browser."""
    context = browser.new_context()
    yield NetworkSite(context.new_page())
    context.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep whether a test failed, for the fixtures that then say what there was to see."""
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


@pytest.fixture
def visitors(
    windows: Windows, dashboards: list[Dashboard], request: pytest.FixtureRequest
) -> Iterator[Visitors]:
    """Opens tabs; fails the test for an error in one, or for a request to another machine.

    Where a test fails, what its tabs show and what the dashboards do is printed.
    """
    visitors = Visitors(windows)
    yield visitors
    failed = request.node.stash.get(FAILED, False)
    if failed:
        print(visitors.report(), *(dashboard.report() for dashboard in dashboards), sep="\n\n")
    visitors.close(failed)
    assert visitors.problems == []


@pytest.fixture(scope="package")
def dashboards() -> Iterator[list[Dashboard]]:
    """All that were started; they end, with all they started, after the last browser test."""
    started: list[Dashboard] = []
    yield started
    for dashboard in started:
        dashboard.end()


@pytest.fixture(scope="package")
def start_dashboard(
    dashboards: list[Dashboard], tmp_path_factory: pytest.TempPathFactory
) -> StartDashboard:
    """Starts dashboards."""

    def start(
        runs: Path | None = None,
        environment: dict[str, str] | None = None,
        before: str | None = None,
        base: str = "",
    ) -> Dashboard:
        folder = tmp_path_factory.mktemp("dashboard")
        dashboard = Dashboard(runs or folder / "runs", folder / "log", environment, before, base)
        dashboards.append(dashboard)
        return dashboard

    return start


@pytest.fixture
def dashboard(start_dashboard: StartDashboard) -> Dashboard:
    """A real dashboard with a real engine, and no run."""
    return start_dashboard()


@pytest.fixture(scope="package")
def empty_dashboard(start_dashboard: StartDashboard) -> Dashboard:
    """A dashboard without a run, whose engine cannot be reached."""
    return start_dashboard(environment={"FMNIST_SCHEDULER": NO_ENGINE})


@pytest.fixture(scope="package")
def learned_store(tmp_path_factory: pytest.TempPathFactory, data: Dataset) -> RunStore:
    """A runs folder with what every view has something to show for: four runs, three of them alike.

    The newest is *The one looked at*.
    """
    store = RunStore(tmp_path_factory.mktemp("learned") / "runs")
    make_runs(store, data)
    return store


@pytest.fixture(scope="package")
def learned_dashboard(start_dashboard: StartDashboard, learned_store: RunStore) -> Dashboard:
    """A dashboard that shows these runs, whose engine cannot be reached."""
    return start_dashboard(learned_store.root, {"FMNIST_SCHEDULER": NO_ENGINE})


@pytest.fixture(scope="package")
def shared_dashboard(
    start_dashboard: StartDashboard, tmp_path_factory: pytest.TempPathFactory, data: Dataset
) -> Dashboard:
    """A dashboard for others, too: with a name, under a path, with one finished run."""
    runs: Path = tmp_path_factory.mktemp("shared") / "runs"
    made_runs.done(RunStore(runs), np.asarray(data.test_labels))
    environment = {
        "FMNIST_SCHEDULER": NO_ENGINE,
        "FMNIST_HOSTS": SHARED_HOST,
        "FMNIST_FRAMES": f"http://{framing.HOST}:*",
        "FMNIST_PRESENTER_KEY": PRESENTER_KEY,
        "STREAMLIT_SERVER_BASE_URL_PATH": SHARED_PATH,
    }
    return start_dashboard(runs, environment, base=SHARED_PATH)


@pytest.fixture(scope="package")
def shared_address(shared_dashboard: Dashboard) -> Iterator[str]:
    """Where the proxy in front of it serves it; without the path."""
    proxy = Proxy(shared_dashboard.url)
    yield f"http://{SHARED_HOST}:{proxy.port}"
    proxy.close()
