"""The supervisor's turns: their order and pace, what is told of them, how they end."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from fmnist_core import timeouts
from fmnist_core.engine import Engine, EngineState, EngineUnavailable, TaskState, TooManyOfYours
from fmnist_core.engine.problems import ErrorLog
from fmnist_core.engine.supervisor import Status, Supervisor, seconds_to_next_turn
from fmnist_core.permissions import MOST_WAITING, Actor, Limits
from fmnist_core.presets import PRESETS
from fmnist_core.runs import RunStore

ENOUGH = 30


class Parts:
    """All that a supervisor works with: notes what it does, and does what the test says."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.scheduler = object()
        self.connecting: Callable[[], object] = lambda: self.scheduler
        self.slots = 1
        self.problem: str | None = None
        self.refused: str | None = None
        self.is_urgent = self.any_waits = self.any_expected = self.any_active = self.runs = False
        self.have_one_for_tasks = True
        part = cast(Any, self)
        self.supervisor = Supervisor(part, part, part, part, part, ErrorLog())

    def client(self) -> object:
        return self.connecting()

    def read(self, client: object) -> None:
        self.done.append("read")

    def keep(self, client: object, for_tasks: bool) -> None:
        self.done.append(f"keep{' both' if for_tasks else ''}")

    def forget(self) -> None:
        self.done.append("forget")

    def forget_futures(self) -> None:
        self.done.append("forget")

    def submit_runs(self, client: object, slots: int) -> None:
        self.done.append(f"submit for {slots}")

    def submit(self, client: object, with_resource: bool) -> None:
        self.done.append("submit tasks")

    def turn(self, client: object, may_run: bool) -> None:
        self.done.append(f"ahead{'' if may_run else ' not now'}")

    def contact(self) -> None:
        self.done.append("contact")

    def take_turns(self, *turns: Callable[[], object]) -> list[Status]:
        """Let it take turns, one for each way to connect; returns what it told after each."""
        told: list[Status] = []
        steps = iter(turns)

        def connect() -> object:
            told.append(self.supervisor.status)
            step = next(steps, None)
            if step is None:
                self.supervisor.close()
                return self.scheduler
            return step()

        self.connecting = connect
        thread = threading.Thread(target=self.supervisor.run, daemon=True)
        thread.start()
        thread.join(ENOUGH)
        assert not thread.is_alive()
        return told[1:]


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> Parts:
    for name in ("ENGINE_POLL_SECONDS", "ENGINE_SOON_SECONDS", "ENGINE_TASK_POLL_SECONDS"):
        monkeypatch.setattr(timeouts, name, 0.0)
    return Parts()


def failing(error: Exception) -> Callable[[], object]:
    def fail() -> object:
        raise error

    return fail


def test_a_turn_goes_from_the_connection_to_the_work(parts: Parts) -> None:
    first = SimpleNamespace()
    parts.take_turns(lambda: first)
    assert parts.done[:9] == [
        *("forget", "forget", "forget", "read", "keep"),
        *("submit for 1", "submit tasks", "ahead", "contact"),
    ]


def test_all_is_submitted_anew_where_the_client_is_another(parts: Parts) -> None:
    one, other = object(), object()
    parts.scheduler = other
    parts.take_turns(lambda: one, lambda: one, lambda: other, lambda: other)
    assert parts.done.count("forget") == 2 * 3


def test_a_problem_is_told_and_goes_by_itself(parts: Parts) -> None:
    told = parts.take_turns(
        lambda: parts.scheduler,
        failing(EngineUnavailable("Nobody is there.")),
        failing(RuntimeError("of Dask")),
        lambda: parts.scheduler,
    )
    assert [status.problem for status in told] == [
        *(None, "Nobody is there."),
        *("The training engine does not answer; it is being tried again.", None),
    ]
    assert [status.slots for status in told] == [1, 0, 0, 1]


def test_why_no_worker_can_train_is_told_beside_it(parts: Parts) -> None:
    parts.problem, parts.slots, parts.refused = "Broken.", 0, "Given back."
    (status,) = parts.take_turns(lambda: parts.scheduler)
    assert status == Status("Given back.", "Broken.", 0)


