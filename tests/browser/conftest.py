"""What the browser tests share: one Chromium, real dashboards, visitors."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from chromium import chromium_arguments, chromium_path
from dashboards import NO_ENGINE, Dashboard, StartDashboard
from playwright.sync_api import Browser, Playwright, expect, sync_playwright
from visitors import SECONDS, Visitors

FAILED = pytest.StashKey[bool]()

# On a busy machine a page takes its time; no test asserts how long.
expect.set_options(timeout=SECONDS * 1000)


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    # Without what a browser needs, Playwright does not start either, and says it in its own way.
    chromium_path()
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """One Chromium for all tests of a file; every visitor gets a context of its own in it."""
    browser = playwright.chromium.launch(executable_path=chromium_path(), args=chromium_arguments())
    yield browser
    browser.close()


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
    browser: Browser, dashboards: list[Dashboard], request: pytest.FixtureRequest
) -> Iterator[Visitors]:
    """Opens tabs; fails the test for an error in one, or for a request to another machine.

    Where a test fails, what its tabs show and what the dashboards do is printed.
    """
    visitors = Visitors(browser)
    yield visitors
    if request.node.stash.get(FAILED, False):
        print(visitors.report(), *(dashboard.report() for dashboard in dashboards), sep="\n\n")
    visitors.close()
    assert visitors.problems == []


@pytest.fixture(scope="session")
def dashboards() -> Iterator[list[Dashboard]]:
    """All that were started; they end with the session, and with them all they started."""
    started: list[Dashboard] = []
    yield started
    for dashboard in started:
        dashboard.end()


@pytest.fixture(scope="session")
def start_dashboard(
    dashboards: list[Dashboard], tmp_path_factory: pytest.TempPathFactory
) -> StartDashboard:
    """Starts dashboards."""

    def start(
        runs: Path | None = None,
        environment: dict[str, str] | None = None,
        before: str | None = None,
    ) -> Dashboard:
        folder = tmp_path_factory.mktemp("dashboard")
        dashboard = Dashboard(runs or folder / "runs", folder / "log", environment, before)
        dashboards.append(dashboard)
        return dashboard

    return start


@pytest.fixture(scope="session")
def dashboard(start_dashboard: StartDashboard) -> Dashboard:
    """The real dashboard with a real engine."""
    return start_dashboard()


@pytest.fixture(scope="session")
def empty_dashboard(start_dashboard: StartDashboard) -> Dashboard:
    """A dashboard without a run, whose engine cannot be reached."""
    return start_dashboard(environment={"FMNIST_SCHEDULER": NO_ENGINE})
