"""When a waiting run is handed to Dask, and when again; Dask itself is told, not asked."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from distributed import Client

from fmnist_core.engine import queue as queue_module
from fmnist_core.engine.claims import Claims
from fmnist_core.engine.problems import EngineUnavailable
from fmnist_core.engine.queue import Queue
from fmnist_core.engine.training_worker import record_death, run_training
from fmnist_core.permissions import Actor
from fmnist_core.runs import RunStore, RunWriter, Superseded
from fmnist_core.specs import DenseSpec, RunSpec, TrainingSpec

SPEC = RunSpec(network=DenseSpec(units=(16,)), training=TrainingSpec(train_pictures=1_000))


class Dask:
    """A scheduler and its client: notes what it is given, and says what the test lets it say."""

    def __init__(self) -> None:
        self.given: list[SimpleNamespace] = []
        self.says: str | None = "processing"
        self.scheduler = SimpleNamespace(get_task_status=None)

    @property
    def client(self) -> Client:
        """It has all of a client that a queue calls."""
        return cast(Client, self)

    def submit(self, _: object, root: str, run_id: str, attempt: int, **how: Any) -> object:
        future = SimpleNamespace(
            key=how["key"], status="pending", run=(run_id, attempt), exception=lambda: None
        )
        self.given.append(future)
        return future

    def sync(self, _: object, keys: Iterable[str], callback_timeout: float) -> dict[str, Any]:
        return dict.fromkeys(keys, self.says)


class Clock:
    """The monotonic clock of the queue and of the locks, moved by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1_000.0
        monkeypatch.setattr("time.monotonic", lambda: self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def dask(monkeypatch: pytest.MonkeyPatch) -> Dask:
    monkeypatch.setattr(queue_module, "fire_and_forget", lambda future: None)
    return Dask()


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs")


def test_each_run_is_submitted_once_in_its_order(store: RunStore, dask: Dask, clock: Clock) -> None:
    runs, queue = [store.create(SPEC, by=Actor.owner()).id for _ in range(3)], Queue(store)
    for _ in range(5):
        queue.submit_runs(dask.client, slots=0)
        clock.now += 100
    assert [future.run for future in dask.given] == [(run_id, 1) for run_id in runs]


@pytest.mark.parametrize("end", ["error", "cancelled", "lost", "finished"])
def test_what_came_back_is_submitted_under_another_key(
    store: RunStore, dask: Dask, clock: Clock, end: str
) -> None:
    store.create(SPEC, by=Actor.owner())
    queue = Queue(store)
    queue.submit_runs(dask.client, slots=1)
    dask.given[0].status = end
    queue.submit_runs(dask.client, slots=1)
    assert len({future.key for future in dask.given}) == 2


@pytest.mark.parametrize("says", [None, "released", "erred", "forgotten", "memory"])
def test_what_the_scheduler_has_not_is_submitted_anew(
    store: RunStore, dask: Dask, clock: Clock, says: str | None
) -> None:
    store.create(SPEC, by=Actor.owner())
    queue, dask.says = Queue(store), says
    queue.submit_runs(dask.client, slots=0)
    queue.submit_runs(dask.client, slots=0)
    assert len(dask.given) == 1, "it may be on its way"
    clock.now += 3
    queue.submit_runs(dask.client, slots=0)
    assert len(dask.given) == 2


def test_a_run_for_which_there_is_a_slot_is_submitted_anew_and_shown_as_overdue(
    store: RunStore, dask: Dask, clock: Clock
) -> None:
    first, second = (store.create(SPEC, by=Actor.owner()).id for _ in range(2))
    queue = Queue(store)
    for _ in range(4):
        queue.submit_runs(dask.client, slots=1)
        clock.now += 2
    assert [future.run[0] for future in dask.given] == [first, second, first]
    assert queue.is_overdue(first)
    assert not queue.is_overdue(second)


def test_less_and_less_often(store: RunStore, dask: Dask, clock: Clock) -> None:
    store.create(SPEC, by=Actor.owner())
    queue = Queue(store)
    for _ in range(3_600):
        queue.submit_runs(dask.client, slots=1)
        clock.now += 1
    assert 10 < len(dask.given) < 25


def test_a_run_that_a_worker_has_taken_is_left_to_it(
    store: RunStore, dask: Dask, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = store.create(SPEC, by=Actor.owner()).id
    claim, queue = Claims(store.root).take(run_id, 1), Queue(store)
    assert claim is not None
    queue.submit_runs(dask.client, slots=1)
    assert dask.given == []
    claim.release()
    queue.submit_runs(dask.client, slots=1)
    assert [future.run for future in dask.given] == [(run_id, 1)]


def test_a_run_that_a_dead_worker_took_goes_on_as_its_next_attempt(
    store: RunStore, dask: Dask, clock: Clock
) -> None:
    run_id = store.create(SPEC, by=Actor.owner()).id
    store.set_multiplier(run_id, 3.0, by=Actor.owner())
    before, queue = store.get(run_id), Queue(store)
    slow = RunWriter(store.root, run_id, 1)
    folder = store.root / ".shared" / "claims"
    folder.mkdir(parents=True)
    (folder / f"{run_id}-1").touch()
    queue.submit_runs(dask.client, slots=1)
    clock.now += 6
    assert dask.given == []
    queue.submit_runs(dask.client, slots=1)
    assert [future.run for future in dask.given] == [(run_id, 2)]
    after = store.get(run_id)
    assert (after.state, after.queued_at) == ("queued", before.queued_at)
    assert store.control(run_id).multiplier == 3.0
    assert list(folder.iterdir()) == []
    # It was not as dead as it seemed, and is told so before it has written a line.
    with pytest.raises(Superseded):
        slow.start(0, {})
    assert store.get(run_id).state == "queued"


def test_why_a_worker_gave_it_back_is_said_for_a_while(
    store: RunStore, dask: Dask, clock: Clock
) -> None:
    store.create(SPEC, by=Actor.owner())
    queue = Queue(store)
    queue.submit_runs(dask.client, slots=1)
    dask.given[0].status = "error"
    dask.given[0].exception = lambda: EngineUnavailable("No folder.")
    queue.submit_runs(dask.client, slots=1)
    assert queue.refused == "No folder."
    clock.now += 60
    assert queue.refused is None


def test_a_worker_leaves_a_damaged_run_alone(tmp_path: Path) -> None:
    """Its folder became nonsense after it was handed over."""
    store = RunStore(tmp_path)
    run = store.create(SPEC, by=Actor.owner())
    (run.path / "run.json").write_bytes(b"{")
    before = sorted(path.name for path in tmp_path.rglob("*"))
    run_training(str(tmp_path), run.id, run.attempt)
    record_death(store, run.id, run.attempt, out_of_memory=True)
    assert sorted(path.name for path in tmp_path.rglob("*")) == before
    assert (run.path / "run.json").read_bytes() == b"{"
