"""Models that are compiled before their run is known: ready at the click, and exact to the bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from killed_training import dying, train_until_killed

from fmnist_core import timeouts
from fmnist_core.config import WORKERS_SHARED_FOLDER
from fmnist_core.dataset import Dataset
from fmnist_core.permissions import Actor
from fmnist_core.runs import Run, RunStore
from fmnist_core.specs import CnnSpec, ConvBlock, DenseSpec, RunSpec, TrainingSpec
from fmnist_core.training import autotune, prepared, warm_start
from fmnist_core.training.autotune import ModeCache
from fmnist_core.training.loop import ExecutionMode
from fmnist_core.training.prepared import CompiledModel, PreparedModels
from fmnist_core.training.run import train

pytestmark = pytest.mark.slow

# Fifteen batches of 64 and one of 40; validation has nothing to do with it.
SMALL: dict[str, Any] = {
    "epochs": 2,
    "train_pictures": 1_000,
    "batch_size": 64,
    "validation_share": 0.01,
}
DENSE = RunSpec(
    network=DenseSpec(units=(16,), dropout=0.2), training=TrainingSpec(**SMALL, optimizer="sgd")
)
CNN = RunSpec(
    network=CnnSpec(
        blocks=(ConvBlock(filters=4, pooling="strided", batch_norm=True, dropout=0.1),),
        head_units=(),
    ),
    training=TrainingSpec(
        **SMALL, optimizer="adamw", schedule="one_cycle", flip=True, shift=1, label_noise=0.1
    ),
)


def changed(spec: RunSpec, **training: Any) -> RunSpec:
    return spec.model_copy(update={"training": spec.training.model_copy(update=training)})


@pytest.fixture(autouse=True)
def nothing_measured_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(autotune, "_measurements", {})


@pytest.fixture
def shared(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = store.root / ".shared"
    monkeypatch.setenv(WORKERS_SHARED_FOLDER.name, str(folder))
    return folder


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[RunSpec]:
    """What was compiled, in this order."""
    specs: list[RunSpec] = []

    class Noted(CompiledModel):
        def __init__(self, spec: RunSpec, *arguments: Any) -> None:
            specs.append(spec)
            super().__init__(spec, *arguments)

    monkeypatch.setattr(prepared, "CompiledModel", Noted)
    return specs


def trained(store: RunStore, spec: RunSpec, models: PreparedModels | None = None) -> Run:
    run = store.create(spec, by=Actor.owner())
    train(store, run.id, prepared=models)
    return store.get(run.id)


def interrupted(store: RunStore, spec: RunSpec, models: PreparedModels | None = None) -> Run:
    """A run whose process died after its first epoch."""
    run = store.create(spec, by=Actor.owner())
    train_until_killed(store, run, None, dying("commit_epoch", before=False, epoch=1), models)
    return store.get(run.id)


def assert_same(store: RunStore, first: Run, second: Run) -> None:
    for read in (store.predictions, store.weights):
        arrays = read(first.id), read(second.id)
        assert arrays[0].keys() == arrays[1].keys()
        assert all((arrays[0][name] == arrays[1][name]).all() for name in arrays[0])


@pytest.mark.usefixtures("data")
class TestExactness:
    @pytest.mark.parametrize(
        ("spec", "mode", "change"),
        [
            pytest.param(
                *(DENSE, ExecutionMode(xla=True, steps=5)),
                {"seed": 7, "epochs": 3, "flip": True},
                marks=pytest.mark.very_slow,
            ),
            pytest.param(
                *(DENSE, ExecutionMode(precision="mixed_bfloat16", steps=4), {}),
                marks=pytest.mark.very_slow,
            ),
            (CNN, ExecutionMode(steps=6), {"seed": 5, "label_noise": 0.0, "shift": 2}),
        ],
        ids=["XLA", "bfloat16", "CNN"],
    )
    def test_prepared_model_trains_and_resumes_as_a_new_one_does(
        self,
        store: RunStore,
        shared: Path,
        built: list[RunSpec],
        spec: RunSpec,
        mode: ExecutionMode,
        change: dict[str, Any],
    ) -> None:
        ModeCache(shared).put(autotune._key(spec), mode)
        wanted = changed(spec, **change)
        new = trained(store, wanted)
        models = PreparedModels()

        def prepare() -> None:
            warm_start.prepare_presets(models, lambda seconds: False, [DENSE, spec])
            built.clear()

        prepare()
        assert_same(store, new, trained(store, wanted, models))
        assert not built
        prepare()
        run = interrupted(store, wanted, models)
        prepare()
        store.requeue(run.id, by=Actor.owner())
        train(store, run.id, prepared=models)
        assert not built
        assert_same(store, new, store.get(run.id))


class TestCompiledPart:
    @pytest.mark.parametrize(
        "change",
        [
            {"seed": 2, "validation_fold": 3, "label_noise": 0.2, "flip": True, "shift": 1},
            {"early_stopping_patience": 3},
            {"epochs": 9},
        ],
        ids=["images and weights", "patience", "epochs at a constant rate"],
    )
    def test_what_is_not_compiled_takes_the_same_model(self, change: dict[str, Any]) -> None:
        mode = ExecutionMode(steps=3)
        assert prepared._compiled_part(DENSE, mode, 1_000) == prepared._compiled_part(
            changed(DENSE, **change), ExecutionMode(steps=5, reason="Measured."), 1_000
        )

    @pytest.mark.parametrize(
        ("change", "mode", "planned_epochs"),
        [
            ({"learning_rate": 0.1}, ExecutionMode(), None),
            ({"batch_size": 32}, ExecutionMode(), None),
            ({"optimizer": "adam"}, ExecutionMode(), None),
            ({"epochs": 9}, ExecutionMode(), None),
            ({}, ExecutionMode(), 9),
            ({}, ExecutionMode(xla=True), None),
            ({}, ExecutionMode(precision="mixed_bfloat16"), None),
        ],
    )
    def test_what_is_compiled_takes_another_one(
        self, change: dict[str, Any], mode: ExecutionMode, planned_epochs: int | None
    ) -> None:
        assert prepared._compiled_part(CNN, ExecutionMode(), 1_000) != prepared._compiled_part(
            changed(CNN, **change), mode, 1_000, planned_epochs
        )

    def test_other_numbers_of_images_take_another_one(self) -> None:
        assert prepared._compiled_part(CNN, ExecutionMode(), 1_000) != prepared._compiled_part(
            CNN, ExecutionMode(), 999
        )


class TestPreparing:
    def test_job_ends_it_and_what_was_half_compiled_is_not_used(
        self, shared: Path, built: list[RunSpec], data: Dataset
    ) -> None:
        for spec in (DENSE, CNN):
            ModeCache(shared).put(autotune._key(spec), ExecutionMode())
        models = PreparedModels()
        warm_start.prepare_presets(models, lambda seconds: len(built) == 1, [DENSE, CNN])
        assert built == [DENSE]
        models.take(DENSE, ExecutionMode(), models.select_images(data, DENSE.training))
        assert built == [DENSE, DENSE]

    def test_what_was_never_measured_is_not_compiled(
        self, shared: Path, built: list[RunSpec]
    ) -> None:
        warm_start.prepare_presets(PreparedModels(), lambda seconds: False, [DENSE])
        assert not built

    def test_nothing_is_compiled_while_a_run_trains(
        self, store: RunStore, shared: Path, built: list[RunSpec]
    ) -> None:
        ModeCache(shared).put(autotune._key(DENSE), ExecutionMode())
        store.create(DENSE, by=Actor.owner())
        polls: list[float] = []

        def job_waits(seconds: float) -> bool:
            polls.append(seconds)
            return len(polls) == 2

        warm_start.prepare_presets(PreparedModels(), job_waits, [DENSE])
        assert (built, polls) == ([], 2 * [timeouts.WARM_START_IDLE_SECONDS])

    def test_what_goes_wrong_does_not_end_the_process(
        self, shared: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*_: object) -> CompiledModel:
            raise MemoryError

        ModeCache(shared).put(autotune._key(DENSE), ExecutionMode())
        monkeypatch.setattr(prepared, "CompiledModel", fail)
        warm_start.prepare_presets(PreparedModels(), lambda seconds: False, [DENSE])
