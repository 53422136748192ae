"""Many visitors at once: one queue, first in, first out, one run a form."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

import psutil
import pytest
from places import PROJECT, SUPPORT
from processes import processes_of, wait_for
from stub import SPEC
from sweep import THOROUGH, Tally

from fmnist_core.engine import Engine, QueueFull
from fmnist_core.engine.certificate import dask_environment
from fmnist_core.engine.queue import QUEUE_LIMIT
from fmnist_core.permissions import Actor
from fmnist_core.runs import Run, RunStore, new_run_id
from fmnist_core.runs import store as store_module

VISITORS = 30 if THOROUGH else 8
DOUBLES = 100 if THOROUGH else 10

FILE = "scheduler.json"

StartWorker = Callable[[int], None]


def _dask(folder: Path, *words: str) -> subprocess.Popen[bytes]:
    """A scheduler or a worker of the cluster whose scheduler file lies in a folder."""
    environment = {
        **os.environ,
        **dask_environment(),
        "PYTHONPATH": f"{PROJECT}{os.pathsep}{SUPPORT}",
    }
    common = ("--protocol=tls", "--host=127.0.0.1", f"--scheduler-file={folder / FILE}")
    command = [sys.executable, "-m", "dask", *words, "--no-dashboard", *common]
    return subprocess.Popen(command, env=environment, cwd=folder, umask=0o022)


def _end(process: subprocess.Popen[bytes]) -> None:
    children = psutil.Process(process.pid).children(recursive=True)
    process.terminate()
    process.wait(30)
    psutil.wait_procs(children, timeout=20)
    assert not any(child.is_running() for child in children)


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder with the file of a scheduler that has no workers."""
    folder = tmp_path_factory.mktemp("scheduler")
    process = _dask(folder, "scheduler", "--port=0")
    wait_for((folder / FILE).is_file)
    yield folder
    _end(process)


@pytest.fixture
def cluster(scheduler: Path, tmp_path: Path) -> Iterator[tuple[Engine, StartWorker]]:
    """An engine on a scheduler without workers, and what gives it one with so many slots."""
    workers: list[subprocess.Popen[bytes]] = []

    def worker(slots: int) -> None:
        resources = (f"--nthreads={slots}", f"--resources=train={slots}")
        workers.append(_dask(scheduler, "worker", *resources, "--preload=stub_preload"))

    engine = Engine(RunStore(tmp_path / "runs"), scheduler=str(scheduler / FILE))
    threading.Thread(target=engine.keep_warm, daemon=True).start()
    yield engine, worker
    engine.close()
    for process in workers:
        _end(process)


def started_at(run: Run) -> datetime:
    assert run.record.started_at is not None
    return run.record.started_at


@pytest.mark.very_slow
def test_visitors_are_served_in_the_order_they_came(
    cluster: tuple[Engine, StartWorker], tally: Tally
) -> None:
    engine, worker = cluster
    store = engine.store
    with ThreadPoolExecutor(VISITORS) as visitors:
        runs = list(
            visitors.map(
                lambda _: engine.start(SPEC, new_run_id(), by=Actor.owner()), range(VISITORS)
            )
        )
    order = [run.id for run in sorted(runs, key=lambda run: (run.queued_at, run.id))]
    assert [run.id for run in store.active()] == order
    time.sleep(1)
    worker(1)
    wait_for(lambda: all(store.get(run_id).state == "done" for run_id in order), 240)
    begun = sorted(store.list(), key=started_at)
    assert [run.id for run in begun] == order
    tally(
        "visitors press Start at the same moment",
        VISITORS,
        "each saw its place; first in, first out",
    )


@pytest.mark.very_slow
def test_worker_with_two_slots_trains_two_runs_at_once(
    cluster: tuple[Engine, StartWorker],
) -> None:
    engine, worker = cluster
    runs = [engine.start(SPEC, by=Actor.owner()).id for _ in range(8)]
    worker(2)
    together: list[int] = []

    def all_done() -> bool:
        states = [engine.store.get(run_id).state for run_id in runs]
        together.append(states.count("running"))
        return states.count("done") == len(runs)

    wait_for(all_done, 120)
    assert max(together) == 2


@pytest.mark.very_slow
def test_run_whose_worker_died_before_it_began_is_handed_over_again(
    cluster: tuple[Engine, StartWorker],
    scheduler: Path,
    monkeypatch: pytest.MonkeyPatch,
    tally: Tally,
) -> None:
    """For Dask it has failed, and it remembers that; once such a run waited for good."""
    monkeypatch.setenv("STUB_SECONDS_TO_LOAD", "4")
    engine, worker = cluster
    store = engine.store
    run_id = engine.start(SPEC, by=Actor.owner()).id
    worker(1)

    def loading() -> list[psutil.Process]:
        return [p for p in processes_of(scheduler) if "--once" in p.cmdline()]

    wait_for(loading)
    time.sleep(2)
    parent = loading()[0].parent()
    assert parent is not None
    parent.kill()
    assert store.get(run_id).state == "queued"
    wait_for(lambda: store.get(run_id).state == "done")
    tally("SIGKILL of a worker before the run began", 1, "handed over again, trained")


def test_full_queue_refuses_the_next_visitor(tmp_path: Path) -> None:
    engine = Engine(RunStore(tmp_path))
    for _ in range(QUEUE_LIMIT):
        engine.start(SPEC, by=Actor.owner())
    with pytest.raises(QueueFull, match=f"{QUEUE_LIMIT} trainings already wait"):
        engine.start(SPEC, by=Actor.owner())
    assert len(engine.store.list()) == QUEUE_LIMIT


def test_form_sent_twice_at_the_same_moment_is_one_run(tmp_path: Path, tally: Tally) -> None:
    stores = [RunStore(tmp_path) for _ in range(2)]
    with ThreadPoolExecutor(2) as visitors:
        for _ in range(DOUBLES):
            form = new_run_id()
            both = list(
                visitors.map(
                    lambda store, form=form: store.create(SPEC, form, by=Actor.owner()), stores
                )
            )
            assert [run.id for run in both] == [form, form]
            assert both[0].record == both[1].record
    assert len(RunStore(tmp_path).list()) == DOUBLES
    assert [path.name for path in tmp_path.glob(".new-*")] == []
    tally("Start training sent twice at once", DOUBLES, "one run each time")


def test_clock_that_jumps_back_an_hour_changes_no_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tally: Tally
) -> None:
    store = RunStore(tmp_path)
    before = [store.create(SPEC, by=Actor.owner()).id for _ in range(2)]

    class Jumped(datetime):
        @classmethod
        def now(cls, zone: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.now(UTC) - timedelta(hours=1)

    monkeypatch.setattr(store_module, "datetime", Jumped)
    after = [store.create(SPEC, by=Actor.owner()).id for _ in range(2)]
    assert [run.id for run in store.active()] == before + after
    assert [run.id for run in store.list()] == (before + after)[::-1]
    tally("the clock jumps back an hour", 1, "the queue and the list keep their order")
