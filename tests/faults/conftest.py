"""One real engine, stubs, strace, and the table of what held."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from dashboards import Dashboard, StartDashboard
from found import find
from places import SUPPORT
from processes import processes_of, processes_with, wait_for
from stub import Zygote
from sweep import TABLE, THOROUGH, Tally

from fmnist_core.config import AHEAD
from fmnist_core.engine import Engine
from fmnist_core.runs import RunStore
from fmnist_core.runs.liveness import Liveness

# Scaled down like the stub's heartbeat; the real limit is 8 s at one beat a second.
STUB_SILENCE = 0.4


@pytest.fixture(scope="package", autouse=True)
def _nothing_ahead() -> Iterator[None]:
    """Engines work for who asks alone: what they do ahead takes a minute, for every runs folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(AHEAD.name, "0")
        yield


@pytest.fixture(scope="package")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, int]]:
    """The engine of all tests that need a real one, and how many task workers it began with."""
    root = tmp_path_factory.mktemp("engine") / "runs"
    with pytest.MonkeyPatch.context() as patch:
        # Its processes know the tasks of the tests, too.
        patch.setenv("PYTHONPATH", str(SUPPORT), prepend=os.pathsep)
        engine = Engine(RunStore(root))
        threading.Thread(target=engine.keep_warm, daemon=True).start()
        wait_for(lambda: engine.state().state == "ready")
        yield engine, len(processes_with(root, "--resources=ask=1"))
        engine.shutdown()
    wait_for(lambda: not processes_of(root), 30)


@pytest.fixture
def engine(fresh: tuple[Engine, int]) -> Engine:
    """A real engine; it may be at work on something that another test has begun."""
    wait_for(lambda: fresh[0].state().state == "ready")
    return fresh[0]


@pytest.fixture
def task_workers_at_start(fresh: tuple[Engine, int]) -> int:
    """How many workers answered what pages ask when the engine had just become ready."""
    return fresh[1]


@pytest.fixture(scope="package")
def start_dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartDashboard]:
    """Starts real dashboards; all end with the session, and with them all they started."""
    started: list[Dashboard] = []

    def start(runs: Path | None = None, environment: dict[str, str] | None = None) -> Dashboard:
        folder = tmp_path_factory.mktemp("dashboard")
        started.append(Dashboard(runs or folder / "runs", folder / "log", environment))
        return started[-1]

    yield start
    for dashboard in started:
        dashboard.end()


@pytest.fixture(scope="package")
def zygote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zygote]:
    """Forks stubs."""
    zygote = Zygote(tmp_path_factory.mktemp("zygote") / "log")
    yield zygote
    zygote.close()


@pytest.fixture
def stub_store(tmp_path: Path) -> RunStore:
    """A runs folder whose runs are judged at the stub's pace."""
    root = tmp_path / "runs"
    root.mkdir()
    return RunStore(root, Liveness(STUB_SILENCE))


@pytest.fixture(scope="package")
def strace() -> str:
    """One that runs: found or fetched for the first test that needs it; none fails the test."""
    return find("strace.py")


@pytest.fixture(scope="package")
def tally() -> Tally:
    """Notes a line for the table at the end of `make faults`: fault, how often, what held."""
    return lambda fault, times, held: TABLE.update({(fault, held): times})


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not THOROUGH or not TABLE:
        return
    terminalreporter.section("what was made to fail, and what held")
    width = max(len(fault) for fault, _ in TABLE)
    for (fault, held), times in TABLE.items():
        terminalreporter.write_line(f"{fault:<{width}}  {times:>6,}  {held}")
