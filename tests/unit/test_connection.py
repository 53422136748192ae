"""The dashboard's client of the scheduler: one at a time, made anew, ended for good."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from distributed import Client

from fmnist_core import timeouts
from fmnist_core.engine import EngineUnavailable
from fmnist_core.engine import connection as connection_module
from fmnist_core.engine.connection import Connection, LocalScheduler
from fmnist_core.engine.local_cluster import LocalCluster
from fmnist_core.engine.problems import ErrorLog
from fmnist_core.permissions import Actor
from fmnist_core.presets import PRESETS
from fmnist_core.runs import RunStore


class FakeClient:
    """It has all of a client that a connection calls."""

    def __init__(self) -> None:
        self.status = "running"
        self.submitted = 0

    def submit(self, function: object, pure: bool) -> None:
        self.submitted += 1

    def close(self, timeout: float | None = None) -> None:
        self.status = "closed"

    def shutdown(self) -> None:
        self.status = "shut down"


class Scheduler:
    """Makes clients and notes them; a test may do something while one is being made."""

    def __init__(self) -> None:
        self.clients: list[FakeClient] = []
        self.meanwhile: Callable[[], None] = lambda: None

    def connect(self) -> Client:
        self.meanwhile()
        self.clients.append(FakeClient())
        return cast(Client, self.clients[-1])


@pytest.fixture
def scheduler() -> Scheduler:
    return Scheduler()


def test_a_client_is_kept_until_it_is_lost(scheduler: Scheduler) -> None:
    connection = Connection(scheduler.connect)
    assert connection.client() is connection.client()
    scheduler.clients[0].status = "connecting"
    assert connection.client() is cast(Client, scheduler.clients[1])
    assert [client.status for client in scheduler.clients] == ["closed", "running"]


def test_what_was_closed_connects_no_more(scheduler: Scheduler) -> None:
    connection = Connection(scheduler.connect)
    connection.client()
    connection.close()
    with pytest.raises(EngineUnavailable, match="has let go of the training engine"):
        connection.client()
    assert [client.status for client in scheduler.clients] == ["closed"]


def test_closing_while_it_connects_leaves_no_client_open(scheduler: Scheduler) -> None:
    """And it waits for nothing: an engine takes half a minute to start."""
    connection = Connection(scheduler.connect)
    scheduler.meanwhile = connection.close
    with pytest.raises(EngineUnavailable):
        connection.client()
    assert [client.status for client in scheduler.clients] == ["closed"]


def test_an_engine_that_is_just_being_started_is_shut_down_too(scheduler: Scheduler) -> None:
    """Else it would go on for 45 minutes, for nobody."""
    connection = Connection(scheduler.connect)
    connecting, started = threading.Event(), threading.Event()

    def meanwhile() -> None:
        connecting.set()
        started.wait(20)

    def connect() -> None:
        with contextlib.suppress(EngineUnavailable):
            connection.client()

    scheduler.meanwhile = meanwhile
    threads = [threading.Thread(target=connect), threading.Thread(target=connection.shutdown)]
    threads[0].start()
    assert connecting.wait(20)
    threads[1].start()
    started.set()
    for thread in threads:
        thread.join(20)
    assert [client.status for client in scheduler.clients] == ["shut down"]


def test_the_scheduler_is_told_now_and_then_that_it_is_needed(
    scheduler: Scheduler, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1_000.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    connection = Connection(scheduler.connect)
    connection.contact()
    connection.client()
    (client,) = scheduler.clients
    for _ in range(10):
        connection.contact()
    assert client.submitted == 0
    for expected in (1, 2):
        now += timeouts.CONTACT_SECONDS + 1
        for _ in range(10):
            connection.contact()
        assert client.submitted == expected


class Machine(LocalCluster):
    """An engine on this machine without its processes."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.known: str | None = None
        self.current = True
        self.alive = True
        self.starts: list[str] = []

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        yield

    def address(self) -> str | None:
        return self.known

    def is_current(self) -> bool:
        return self.current

    def is_alive(self) -> bool:
        return self.alive

    def start(self) -> str:
        self.known = f"tls://{len(self.starts)}"
        self.starts.append(self.known)
        return self.known


class Here:
    """The scheduler of this machine, whom it dialled, and how long it would have waited."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.store, self.machine = RunStore(root), Machine(root)
        self.calls: list[tuple[str, float]] = []
        self.clients: list[FakeClient] = []
        self.errors = ErrorLog()
        self.local = LocalScheduler(self.store, self.machine, self.errors)
        monkeypatch.setattr(connection_module, "connect", self._connect)

    def _connect(self, address: str, seconds: float) -> Any:
        self.calls.append((address, seconds))
        if address == "tls://gone":
            raise ConnectionRefusedError
        self.clients.append(FakeClient())
        return self.clients[-1]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Here:
    return Here(tmp_path / "runs", monkeypatch)


def test_an_engine_is_started_once_and_found_again(here: Here) -> None:
    here.local.connect()
    here.local.connect()
    assert here.machine.starts == ["tls://0"]
    assert here.calls == [
        ("tls://0", timeouts.START_CONNECT_SECONDS),
        ("tls://0", timeouts.BUSY_CONNECT_SECONDS),
    ]


def test_one_whose_process_is_gone_is_waited_for_less_and_replaced(here: Here) -> None:
    here.machine.known, here.machine.alive = "tls://gone", False
    here.local.connect()
    assert here.calls == [
        ("tls://gone", timeouts.CONNECT_SECONDS),
        ("tls://0", timeouts.START_CONNECT_SECONDS),
    ]


def test_an_engine_from_before_an_update_is_replaced_at_the_first_look_alone(here: Here) -> None:
    """Two dashboards of different code would end each other's for good."""
    here.machine.known, here.machine.current = "tls://old", False
    here.local.connect()
    assert [client.status for client in here.clients] == ["shut down", "running"]
    here.local.connect()
    assert [client.status for client in here.clients] == ["shut down", "running", "running"]


def test_an_engine_that_trains_is_kept_though_it_is_outdated(here: Here) -> None:
    here.store.create(PRESETS["Simple network"], by=Actor.owner())
    here.machine.known, here.machine.current = "tls://old", False
    here.local.connect()
    assert here.machine.starts == []


def test_an_engine_that_does_not_come_up_is_said_and_logged_once(
    here: Here, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> str:
        raise TimeoutError("the scheduler did not start")

    monkeypatch.setattr(here.machine, "start", fail)
    for _ in range(3):
        with pytest.raises(EngineUnavailable, match="could not be started on this machine"):
            here.local.connect()
    logged = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(logged) == 1


def test_a_folder_that_cannot_be_written_starts_no_engine(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RunStore, "writable_problem", lambda store: "It cannot be written.")
    with pytest.raises(EngineUnavailable, match="It cannot be written"):
        here.local.connect()
    assert here.machine.starts == []
