"""A waiting run is trained, whatever happened to worker, scheduler, dashboard and Dask's memory.

Each case forces a moment between *Start training* and the first line of the training; the trainings
are stubs, and the file system has no locks.
"""

from __future__ import annotations

import errno
import itertools
import os
import random
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from distributed import Client, Future
from places import SUPPORT
from processes import processes_of, processes_with, wait_for
from stub import SPEC
from sweep import THOROUGH, Tally

from fmnist_core.engine import Engine, local_cluster
from fmnist_core.permissions import Actor
from fmnist_core.runs import Run, RunStore
from fmnist_core.runs.model import METRICS_FILE

CASES = 200 if THOROUGH else 6
# It begins so long after the training process was started: time to break something.
SECONDS_TO_LOAD = 1.0

Submit = Callable[[Client, Run], Future[int] | Future[float]]


class Engines:
    """The engine of a runs folder, and the dashboards that come and go."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.store = RunStore(root)
        self.now = self.open()

    def open(self) -> Engine:
        """A dashboard's connection."""
        engine = Engine(RunStore(self.root))
        threading.Thread(target=engine.keep_warm, daemon=True).start()
        return engine

    def nannies(self) -> list[psutil.Process]:
        """Those that look after the worker that trains."""
        return processes_with(self.root, "--resources=train=1")

    def worker(self) -> psutil.Process | None:
        """The worker that trains, beneath its nanny."""
        for nanny in self.nannies():
            for child in nanny.children():
                if "spawn_main" in " ".join(child.cmdline()):
                    return child
        return None


Deed = Callable[[Engines, str], None]


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(local_cluster.PRELOADS, "train", "stub_preload")
        path = f"{SUPPORT}{os.pathsep}{SUPPORT / 'without_locks'}"
        patch.setenv("PYTHONPATH", path, prepend=os.pathsep)
        patch.setenv("STUB_SECONDS_TO_LOAD", str(SECONDS_TO_LOAD))
        patch.setattr("fcntl.flock", _refuse)
        engines = Engines(tmp_path_factory.mktemp("waiting") / "runs")
        wait_for(lambda: engines.now.state().state == "ready")
        yield engines
        engines.now.shutdown()
        wait_for(lambda: not processes_of(engines.root), 30)


def _refuse(*_: object) -> None:
    raise OSError(errno.ENOLCK, "No locks available")


def kill(process: psutil.Process | None) -> None:
    if process is not None:
        process.kill()


def worker_dies(engines: Engines, run_id: str) -> None:
    kill(engines.worker())


def nanny_and_worker_die(engines: Engines, run_id: str) -> None:
    worker = engines.worker()
    for process in [*engines.nannies(), worker]:
        kill(process)


def scheduler_dies(engines: Engines, run_id: str) -> None:
    for process in processes_with(engines.root, "scheduler"):
        kill(process)


def dashboard_dies(engines: Engines, run_id: str) -> None:
    engines.now.close()
    engines.now = engines.open()


def client_forgets(engines: Engines, run_id: str) -> None:
    engines.now._queue.forget()


def nothing_happens(engines: Engines, run_id: str) -> None:
    """After a first submission that went wrong."""


def cancelled(client: Client, run: Run) -> Future[int]:
    future = client.submit(int, key=key_of(run), resources={"never": 1})
    future.cancel(force=True)
    return future


def known_as_failed(client: Client, run: Run) -> Future[float]:
    """The scheduler remembers how a task of this key ended."""
    future = client.submit(divide, key=key_of(run), retries=0)
    wait_for(lambda: future.status == "error", 20)
    return future


def ended_without_training(client: Client, run: Run) -> Future[int]:
    future = client.submit(int, key=key_of(run))
    wait_for(lambda: future.status == "finished", 20)
    return future


def lost(client: Client, run: Run) -> Future[int]:
    """The scheduler has it for good, and no worker can take it."""
    return client.submit(int, key=key_of(run), resources={"never": 1})


def key_of(run: Run) -> str:
    return f"train-{run.id}-{run.attempt}-{uuid.uuid4().hex}"


def replace_next_submission(engines: Engines, faulty_submit: Submit) -> None:
    """Something else than what it should be."""
    patch = pytest.MonkeyPatch()

    def submit(client: Client, run: Run) -> Future[int] | Future[float]:
        patch.undo()
        return faulty_submit(client, run)

    patch.setattr(engines.now._queue, "_submit", submit)


def claim_is_left_behind(engines: Engines, run_id: str) -> None:
    """By a worker that died after it had taken the run."""
    folder = engines.root / ".shared" / "claims"
    folder.mkdir(exist_ok=True)
    (folder / f"{run_id}-{engines.now.store.get(run_id).attempt}").touch()


def divide() -> float:
    return 1 / 0


# How the first submission goes, and what happens after that.
DEEDS: list[tuple[Submit | None, Deed]] = [
    (None, worker_dies),
    (None, client_forgets),
    (known_as_failed, nothing_happens),
    (None, scheduler_dies),
    (cancelled, nothing_happens),
    (None, dashboard_dies),
    (lost, nothing_happens),
    (None, claim_is_left_behind),
    (None, nanny_and_worker_die),
    (ended_without_training, nothing_happens),
]


def starts_of(store: RunStore, run_id: str) -> int:
    return (store.root / run_id / METRICS_FILE).read_bytes().count(b'"event": "start"')


def seconds_until_settled(engines: Engines, run_id: str) -> float:
    """Wait until a run has ended; returns how long after the engine was ready it still took."""
    ready = time.monotonic()

    def settled() -> bool:
        nonlocal ready
        if engines.now.state().state != "ready":
            ready = time.monotonic()
        return not engines.store.get(run_id).active

    wait_for(settled)
    return time.monotonic() - ready


@pytest.mark.very_slow
def test_no_run_is_left_waiting_and_none_is_trained_twice(engines: Engines, tally: Tally) -> None:
    chance, slowest = random.Random(37), 0.0
    for wrong, deed in itertools.islice(itertools.cycle(DEEDS), CASES):
        wait_for(lambda: engines.now.state().state == "ready")
        if wrong is not None:
            replace_next_submission(engines, wrong)
        run_id = engines.now.start(SPEC, by=Actor.owner()).id
        time.sleep(chance.uniform(0, SECONDS_TO_LOAD))
        deed(engines, run_id)
        seconds = seconds_until_settled(engines, run_id)
        if engines.store.get(run_id).state == "interrupted":
            # It had begun before its worker died: that is shown, and Resume is the visitor's.
            assert deed in (worker_dies, nanny_and_worker_die, scheduler_dies), deed
            engines.now.resume(run_id, by=Actor.owner())
            seconds_until_settled(engines, run_id)
        else:
            assert starts_of(engines.store, run_id) == 1, deed
            slowest = max(slowest, seconds)
        assert engines.store.get(run_id).state == "done", (deed, engines.store.get(run_id).reason)
    held = f"none left waiting; at most {slowest:.1f} s after the engine was ready"
    tally("what Dask knows of a waiting run is lost", CASES, held)


@pytest.mark.very_slow
def test_two_dashboards_on_one_folder_train_no_run_twice(engines: Engines) -> None:
    other = engines.open()
    try:
        wait_for(lambda: other.state().state == "ready")
        runs = [engines.now.start(SPEC, by=Actor.owner()).id for _ in range(4)]
        wait_for(lambda: all(not other.store.get(run_id).active for run_id in runs))
    finally:
        other.close()
    assert [starts_of(other.store, run_id) for run_id in runs] == [1] * 4
