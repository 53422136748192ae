"""What pages ask the engine: answered once, kept on disk, never in a training's way."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
import sample_tasks
from numpy.typing import NDArray
from processes import processes_with, wait_for, wait_until_ended
from sweep import THOROUGH, Tally

from fmnist_core import timeouts
from fmnist_core.engine import Engine, TaskState
from fmnist_core.permissions import Actor
from fmnist_core.runs import RunStore
from fmnist_core.specs import DenseSpec, RunSpec, TrainingSpec


def result_of(
    engine: Engine, key: str, function: Callable[..., dict[str, NDArray[Any]]], *arguments: object
) -> TaskState:
    """The end of a task."""
    last = TaskState()

    def ended() -> bool:
        nonlocal last
        last = engine.request_task(key, function, *arguments)
        return last.arrays is not None or last.problem is not None

    wait_for(ended)
    return last


def test_a_result_is_computed_once_and_kept(engine: Engine, tmp_path: Path) -> None:
    calls = tmp_path / "called"
    first = result_of(engine, "squares-4", sample_tasks.squares, 4, str(calls))
    assert first.arrays is not None
    np.testing.assert_array_equal(first.arrays["squares"], [0, 1, 4, 9])
    again = Engine(engine.store)
    cached = again.request_task("squares-4", sample_tasks.squares, 4, str(calls))
    assert cached.arrays is not None
    assert calls.read_text() == "called\n"


def test_a_deleted_or_damaged_result_is_computed_again(engine: Engine, tmp_path: Path) -> None:
    called = tmp_path / "called"
    result_of(engine, "squares-5", sample_tasks.squares, 5, str(called))
    file = engine.store.root / ".shared" / "cache" / "squares-5.npz"
    file.write_bytes(file.read_bytes()[:40])
    fresh = Engine(engine.store)
    threading.Thread(target=fresh.keep_warm, daemon=True).start()
    try:
        found = result_of(fresh, "squares-5", sample_tasks.squares, 5, str(called))
    finally:
        fresh.close()
    assert found.arrays is not None
    assert called.read_text() == "called\n" * 2


def test_progress_is_told_and_a_training_goes_on_meanwhile(engine: Engine, tmp_path: Path) -> None:
    go = tmp_path / "go"
    wait_for(lambda: engine.request_task("slow", sample_tasks.slow, str(go)).share == 0.5)
    assert engine.request_task("slow", sample_tasks.slow, str(go)).phase == "Half of it is done"
    training = TrainingSpec(epochs=1, train_pictures=1_000)
    run = engine.start(RunSpec(network=DenseSpec(units=(8,)), training=training), by=Actor.owner())
    assert wait_until_ended(engine.store, run.id).state == "done"
    assert engine.request_task("slow", sample_tasks.slow, str(go)).arrays is None
    go.touch()
    assert result_of(engine, "slow", sample_tasks.slow, str(go)).arrays is not None


def test_what_cannot_be_answered_is_said_in_a_sentence(engine: Engine) -> None:
    refused = result_of(engine, "refused", sample_tasks.refused)
    assert refused.problem is not None
    assert refused.problem.startswith("7 trainings already wait")
    broken = result_of(engine, "broken", sample_tasks.broken)
    assert broken.problem == "This could not be computed; the log of the dashboard says why."


def test_a_task_that_kills_its_process_is_said_and_can_be_requested_again(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = str(tmp_path / "mark")
    assert result_of(engine, "dies", sample_tasks.dies_once, mark).problem is not None
    monkeypatch.setattr(timeouts, "TASK_RETRY_SECONDS", 0.0)
    assert result_of(engine, "dies", sample_tasks.dies_once, mark).arrays is not None


def test_the_worker_starts_when_questions_are_expected(
    engine: Engine, task_workers_at_start: int
) -> None:
    assert task_workers_at_start == 0
    engine.expect_tasks()
    wait_for(lambda: processes_with(engine.store.root, "--resources=ask=1"))


GAPS = 20 if THOROUGH else 4


def nannies(engine: Engine, resource: str) -> list[psutil.Process]:
    return processes_with(engine.store.root, f"--resources={resource}=1")


def test_gaps_in_what_the_scheduler_says_start_no_second_worker(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, tally: Tally
) -> None:
    """Two or three of 770 MB each were once seen beside one engine."""
    engine.expect_tasks()
    wait_for(lambda: engine._workers.answering and engine._workers.training)
    before = {resource: nannies(engine, resource) for resource in ("train", "ask")}
    assert [len(found) for found in before.values()] == [1, 1]
    monkeypatch.setattr(timeouts, "ENGINE_POLL_SECONDS", 0.1)
    client, looks = engine._connection.client(), itertools.count()
    scheduler_info = client.scheduler_info

    def with_gaps(n_workers: int) -> object:
        look = next(looks)
        return (
            {"workers": {}}
            if look % 2 == 0 and look < 2 * GAPS
            else scheduler_info(n_workers=n_workers)
        )

    monkeypatch.setattr(client, "scheduler_info", with_gaps)
    engine._supervisor.wake()
    wait_for(lambda: next(looks) > 4 * GAPS)
    assert {resource: nannies(engine, resource) for resource in before} == before
    tally("the scheduler names no worker for a moment", GAPS, "one worker of each kind")


@pytest.mark.very_slow
def test_a_surplus_worker_is_sent_away_and_a_lost_one_comes_back(engine: Engine) -> None:
    engine.expect_tasks()
    wait_for(lambda: engine._workers.answering)
    assert engine._local is not None
    address = engine._local.address()
    assert address is not None
    engine._local._start_worker(address, "ask")
    wait_for(lambda: len(engine._workers.answering) == 2)
    wait_for(lambda: len(nannies(engine, "ask")) == 1)
    (last,) = nannies(engine, "ask")
    for process in [*last.children(recursive=True), last]:
        process.kill()
    wait_for(lambda: [p for p in nannies(engine, "ask") if p != last])
    wait_for(lambda: engine._workers.answering)
    assert len(nannies(engine, "ask")) == 1


def test_a_key_that_is_no_name_is_refused(engine: Engine) -> None:
    with pytest.raises(ValueError, match="lowercase letters"):
        engine.request_task("../x", sample_tasks.squares, 1, "")


def test_an_engine_that_cannot_be_reached_is_said(tmp_path: Path) -> None:
    engine = Engine(RunStore(tmp_path), scheduler="tcp://127.0.0.1:9")
    threading.Thread(target=engine.keep_warm, daemon=True).start()
    found = result_of(engine, "squares-3", sample_tasks.squares, 3, str(tmp_path / "called"))
    engine.close()
    assert found.problem is not None
    assert "FMNIST_SCHEDULER" in found.problem
