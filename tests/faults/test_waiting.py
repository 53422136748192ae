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
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from processes import processes_of, wait_for
from stub import SPEC
from sweep import THOROUGH, Tally

from fmnist_core.engine import Engine, local, queue
from fmnist_core.runs import RunStore
from fmnist_core.runs.model import METRICS_FILE

CASES = 200 if THOROUGH else 9
# It begins so long after the training process was started: time to break something.
SECONDS_TO_LOAD = 1.0


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

    def processes(self, *words: str) -> list[psutil.Process]:
        """Those of the engine whose command line has all these words."""
        found = []
        for process in processes_of(self.root):
            line = " ".join(process.cmdline())
            if all(word in line for word in words):
                found.append(process)
        return found

    def worker(self) -> psutil.Process | None:
        """The worker that trains, beneath its nanny."""
        for nanny in self.processes("--resources=train=1"):
            for child in nanny.children():
                if "spawn_main" in " ".join(child.cmdline()):
                    return child
        return None


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(local.PRELOADS, "train", "stub_preload")
        here = Path(__file__).parent
        path = f"{here}{os.pathsep}{here / 'without_locks'}"
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
    for process in [*engines.processes("--resources=train=1"), worker]:
        kill(process)


def scheduler_dies(engines: Engines, run_id: str) -> None:
    for process in engines.processes("dask scheduler"):
        kill(process)


def dashboard_dies(engines: Engines, run_id: str) -> None:
    engines.now.close()
    engines.now = engines.open()


def client_forgets(engines: Engines, run_id: str) -> None:
    engines.now._queue.forget()


def hand_over_is_cancelled(engines: Engines, run_id: str) -> None:
    handed = engines.now._queue._handed.get(run_id)
    if handed is not None:
        handed.future.cancel(force=True)


def hand_over_shares_a_fate(engines: Engines, run_id: str) -> None:
    """The scheduler remembers a task of the very key as failed."""
    client, attempt = engines.now._client, engines.now.store.get(run_id).attempt
    failed = client.submit(divide, key=f"train-{run_id}-{attempt}-known", retries=0)
    wait_for(lambda: failed.status == "error", 20)
    engines.now._queue._handed[run_id] = queue._HandedOver(attempt, failed, time.monotonic())


def hand_over_is_lost(engines: Engines, run_id: str) -> None:
    """It is with the scheduler for good, and no worker can take it."""
    client, attempt = engines.now._client, engines.now.store.get(run_id).attempt
    stuck = client.submit(int, key=f"train-{run_id}-{attempt}-stuck", resources={"never": 1})
    engines.now._queue._handed[run_id] = queue._HandedOver(attempt, stuck, time.monotonic())


def claim_is_left_behind(engines: Engines, run_id: str) -> None:
    """By a worker that died after it had taken the run."""
    folder = engines.root / ".shared" / "claims"
    folder.mkdir(exist_ok=True)
    (folder / f"{run_id}-{engines.now.store.get(run_id).attempt}").touch()


def divide() -> float:
    return 1 / 0


DEEDS: list[Callable[[Engines, str], None]] = [
    worker_dies,
    client_forgets,
    hand_over_shares_a_fate,
    scheduler_dies,
    hand_over_is_cancelled,
    dashboard_dies,
    hand_over_is_lost,
    claim_is_left_behind,
    nanny_and_worker_die,
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


def test_no_run_is_left_waiting_and_none_is_trained_twice(engines: Engines, tally: Tally) -> None:
    chance, slowest = random.Random(37), 0.0
    for deed in itertools.islice(itertools.cycle(DEEDS), CASES):
        wait_for(lambda: engines.now.state().state == "ready")
        run_id = engines.now.start(SPEC).id
        time.sleep(chance.uniform(0, SECONDS_TO_LOAD))
        deed(engines, run_id)
        seconds = seconds_until_settled(engines, run_id)
        if engines.store.get(run_id).state == "interrupted":
            # It had begun before its worker died: that is shown, and Resume is the visitor's.
            assert deed in (worker_dies, nanny_and_worker_die, scheduler_dies), deed
            engines.now.resume(run_id)
            seconds_until_settled(engines, run_id)
        else:
            assert starts_of(engines.store, run_id) == 1, deed
            slowest = max(slowest, seconds)
        assert engines.store.get(run_id).state == "done", (deed, engines.store.get(run_id).reason)
    held = f"none left waiting; at most {slowest:.1f} s after the engine was ready"
    tally("what Dask knows of a waiting run is lost", CASES, held)


def test_two_dashboards_on_one_folder_train_no_run_twice(engines: Engines) -> None:
    other = engines.open()
    try:
        wait_for(lambda: other.state().state == "ready")
        runs = [engines.now.start(SPEC).id for _ in range(4)]
        wait_for(lambda: all(not other.store.get(run_id).active for run_id in runs))
    finally:
        other.close()
    assert [starts_of(other.store, run_id) for run_id in runs] == [1] * 4
