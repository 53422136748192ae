"""The engine with real processes: what is killed, what goes on, what is said."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from processes import (
    busy_training,
    processes_of,
    trainings_of,
    wait_for,
    wait_until_ended,
)
from sweep import THOROUGH, Tally

from fmnist_core.config import AHEAD
from fmnist_core.engine import Engine, EngineState, EngineUnavailable
from fmnist_core.engine.local_cluster import LocalCluster
from fmnist_core.engine.process_pool import BROKEN
from fmnist_core.files import read_json
from fmnist_core.permissions import Actor
from fmnist_core.presets import PRESETS
from fmnist_core.runs import RunStore
from fmnist_core.specs import DenseSpec, RunSpec, TrainingSpec

PROJECT = Path(__file__).resolve().parents[2]


def spec(epochs: int = 2, pictures: int = 2_000, seed: int = TrainingSpec().seed) -> RunSpec:
    return RunSpec(
        network=DenseSpec(units=(16,), dropout=0.1),
        training=TrainingSpec(epochs=epochs, train_pictures=pictures, seed=seed),
    )


# After it is shown as interrupted; in the thorough sweep longer than a training may be silent.
STANDSTILL_SECONDS = 30 if THOROUGH else 2
LONG = spec(epochs=200, pictures=30_000)


def epochs_of(engine: Engine, run_id: str) -> list[int]:
    return [event.epoch for event in engine.store.events(run_id).epochs]


def test_run_goes_from_waiting_to_finished_without_tensorflow_here(engine: Engine) -> None:
    # In a process of its own: in this one other tests have loaded TensorFlow.
    code = (
        "import sys; from fmnist_core.engine import Engine; import fmnist_core.runs, ui.services;"
        "sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=PROJECT, check=False).returncode == 0
    run = engine.start(spec(), by=Actor.owner())
    assert run.state == "queued"
    run = wait_until_ended(engine.store, run.id)
    assert (run.state, epochs_of(engine, run.id)) == ("done", [1, 2])


@pytest.mark.very_slow
def test_runs_are_trained_in_the_order_they_came(engine: Engine) -> None:
    ids = [engine.start(spec(seed=seed), by=Actor.owner()).id for seed in range(3)]
    runs = [wait_until_ended(engine.store, run_id) for run_id in ids]
    assert [run.state for run in runs] == ["done"] * 3
    ends = [run.record.finished_at for run in runs if run.record.finished_at]
    assert len(ends) == 3
    assert ends == sorted(ends)


def test_two_clicks_with_one_form_are_one_run(engine: Engine) -> None:
    before = len(engine.store.list())
    form_id = "ab" * 16
    first, second = (
        engine.start(spec(), form_id, by=Actor.owner()),
        engine.start(spec(), form_id, by=Actor.owner()),
    )
    assert first.id == second.id == form_id
    wait_until_ended(engine.store, form_id)
    engine.start(spec(), form_id, by=Actor.owner())
    assert engine.store.get(form_id).state == "done"
    assert len(engine.store.list()) == before + 1


def test_stop_ends_a_running_training_and_keeps_its_epochs(engine: Engine) -> None:
    run = engine.start(LONG, by=Actor.owner())
    wait_for(lambda: len(epochs_of(engine, run.id)) >= 2)
    engine.stop(run.id, by=Actor.owner())
    ended = wait_until_ended(engine.store, run.id, 10)
    assert ended.state == "stopped"
    assert ended.summary is not None
    assert ended.summary.epochs == epochs_of(engine, run.id)[-1]


@pytest.mark.parametrize("_", range(30 if THOROUGH else 1))
def test_killed_training_is_interrupted_at_once_and_the_queue_goes_on(
    engine: Engine, tally: Tally, _: int
) -> None:
    killed, following = engine.start(LONG, by=Actor.owner()), engine.start(spec(), by=Actor.owner())
    wait_for(lambda: epochs_of(engine, killed.id))
    shown = epochs_of(engine, killed.id)
    busy_training(engine.store.root).send_signal(signal.SIGKILL)
    wait_for(lambda: engine.store.get(killed.id).state == "interrupted", 10)
    assert wait_until_ended(engine.store, following.id).state == "done"
    assert epochs_of(engine, killed.id)[: len(shown)] == shown
    tally("SIGKILL of a real training", 1, "interrupted within 10 s, the queue went on")


@pytest.mark.parametrize("_", range(10 if THOROUGH else 1))
@pytest.mark.very_slow
def test_interrupted_run_is_resumed_without_gap_or_repeat(
    engine: Engine, tally: Tally, _: int
) -> None:
    run = engine.start(spec(epochs=8, pictures=20_000), by=Actor.owner())
    wait_for(lambda: len(epochs_of(engine, run.id)) >= 2)
    busy_training(engine.store.root).send_signal(signal.SIGKILL)
    wait_for(lambda: engine.store.get(run.id).state == "interrupted", 10)
    engine.resume(run.id, by=Actor.owner())
    ended = wait_until_ended(engine.store, run.id)
    assert (ended.state, ended.attempt) == ("done", 2)
    assert epochs_of(engine, run.id) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert engine.store.predictions(run.id)["test_predictions_by_epoch"].shape == (8, 10_000)
    tally("Resume of a real training", 1, "no gap, no repeat")


@pytest.mark.very_slow
def test_hung_training_is_interrupted(engine: Engine, tally: Tally) -> None:
    run = engine.start(LONG, by=Actor.owner())
    wait_for(lambda: epochs_of(engine, run.id))
    hung = busy_training(engine.store.root)
    hung.send_signal(signal.SIGSTOP)
    wait_for(lambda: engine.store.get(run.id).state == "interrupted", 15)
    wait_for(lambda: not hung.is_running(), 60)
    wait_for(lambda: len(trainings_of(engine.store.root)) == 1)
    tally("SIGSTOP of a real training", 1, "interrupted, killed, replaced")


@pytest.mark.very_slow
def test_training_survives_that_the_machine_stands_still(engine: Engine, tally: Tally) -> None:
    run = engine.start(spec(epochs=12, pictures=30_000), by=Actor.owner())
    wait_for(lambda: epochs_of(engine, run.id))
    training = busy_training(engine.store.root)
    worker = training.parent()
    assert worker is not None
    for process in (worker, training):
        process.send_signal(signal.SIGSTOP)
    wait_for(lambda: engine.store.get(run.id).state == "interrupted", 15)
    time.sleep(STANDSTILL_SECONDS)
    for process in (worker, training):
        process.send_signal(signal.SIGCONT)
        # The unlucky order: the worker looks before the training could give a sign of life.
        time.sleep(0.5)
    wait_for(lambda: engine.store.get(run.id).state == "done", 180)
    assert engine.store.get(run.id).attempt == 1
    tally("SIGSTOP of worker and training, then SIGCONT", 1, "shown as interrupted, then done")


@pytest.mark.very_slow
def test_killed_worker_takes_its_training_along_and_comes_back(
    engine: Engine, tally: Tally
) -> None:
    run = engine.start(LONG, by=Actor.owner())
    wait_for(lambda: epochs_of(engine, run.id))
    worker = busy_training(engine.store.root).parent()
    assert worker is not None
    worker.send_signal(signal.SIGKILL)
    # Promise 3: at most 10 s, and the heartbeat is one second old at most.
    wait_for(lambda: engine.store.get(run.id).state == "interrupted", 10)
    following = engine.start(spec(), by=Actor.owner())
    assert wait_until_ended(engine.store, following.id).state == "done"
    tally("SIGKILL of the Dask worker", 1, "interrupted within 10 s, a new worker goes on")


def test_scheduler_that_does_not_answer_is_named_in_words(tmp_path: Path) -> None:
    engine = Engine(RunStore(tmp_path), scheduler="tcp://127.0.0.1:9")
    with pytest.raises(EngineUnavailable, match="FMNIST_SCHEDULER does not answer"):
        engine.ensure()


@pytest.mark.very_slow
def test_broken_tensorflow_is_said_before_anybody_starts_and_heals_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tally: Tally
) -> None:
    fake = tmp_path / "fake" / "tensorflow"
    fake.mkdir(parents=True)
    (fake / "__init__.py").write_text("raise ImportError('broken')")
    monkeypatch.setenv("PYTHONPATH", str(fake.parent))
    engine = Engine(RunStore(tmp_path / "runs"))
    threading.Thread(target=engine.keep_warm, daemon=True).start()
    try:
        wait_for(lambda: engine.state() == EngineState("unavailable", BROKEN))
        run = engine.start(spec(), by=Actor.owner())
        worker = next(
            p
            for p in processes_of(engine.store.root)
            if "forkserver" in p.name().lower() or "spawn_main" in " ".join(p.cmdline())
        )
        worker.kill()
        # A fresh worker does not know it yet, and the page must not promise anything meanwhile.
        end = time.monotonic() + 5
        while time.monotonic() < end:
            assert engine.state().state == "unavailable"
            time.sleep(0.1)
        assert engine.store.get(run.id).state == "queued"
        # In one step: a process that is just importing it may write into the folder.
        fake.rename(fake.with_name("mended"))
        wait_for(lambda: engine.state().state == "ready")
        assert wait_until_ended(engine.store, run.id).state == "done"
    finally:
        engine.shutdown()
    tally(
        "TensorFlow is broken", 1, "said before the start; the run waited, and trained once healed"
    )


@pytest.mark.very_slow
def test_engine_from_before_an_update_is_replaced_unless_it_trains(tmp_path: Path) -> None:
    root = tmp_path / "runs"
    folder = LocalCluster(root).folder()
    addresses: list[str] = []
    # An engine of the version before, without TLS: it could be anybody's.
    old = socket.create_server(("127.0.0.1", 0))
    at = f"tcp://127.0.0.1:{old.getsockname()[1]}"
    (folder / "scheduler.json").write_text(json.dumps({"address": at}))

    def engine_of_now() -> Engine:
        engine = Engine(RunStore(root))
        threading.Thread(target=engine.keep_warm, daemon=True).start()
        wait_for(lambda: engine.state().state == "ready")
        addresses.append((folder / "scheduler.json").read_text())
        return engine

    first = engine_of_now()
    assert json.loads(addresses[0])["address"].startswith("tls://")
    old.setblocking(False)
    with pytest.raises(BlockingIOError):
        old.accept()
    old.close()
    run = first.start(LONG, by=Actor.owner())
    wait_for(lambda: epochs_of(first, run.id))
    first.close()
    (folder / "version").write_text("of yesterday")
    second = engine_of_now()
    assert addresses[1] == addresses[0]
    second.stop(run.id, by=Actor.owner())
    wait_until_ended(second.store, run.id, 10)
    second.close()
    third = engine_of_now()
    assert addresses[2] != addresses[0]
    third.shutdown()
    wait_for(lambda: not processes_of(root), 30)


@pytest.mark.very_slow
def test_an_idle_engine_finds_out_how_each_preset_trains_fastest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(AHEAD.name)
    root = tmp_path / "runs"
    engine = Engine(RunStore(root))
    threading.Thread(target=engine.keep_warm, daemon=True).start()
    measured = root / ".shared" / "calibration.json"
    wait_for(lambda: len(read_json(measured) or {}) == len(PRESETS), 300)
    engine.shutdown()
    wait_for(lambda: not processes_of(root), 30)


@pytest.mark.very_slow
def test_foreign_cluster_without_tls_trains_what_it_is_given(tmp_path: Path) -> None:
    file, root = tmp_path / "scheduler.json", tmp_path / "runs"
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    common = ["--no-dashboard", f"--scheduler-file={file}"]
    commands = [
        ["scheduler", "--host=127.0.0.1", "--port=0", *common],
        ["worker", "--host=127.0.0.1", "--nthreads=1", "--resources=train=1", *common],
    ]
    cluster = [
        subprocess.Popen(
            [sys.executable, "-m", "dask", *words], env=environment, cwd=tmp_path, umask=0o022
        )
        for words in commands
    ]
    try:
        wait_for(file.is_file)
        with pytest.raises(EngineUnavailable, match="without TLS"):
            Engine(RunStore(root), scheduler=str(file)).ensure()
        address = json.loads(file.read_text())["address"]
        engine = Engine(RunStore(root), scheduler=address)
        threading.Thread(target=engine.keep_warm, daemon=True).start()
        run = engine.start(spec(), by=Actor.owner())
        assert wait_until_ended(engine.store, run.id).state == "done"
        assert not (root / ".shared" / "engine").exists()
        engine.close()
    finally:
        for process in cluster:
            process.terminate()
        for process in cluster:
            process.wait(20)