def test_an_error_that_comes_again_and_again_is_logged_once(
    parts: Parts, caplog: pytest.LogCaptureFixture
) -> None:
    """A disk without locks once filled the log with a traceback twice a second."""
    one, other = failing(RuntimeError("one")), failing(RuntimeError("other"))
    parts.take_turns(*[one] * 20, *[other] * 20, lambda: parts.scheduler, other)
    logged = [record.exc_info[1] for record in caplog.records if record.exc_info]
    assert [error.args for error in logged if error] == [("one",), ("other",), ("other",)]


def test_one_that_was_closed_meanwhile_starts_no_worker(parts: Parts) -> None:
    def close() -> object:
        parts.supervisor.close()
        return parts.scheduler

    parts.take_turns(close)
    assert "read" in parts.done
    assert "keep" not in parts.done


def test_what_fails_because_it_was_closed_is_not_logged(
    parts: Parts, caplog: pytest.LogCaptureFixture
) -> None:
    def close_and_fail() -> object:
        parts.supervisor.close()
        raise RuntimeError("the client is closed")

    parts.take_turns(close_and_fail)
    assert caplog.records == []


@pytest.mark.parametrize("why", ["any_expected", "runs"])
def test_a_worker_for_tasks_is_kept_where_one_is_needed(parts: Parts, why: str) -> None:
    setattr(parts, why, True)
    parts.take_turns(lambda: parts.scheduler)
    assert "keep both" in parts.done


@pytest.mark.parametrize(
    ("part", "value"), [("slots", 0), ("any_active", True), ("have_one_for_tasks", False)]
)
def test_nothing_is_computed_ahead_unless_the_engine_is_ready_and_no_run_waits_or_trains(
    parts: Parts, part: str, value: object
) -> None:
    setattr(parts, part, value)
    parts.take_turns(lambda: parts.scheduler)
    assert "ahead not now" in parts.done
    assert "ahead" not in parts.done


@pytest.mark.parametrize(
    ("slots", "urgent", "task_waits", "pace"),
    [
        (1, False, False, timeouts.ENGINE_POLL_SECONDS),
        (1, True, False, timeouts.ENGINE_SOON_SECONDS),
        (0, False, False, timeouts.ENGINE_SOON_SECONDS),
        (0, True, True, timeouts.ENGINE_TASK_POLL_SECONDS),
        (1, False, True, timeouts.ENGINE_TASK_POLL_SECONDS),
    ],
)
def test_the_pace(slots: int, urgent: bool, task_waits: bool, pace: float) -> None:
    assert seconds_to_next_turn(slots, urgent, task_waits) == pace


def test_whoever_wakes_it_waits_for_no_turn(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeouts, "ENGINE_POLL_SECONDS", 10 * ENOUGH)
    turns = itertools.count()

    def connect() -> object:
        if next(turns) == 4:
            parts.supervisor.close()
        parts.supervisor.wake()
        return parts.scheduler

    parts.connecting = connect
    thread = threading.Thread(target=parts.supervisor.run, daemon=True)
    thread.start()
    thread.join(ENOUGH)
    assert not thread.is_alive()


def test_pages_are_told_what_the_last_turn_found(tmp_path: Path) -> None:
    engine = Engine(RunStore(tmp_path))
    assert engine.state() == EngineState("starting")
    for status, state in (
        (Status(slots=2), EngineState("ready")),
        (Status(worker_problem="Broken."), EngineState("unavailable", "Broken.")),
        (Status("Gone.", "Broken."), EngineState("unavailable", "Gone.")),
    ):
        engine._supervisor.status = status
        assert engine.state() == state
    # What keeps a worker from training keeps nobody from asking.
    assert engine.request_task("a-key", lambda report: {}) == TaskState(problem="Gone.")
    engine._supervisor.status = Status(worker_problem="Broken.")
    assert engine.request_task("a-key", lambda report: {}) == TaskState()


def test_clicks_at_the_same_moment_share_the_places_that_are_left(tmp_path: Path) -> None:
    """Each once looked before any other had taken its place."""
    store = RunStore(tmp_path)
    engine, ann = Engine(store), Actor("ann", True, limits=Limits())
    clicks = 4 * MOST_WAITING
    together = threading.Barrier(clicks)

    def start() -> bool:
        together.wait(ENOUGH)
        try:
            engine.start(PRESETS["Simple network"], by=ann)
        except TooManyOfYours:
            return False
        return True

    with ThreadPoolExecutor(clicks) as pool:
        started = [click.result() for click in [pool.submit(start) for _ in range(clicks)]]
    assert started.count(True) == len(store.list()) == MOST_WAITING
