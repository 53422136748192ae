"""How a training is executed: measured once, remembered, repeated; the compiled loop itself."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from killed_training import dying, train_until_killed

from fmnist_core import timeouts
from fmnist_core.config import WORKERS_SHARED_FOLDER
from fmnist_core.dataset import Dataset
from fmnist_core.permissions import Actor
from fmnist_core.presets import PRESETS
from fmnist_core.runs import Run, RunStore
from fmnist_core.specs import CnnSpec, ConvBlock, DenseSpec, RunSpec, TrainingSpec
from fmnist_core.training import autotune, warm_start
from fmnist_core.training.autotune import (
    PLAIN,
    Measurement,
    ModeCache,
    is_measured,
    measure,
    mode_for,
)
from fmnist_core.training.batches import BatchSource, select_images
from fmnist_core.training.loop import ExecutionMode, Loop
from fmnist_core.training.models import build_model
from fmnist_core.training.run import train

XLA: autotune._Candidate = ("float32", True)
BFLOAT16: autotune._Candidate = ("mixed_bfloat16", False)
DENSE = RunSpec(
    network=DenseSpec(units=(16,), dropout=0.2),
    training=TrainingSpec(epochs=2, train_pictures=1_000, batch_size=64, flip=True),
)
CNN = RunSpec(
    network=CnnSpec(
        blocks=(ConvBlock(filters=4, pooling="strided", batch_norm=True, dropout=0.1),),
        head_units=(),
    ),
    training=TrainingSpec(epochs=2, train_pictures=500, batch_size=64, schedule="one_cycle"),
)


@pytest.fixture(autouse=True)
def nothing_measured_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(autotune, "_measurements", {})


@pytest.fixture
def batches(data: Dataset) -> BatchSource:
    return BatchSource(select_images(data, DENSE.training), DENSE.training)


def always(
    monkeypatch: pytest.MonkeyPatch, mode: ExecutionMode, *, steady: bool = True
) -> list[RunSpec]:
    """Let every measurement end with this mode; returns what was measured."""
    measured: list[RunSpec] = []

    def measure_nothing(
        spec: RunSpec, batches: BatchSource, on_progress: Callable[[], object]
    ) -> Measurement:
        on_progress()
        measured.append(spec)
        return Measurement(mode, steady)

    monkeypatch.setattr(autotune, "measure", measure_nothing)
    return measured


def trained(store: RunStore, spec: RunSpec, data: Dataset) -> Run:
    run = store.create(spec, by=Actor.owner())
    train(store, run.id, data=data)
    return store.get(run.id)


def same_logits(store: RunStore, first: Run, second: Run) -> bool:
    arrays = [store.predictions(run.id) for run in (first, second)]
    return all((arrays[0][name] == arrays[1][name]).all() for name in arrays[0])


class TestModeCache:
    def test_mode_is_remembered_across_processes_and_restarts(self, tmp_path: Path) -> None:
        mode = ExecutionMode(precision="mixed_bfloat16", steps=7, reason="Measured.")
        ModeCache(tmp_path).put("a model", mode)
        assert ModeCache(tmp_path).get("a model") == mode
        assert ModeCache(tmp_path).get("another model") is None

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"\x00\xff{",
            b"[]",
            b'{"a model": 3}',
            b'{"a model": {"steps": 0}}',
            b'{"a model": {"precision": "float8"}}',
            b"[" * 100_000,
        ],
    )
    def test_damaged_file_is_as_good_as_none_and_is_written_anew(
        self, tmp_path: Path, content: bytes
    ) -> None:
        (tmp_path / "calibration.json").write_bytes(content)
        memory = ModeCache(tmp_path)
        assert memory.get("a model") is None
        memory.put("a model", ExecutionMode(steps=5))
        assert ModeCache(tmp_path).get("a model") == ExecutionMode(steps=5)

    def test_folder_that_cannot_be_written_is_no_error(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_bytes(b"")
        memory = ModeCache(tmp_path / "file")
        memory.put("a model", ExecutionMode())
        assert memory.get("a model") is None

    def test_link_under_the_name_of_the_lock_leads_nowhere(self, tmp_path: Path) -> None:
        (tmp_path / "diary").write_text("dear diary")
        shared = tmp_path / "shared"
        shared.mkdir()
        (shared / "calibration.lock").symlink_to(tmp_path / "diary")
        ModeCache(shared).put("a model", ExecutionMode())
        assert (tmp_path / "diary").read_text() == "dear diary"

    def test_two_workers_that_measure_at_once_both_remember(self, tmp_path: Path) -> None:
        def put(worker: int) -> None:
            for number in range(10):
                ModeCache(tmp_path).put(f"{worker}/{number}", ExecutionMode(steps=number + 1))

        threads = [threading.Thread(target=put, args=(worker,)) for worker in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(json.loads((tmp_path / "calibration.json").read_bytes())) == 30

    def test_oldest_of_many_modes_are_forgotten(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(autotune, "_MOST_REMEMBERED", 2)
        for name in ("old", "newer", "newest"):
            ModeCache(tmp_path).put(name, ExecutionMode())
        assert [ModeCache(tmp_path).get(name) is None for name in ("old", "newer", "newest")] == [
            True,
            False,
            False,
        ]


class TestChoice:
    def test_model_is_measured_once(
        self, tmp_path: Path, batches: BatchSource, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        measured = always(monkeypatch, ExecutionMode(steps=3))
        started: list[str] = []
        for _ in range(2):
            monkeypatch.setattr(autotune, "_measurements", {})
            assert (
                mode_for(ModeCache(tmp_path), DENSE, batches, lambda: started.append("now")).steps
                == 3
            )
        assert (len(measured), started) == (1, ["now"])

    @pytest.mark.parametrize(
        ("change", "times"),
        [
            ({"seed": 2, "epochs": 9, "learning_rate": 0.1}, 1),
            ({"optimizer": "sgd"}, 2),
        ],
    )
    def test_what_changes_the_work_of_a_step_is_measured_anew(
        self,
        tmp_path: Path,
        batches: BatchSource,
        monkeypatch: pytest.MonkeyPatch,
        change: dict[str, Any],
        times: int,
    ) -> None:
        measured = always(monkeypatch, ExecutionMode())
        training = DENSE.training.model_copy(update=change)
        for spec in (DENSE, DENSE.model_copy(update={"training": training})):
            mode_for(ModeCache(tmp_path), spec, batches)
        assert len(measured) == times

    def test_what_was_measured_on_a_busy_machine_is_used_but_not_remembered(
        self, tmp_path: Path, batches: BatchSource, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        always(monkeypatch, ExecutionMode(steps=3), steady=False)
        for _ in range(2):
            assert mode_for(ModeCache(tmp_path), DENSE, batches).steps == 3
        assert not is_measured(ModeCache(tmp_path), DENSE)

    def test_fastest_mode_wins_and_says_by_how_much(self) -> None:
        times = {PLAIN: [0.002, 0.0021], XLA: [0.0005], BFLOAT16: [0.0019, 0.003]}
        mode = autotune._choose(times, "").mode
        assert (mode.precision, mode.xla, mode.steps) == ("float32", True, 200)
        assert mode.reason == (
            "Measured on this machine: with XLA takes 0.5 ms a step (plain TensorFlow 2 ms, "
            "in bfloat16 1.9 ms), 4.0 times as fast as plainly."
        )

    def test_small_gain_is_not_worth_another_mode(self) -> None:
        mode = autotune._choose({PLAIN: [0.105], BFLOAT16: [0.1]}, "XLA was left out").mode
        assert (mode.precision, mode.xla) == ("float32", False)
        assert mode.reason.endswith("; XLA was left out.")

    def test_one_call_is_one_step_where_a_step_takes_long(self) -> None:
        assert autotune._choose({PLAIN: [3.0]}, "").mode.steps == 1

    @pytest.mark.parametrize(
        ("times", "steady"),
        [
            ([0.5, 0.01, 0.011, 0.012], True),
            ([0.01, 0.01, 0.02, 0.03], False),
            ([0.01], True),
        ],
    )
    def test_rounds_that_differ_much_are_not_steady(self, times: list[float], steady: bool) -> None:
        assert autotune._choose({PLAIN: times}, "").steady == steady

    def test_xla_is_not_tried_on_convolutions_on_a_processor(self) -> None:
        assert XLA in autotune._candidates(DENSE)
        assert XLA not in autotune._candidates(CNN)

    @pytest.mark.parametrize(
        ("seconds", "rounds"),
        [
            pytest.param(0.5, 0, id="hopeless after its first step"),
            pytest.param(0.013, 3, id="slower after some rounds"),
            pytest.param(0.0101, 10, id="too near to tell"),
        ],
    )
    def test_slow_mode_is_given_up(
        self, batches: BatchSource, monkeypatch: pytest.MonkeyPatch, seconds: float, rounds: int
    ) -> None:
        calls: list[bool] = []

        class FakeLoop:
            def __init__(self, model: Any, batches: BatchSource, xla: bool) -> None:
                self.xla = xla

        def timed(loop: FakeLoop, count: int) -> float:
            calls.append(loop.xla)
            return seconds if loop.xla else 0.01

        monkeypatch.setattr(autotune, "Loop", FakeLoop)
        monkeypatch.setattr(autotune, "_timed", timed)
        monkeypatch.setattr(autotune, "_candidates", lambda spec: [PLAIN, XLA])
        assert not measure(DENSE, batches).mode.xla
        # Both begin with two single steps; the one that is left alone is soon known.
        assert (calls.count(True), calls.count(False)) == (2 + rounds, 2 + max(rounds, 3))

    @pytest.mark.parametrize("spec", [DENSE, CNN], ids=["dense", "cnn"])
    def test_real_measurement_names_its_figures(self, spec: RunSpec, data: Dataset) -> None:
        mode = measure(spec, BatchSource(select_images(data, spec.training), spec.training)).mode
        assert mode.steps >= 1
        assert "ms a step" in mode.reason


class TestIdleTime:
    """A process that waits for its run measures the presets meanwhile."""

    @pytest.fixture(autouse=True)
    def shared(self, store: RunStore, monkeypatch: pytest.MonkeyPatch) -> Path:
        folder = store.root / ".shared"
        monkeypatch.setenv(WORKERS_SHARED_FOLDER.name, str(folder))
        return folder

    def test_every_preset_is_measured_once(
        self, shared: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        measured = always(monkeypatch, ExecutionMode(steps=3))
        for _ in range(2):
            warm_start.measure_presets(lambda seconds: False)
        assert measured == list(PRESETS.values())
        assert all(is_measured(ModeCache(shared), spec) for spec in PRESETS.values())

    def test_job_that_comes_soon_finds_nothing_begun(self, monkeypatch: pytest.MonkeyPatch) -> None:
        measured = always(monkeypatch, ExecutionMode())
        waited: list[float] = []

        def job_comes(seconds: float) -> bool:
            waited.append(seconds)
            return True

        warm_start.measure_presets(job_comes)
        assert (measured, waited) == ([], [timeouts.WARM_START_IDLE_SECONDS])

    def test_job_ends_a_measurement(self, monkeypatch: pytest.MonkeyPatch) -> None:
        measured = always(monkeypatch, ExecutionMode())
        warm_start.measure_presets(lambda seconds: seconds == 0 and len(measured) == 2)
        assert len(measured) == 2

    def test_networks_that_started_without_are_measured_after_the_presets(
        self, shared: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        cache = ModeCache(shared)
        cache.put(autotune._unmeasured_key(DENSE), ExecutionMode())
        cache.put(autotune._unmeasured_key(DENSE).replace("tensorflow", "other"), ExecutionMode())
        measured = always(monkeypatch, ExecutionMode())
        warm_start.measure_presets(lambda seconds: False)
        assert measured == [*PRESETS.values(), DENSE]

    def test_nothing_is_measured_while_a_run_trains(
        self, store: RunStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        measured = always(monkeypatch, ExecutionMode())
        store.create(DENSE, by=Actor.owner())
        polls: list[float] = []

        def job_waits(seconds: float) -> bool:
            polls.append(seconds)
            return len(polls) == 4

        warm_start.measure_presets(job_waits)
        assert (measured, polls) == ([], 4 * [timeouts.WARM_START_IDLE_SECONDS])

    def test_one_process_at_a_time_measures(
        self, shared: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        measured = always(monkeypatch, ExecutionMode())
        shared.mkdir(parents=True)
        turn = shared / "calibration.turn"
        turn.touch()
        warm_start.measure_presets(lambda seconds: False)
        assert not measured
        # Who left this behind was killed a while ago.
        os.utime(turn, (0, 0))
        warm_start.measure_presets(lambda seconds: False)
        assert len(measured) == len(PRESETS)
        assert not turn.exists()
        # A link that waits there for somebody to write through it.
        turn.symlink_to(shared / "elsewhere")
        os.utime(turn, (0, 0), follow_symlinks=False)
        warm_start.measure_presets(lambda seconds: False)
        assert not turn.is_symlink()
        assert not (shared / "elsewhere").exists()

    def test_what_goes_wrong_does_not_end_the_process_and_is_not_tried_at_once_again(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tries: list[RunSpec] = []

        def fail(spec: RunSpec, *_: object) -> Measurement:
            tries.append(spec)
            raise MemoryError

        monkeypatch.setattr(autotune, "measure", fail)
        for _ in range(2):
            warm_start.measure_presets(lambda seconds: False)
        assert len(tries) == 1

    def test_without_a_shared_folder_there_is_nowhere_to_remember(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv(WORKERS_SHARED_FOLDER.name)
        measured = always(monkeypatch, ExecutionMode())
        warm_start.measure_presets(lambda seconds: False)
        assert not measured


@pytest.mark.slow
class TestRuns:
    def test_network_that_was_never_measured_starts_at_once_and_is_repeated_exactly(
        self, store: RunStore, data: Dataset, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        measured = always(monkeypatch, ExecutionMode())
        first = trained(store, DENSE, data)
        mode = ExecutionMode.model_validate(first.record.environment["execution"])
        assert (mode.precision, mode.xla, measured) == ("float32", False, [])
        assert mode.reason.startswith("Started at once, not measured on this machine before: ")
        cache = ModeCache(store.root / ".shared")
        assert autotune.unmeasured_specs(cache) == [DENSE]

        cache.put(autotune._key(DENSE), ExecutionMode(precision="mixed_bfloat16", steps=3))
        assert autotune.unmeasured_specs(cache) == []
        again = trained(store, DENSE, data)
        assert again.record.environment["execution"] == mode.model_dump()
        assert same_logits(store, first, again)
        other_seed = DENSE.training.model_copy(update={"seed": 2})
        other = DENSE.model_copy(update={"training": other_seed})
        assert autotune.remembered_mode(cache, other) == cache.get(autotune._key(DENSE))

    @pytest.mark.parametrize(
        ("spec", "mode"),
        [
            pytest.param(DENSE, ExecutionMode(xla=True, steps=5), marks=pytest.mark.very_slow),
            (DENSE, ExecutionMode(precision="mixed_bfloat16", steps=3)),
            pytest.param(
                *(CNN, ExecutionMode(precision="mixed_bfloat16", steps=2)),
                marks=pytest.mark.very_slow,
            ),
        ],
        ids=["XLA", "bfloat16", "CNN in bfloat16"],
    )
    def test_resumed_run_repeats_the_mode_of_the_attempt_before_bit_by_bit(
        self,
        store: RunStore,
        data: Dataset,
        spec: RunSpec,
        mode: ExecutionMode,
    ) -> None:
        ModeCache(store.root / ".shared").put(autotune._key(spec), mode)
        undisturbed = trained(store, spec, data)
        assert undisturbed.record.environment["execution"] == mode.model_dump()

        run = store.create(spec, by=Actor.owner())
        train_until_killed(store, run, data, dying("commit_epoch", before=False, epoch=1))
        ModeCache(store.root / ".shared").put(autotune._key(spec), ExecutionMode())
        store.requeue(run.id, by=Actor.owner())
        train(store, run.id, data=data)
        run = store.get(run.id)
        assert run.record.environment["execution"] == mode.model_dump()
        assert same_logits(store, undisturbed, run)

    def test_saved_model_repeats_the_figures_of_a_training_in_bfloat16(
        self, store: RunStore, data: Dataset
    ) -> None:
        mode = ExecutionMode(precision="mixed_bfloat16")
        ModeCache(store.root / ".shared").put(autotune._key(CNN), mode)
        run = trained(store, CNN, data)
        model = keras.models.load_model(run.path / "model.keras")
        assert {layer.compute_dtype for layer in model.layers} == {"float32"}
        again = model.predict(np.asarray(data.test_images)[:500, ..., None], verbose=0)
        stored = store.predictions(run.id)["test_probabilities"][:500]
        assert np.allclose(again, stored, atol=1e-5)


class TestLoop:
    @pytest.mark.parametrize(
        ("xla", "steps"), [(False, 1), (False, 3), (False, 15), (False, 16), (False, 99), (True, 4)]
    )
    def test_loop_does_what_keras_does_with_the_same_batches(
        self, batches: BatchSource, data: Dataset, xla: bool, steps: int
    ) -> None:
        """1,000 pictures make 15 batches of 64 and one of 40."""
        spec = RunSpec(
            network=DenseSpec(units=(16,)),
            training=DENSE.training.model_copy(update={"flip": False}),
        )
        pictures = select_images(data, spec.training)
        models = []
        for _ in range(2):
            keras.utils.set_random_seed(1)
            models.append(build_model(spec, steps_per_execution=steps))
        ours, theirs = models
        batches = BatchSource(pictures, spec.training)
        ours.train_function = Loop(ours, batches, xla)
        batches.shuffle_epoch(0)
        order = np.random.default_rng([spec.training.seed, 2, 0]).permutation(1_000)
        one = ours.fit(batches.dataset, shuffle=False, verbose=0).history
        two = theirs.fit(
            pictures.train_images[order][..., None].astype(np.float32),
            pictures.train_labels[order].astype(np.int32),
            batch_size=64,
            shuffle=False,
            verbose=0,
        ).history
        assert one["loss"] == pytest.approx(two["loss"], rel=1e-3)
        assert one["accuracy"] == pytest.approx(two["accuracy"], abs=0.003)
        assert int(ours.optimizer.iterations) == 16
        for mine, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
            assert np.allclose(mine, other, atol=1e-3)

    def test_xla_compiles_the_loop_once_and_not_for_every_part_of_an_epoch(
        self, batches: BatchSource
    ) -> None:
        """It did for each of an epoch's seven calls, so that a first epoch took seconds."""
        loop = Loop(build_model(DENSE), batches, xla=True)
        seconds = []
        for first in range(4):
            started = time.perf_counter()
            float(loop.steps(first, 1)["loss"])
            seconds.append(time.perf_counter() - started)
        assert max(seconds[1:]) < seconds[0] / 4
