"""Real training on real pictures, mostly with tiny networks."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal, cast

import keras
import numpy as np
import pytest
from killed_training import dying, train_until_killed
from scipy.special import softmax

from fmnist_core import timeouts
from fmnist_core.dataset import Dataset
from fmnist_core.dataset.probes import probe_indices
from fmnist_core.errors import FmnistError
from fmnist_core.interpret.network import load_network
from fmnist_core.permissions import Actor
from fmnist_core.presets import PRESETS
from fmnist_core.runs import Run, RunStore, RunWriter
from fmnist_core.runs.events import (
    BatchEvent,
    EpochEvent,
    Event,
    FirstLayerEvent,
    ProbeEvent,
    StartEvent,
    read_line,
)
from fmnist_core.runs.identity import identity_of
from fmnist_core.specs import CnnSpec, ConvBlock, DenseSpec, RunSpec, TrainingSpec
from fmnist_core.training import probes as probes_module
from fmnist_core.training import run as run_module
from fmnist_core.training.batches import select_images, with_noise
from fmnist_core.training.live_metrics import LiveMetrics
from fmnist_core.training.models import OneCycle, build_model
from fmnist_core.training.predict import Predictor
from fmnist_core.training.probes import ProbeReporter, first_layer
from fmnist_core.training.run import train
from fmnist_core.training.state import weights_of
from fmnist_core.version import VERSION

pytestmark = pytest.mark.slow


def changed(spec: RunSpec, **training: Any) -> RunSpec:
    return spec.model_copy(update={"training": spec.training.model_copy(update=training)})


def trained(store: RunStore, spec: RunSpec, data: Dataset) -> Run:
    run = store.create(spec, by=Actor.owner())
    train(store, run.id, data=data)
    return store.get(run.id)


@pytest.fixture(scope="module")
def module_store(tmp_path_factory: pytest.TempPathFactory) -> RunStore:
    return RunStore(tmp_path_factory.mktemp("training"))


@pytest.fixture(scope="module")
def spec() -> RunSpec:
    return RunSpec(
        network=DenseSpec(units=(16,), dropout=0.2),
        training=TrainingSpec(epochs=3, train_pictures=1_000, batch_size=64, flip=True, shift=1),
    )


@pytest.fixture(scope="module")
def undisturbed(module_store: RunStore, spec: RunSpec, data: Dataset) -> Run:
    return trained(module_store, spec, data)


@pytest.fixture(scope="module")
def overfitting(module_store: RunStore, data: Dataset) -> Run:
    """A run that early stopping ends two epochs after its best one."""
    spec = RunSpec(
        network=DenseSpec(units=(64,), dropout=0.1),
        training=TrainingSpec(
            epochs=30, train_pictures=600, early_stopping_patience=2, learning_rate=0.02
        ),
    )
    return trained(module_store, spec, data)


class TestArtifacts:
    def test_finished_run_has_all_its_arrays(
        self, module_store: RunStore, undisturbed: Run
    ) -> None:
        arrays = module_store.predictions(undisturbed.id)
        assert {name: (array.shape, str(array.dtype)) for name, array in arrays.items()} == {
            "test_logits": ((10_000, 10), "float32"),
            "test_probabilities": ((10_000, 10), "float32"),
            "test_predictions_by_epoch": ((3, 10_000), "uint8"),
            "train_index": ((1_000,), "int64"),
            "noisy_index": ((0,), "int64"),
            "noisy_labels": ((0,), "uint8"),
            "validation_index": ((6_000,), "int64"),
            "validation_logits": ((6_000, 10), "float32"),
            "validation_probabilities": ((6_000, 10), "float32"),
            "validation_predictions_by_epoch": ((3, 6_000), "uint8"),
        }
        assert np.allclose(arrays["test_probabilities"].sum(axis=1), 1, atol=1e-5)
        assert np.allclose(arrays["test_probabilities"], softmax(arrays["test_logits"], axis=1))
        last = arrays["test_predictions_by_epoch"][-1]
        assert (last == arrays["test_probabilities"].argmax(axis=1)).all()

    def test_summary_says_what_the_arrays_say(
        self, module_store: RunStore, undisturbed: Run, data: Dataset
    ) -> None:
        arrays, summary = module_store.predictions(undisturbed.id), undisturbed.summary
        assert summary is not None
        predictions = arrays["test_probabilities"].argmax(axis=1)
        assert summary.test_accuracy == pytest.approx((predictions == data.test_labels).mean())
        validation = arrays["validation_probabilities"].argmax(axis=1)
        truth = np.asarray(data.train_labels)[arrays["validation_index"]]
        assert summary.validation_accuracy == pytest.approx((validation == truth).mean())
        assert (summary.epochs, summary.train_pictures, summary.validation_pictures) == (
            3,
            1_000,
            6_000,
        )
        on_disk = json.loads((undisturbed.path / "run.json").read_text())
        assert on_disk["state"] == "done"
        assert on_disk["summary"]["test_accuracy"] == summary.test_accuracy

    def test_a_run_says_which_version_trained_it(self, undisturbed: Run) -> None:
        on_disk = json.loads((undisturbed.path / "run.json").read_text())
        assert on_disk["environment"]["atelier"] == VERSION

    def test_model_opens_in_plain_keras_and_repeats_the_stored_figures(
        self, module_store: RunStore, undisturbed: Run, data: Dataset
    ) -> None:
        model = keras.models.load_model(undisturbed.path / "model.keras")
        arrays = module_store.predictions(undisturbed.id)
        again = model.predict(np.asarray(data.test_images)[:500, ..., None], verbose=0)
        assert np.allclose(again, arrays["test_probabilities"][:500], atol=1e-5)
        index = arrays["train_index"]
        on_training = model.predict(np.asarray(data.train_images)[index][..., None], verbose=0)
        correct = on_training.argmax(axis=1) == np.asarray(data.train_labels)[index]
        assert undisturbed.summary is not None
        assert undisturbed.summary.train_accuracy == pytest.approx(correct.mean())

    def test_live_events_tell_the_same_story(
        self, module_store: RunStore, undisturbed: Run
    ) -> None:
        events = module_store.events(undisturbed.id)
        arrays = module_store.predictions(undisturbed.id)
        assert [event.epoch for event in events.epochs] == [1, 2, 3]
        assert undisturbed.summary is not None
        assert events.epochs[-1].test_accuracy == undisturbed.summary.test_accuracy
        stored = np.load(undisturbed.path / "epochs" / "0003.npz", allow_pickle=False)
        assert (stored["test_predictions"] == arrays["test_predictions_by_epoch"][-1]).all()
        near = stored["test_probabilities"] / 255 - arrays["test_probabilities"]
        assert np.abs(near).max() <= 0.5 / 255 + 1e-6


class TestHonesty:
    def test_same_seed_gives_the_same_run(
        self, module_store: RunStore, undisturbed: Run, spec: RunSpec, data: Dataset
    ) -> None:
        again = trained(module_store, spec, data)
        first, second = (module_store.predictions(run.id) for run in (undisturbed, again))
        assert all((first[name] == second[name]).all() for name in first)

    def test_another_seed_gives_another_run(
        self, module_store: RunStore, undisturbed: Run, spec: RunSpec, data: Dataset
    ) -> None:
        other = trained(module_store, changed(spec, seed=2), data)
        first, second = (module_store.predictions(run.id) for run in (undisturbed, other))
        assert not (first["test_logits"] == second["test_logits"]).all()
        assert not (first["validation_index"] == second["validation_index"]).all()

    def test_test_pictures_never_influence_a_training(
        self, module_store: RunStore, undisturbed: Run, spec: RunSpec, data: Dataset
    ) -> None:
        blind = replace(data, test_labels=np.asarray(data.test_labels)[::-1])
        stopping = changed(spec, early_stopping_patience=1)
        one = trained(module_store, stopping, data)
        two = trained(module_store, stopping, blind)
        arrays = [module_store.predictions(run.id) for run in (one, two)]
        assert (arrays[0]["test_logits"] == arrays[1]["test_logits"]).all()

    def test_noise_touches_training_labels_alone(self, data: Dataset) -> None:
        training = TrainingSpec(label_noise=0.3, train_pictures=5_000)
        images = select_images(data, training)
        replaced = images.train_labels != images.true_labels
        assert replaced.mean() == pytest.approx(0.3)
        labels = np.asarray(data.train_labels)
        assert (images.true_labels == labels[images.train_index]).all()
        assert (images.validation_labels == labels[images.validation_index]).all()
        assert (images.test_labels == data.test_labels).all()
        assert not set(images.train_index) & set(images.validation_index)
        assert (with_noise(images.true_labels, 0.0, 1) == images.true_labels).all()

    def test_run_may_do_without_validation(self, store: RunStore, data: Dataset) -> None:
        training = TrainingSpec(epochs=1, train_pictures=300, validation_share=0.0)
        run = trained(store, RunSpec(network=DenseSpec(units=(4,)), training=training), data)
        assert run.state == "done"
        assert run.summary is not None
        assert run.summary.validation_accuracy is None
        arrays = store.predictions(run.id)
        assert arrays["validation_index"].shape == (0,)
        assert arrays["validation_probabilities"].shape == (0, 10)


def ask_in_epoch(epoch: int, ask: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a visitor ask for something just after an epoch (from 1) has begun."""
    begin = LiveMetrics.on_epoch_begin

    def begin_and_ask(self: LiveMetrics, index: int, logs: dict[str, Any] | None = None) -> None:
        begin(self, index, logs)
        if index + 1 == epoch:
            ask()
            self._writer._control_read_at = 0.0

    monkeypatch.setattr(LiveMetrics, "on_epoch_begin", begin_and_ask)


def check_kept(store: RunStore, run_id: str, epoch: int, data: Dataset) -> None:
    """Assert that weights, predictions and summary of a run are those of an epoch (from 1)."""
    run, arrays = store.get(run_id), store.predictions(run_id)
    event = store.events(run_id).epochs[epoch - 1]
    assert run.summary is not None
    assert (run.summary.kept_epoch, run.summary.test_loss) == (epoch, event.test_loss)
    assert run.summary.test_accuracy == event.test_accuracy
    assert run.summary.validation_loss == event.validation_loss
    predictions = arrays["test_logits"].argmax(axis=1)
    assert (predictions == arrays["test_predictions_by_epoch"][epoch - 1]).all()
    assert (predictions == store.epoch_predictions(run_id, epoch)["test_predictions"]).all()
    model, _ = load_network(store.root, run_id)
    again = model.predict(np.asarray(data.test_images)[:500, ..., None], verbose=0)
    assert np.allclose(again, arrays["test_probabilities"][:500], atol=1e-5)
    plain = weights_of(keras.models.load_model(run.path / "model.keras"))
    weights = store.weights(run_id)
    assert all((plain[name] == values).all() for name, values in weights.items())


class TestEnds:
    def test_stop_before_the_start_trains_nothing(
        self, store: RunStore, small_spec: RunSpec, data: Dataset
    ) -> None:
        run = store.create(small_spec, by=Actor.owner())
        store.request_stop(run.id, by=Actor.owner())
        train(store, run.id, data=data)
        run = store.get(run.id)
        assert (run.state, run.summary) == ("stopped", None)

    def test_stop_in_an_epoch_keeps_the_finished_ones_and_the_model_of_the_last(
        self, store: RunStore, small_spec: RunSpec, data: Dataset, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run = store.create(small_spec, by=Actor.owner())
        ask_in_epoch(3, lambda: store.request_stop(run.id, by=Actor.owner()), monkeypatch)
        train(store, run.id, data=data)
        run = store.get(run.id)
        assert run.state == "stopped"
        assert run.summary is not None
        assert run.summary.epochs == 2
        arrays = store.predictions(run.id)
        assert arrays["test_predictions_by_epoch"].shape == (2, 10_000)
        model = keras.models.load_model(run.path / "model.keras")
        again = model.predict(np.asarray(data.test_images)[:500, ..., None], verbose=0)
        assert np.allclose(again, arrays["test_probabilities"][:500], atol=1e-5)

    def test_stop_after_this_epoch_keeps_the_epoch_that_runs(
        self, store: RunStore, spec: RunSpec, data: Dataset, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run = store.create(spec, by=Actor.owner())
        ask_in_epoch(
            2, lambda: store.request_stop(run.id, after_epoch=True, by=Actor.owner()), monkeypatch
        )
        train(store, run.id, data=data)
        run = store.get(run.id)
        assert run.state == "stopped"
        assert run.summary is not None
        assert run.summary.epochs == 2
        assert identity_of(run).stopped_after == 2

    def test_stop_after_the_last_epoch_is_no_stop(
        self, store: RunStore, spec: RunSpec, data: Dataset
    ) -> None:
        one_epoch = changed(spec, epochs=1)
        run = store.create(one_epoch, by=Actor.owner())
        store.request_stop(run.id, after_epoch=True, by=Actor.owner())
        train(store, run.id, data=data)
        assert store.get(run.id).state == "done"

    def test_stop_before_the_first_epoch_ends_says_why_nothing_is_kept(
        self, store: RunStore, spec: RunSpec, data: Dataset, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run = store.create(spec, by=Actor.owner())
        ask_in_epoch(1, lambda: store.request_stop(run.id, by=Actor.owner()), monkeypatch)
        train(store, run.id, data=data)
        run = store.get(run.id)
        assert (run.state, run.summary) == ("stopped", None)
        assert "before the first epoch had ended, so nothing is kept" in (run.reason or "")

    def test_stop_is_obeyed_in_a_step_that_never_ends(
        self, store: RunStore, small_spec: RunSpec, data: Dataset
    ) -> None:
        """In a process of its own the training is ended from outside its step."""
        run = store.create(small_spec, by=Actor.owner())
        hangs = f"""
import sys, threading
from fmnist_core.interpret.network import load_network
from fmnist_core.permissions import Actor
from fmnist_core.runs import RunStore
from fmnist_core.training.live_metrics import LiveMetrics
from fmnist_core.training.run import train
from fmnist_core.training.state import weights_of
original = LiveMetrics.on_epoch_begin
def hang(self, epoch, logs=None):
    original(self, epoch, logs)
    if epoch == 2:
        store.request_stop({run.id!r}, by=Actor.owner())
        threading.Event().wait()
LiveMetrics.on_epoch_begin = hang
store = RunStore(sys.argv[1])
train(store, {run.id!r}, in_own_process=True)
"""
        done = subprocess.run([sys.executable, "-c", hangs, str(store.root)], check=False)
        assert done.returncode == 0
        run = store.get(run.id)
        assert run.state == "stopped"
        assert run.summary is not None
        assert run.summary.epochs == 2
        arrays = store.predictions(run.id)
        model = keras.models.load_model(run.path / "model.keras")
        again = model.predict(np.asarray(data.test_images)[:500, ..., None], verbose=0)
        assert np.allclose(again, arrays["test_probabilities"][:500], atol=1e-5)

    def test_infinite_loss_ends_as_diverged_and_keeps_the_curve(
        self, store: RunStore, data: Dataset
    ) -> None:
        spec = RunSpec(
            network=DenseSpec(units=(512, 512, 512, 512), l2=0.1),
            training=TrainingSpec(
                optimizer="sgd", learning_rate=1.0, momentum=0.99, epochs=5, train_pictures=20_000
            ),
        )
        run = trained(store, spec, data)
        assert run.state == "diverged"
        assert "smaller learning rate" in (run.reason or "")

    def test_early_stopping_ends_after_its_patience(self, store: RunStore, data: Dataset) -> None:
        spec = RunSpec(
            network=DenseSpec(units=(256,)),
            training=TrainingSpec(
                epochs=60, train_pictures=500, early_stopping_patience=2, learning_rate=0.01
            ),
        )
        run = trained(store, spec, data)
        assert run.state == "done"
        epochs = store.events(run.id).epochs
        best = min(epochs, key=lambda event: event.validation_loss or 0)
        assert len(epochs) == best.epoch + 2 < 60
        check_kept(store, run.id, best.epoch, data)
        # Its network is the one that the same training has at the end of that epoch.
        alone = trained(store, changed(spec, epochs=best.epoch, early_stopping_patience=0), data)
        weights, expected = store.weights(run.id), store.weights(alone.id)
        assert all((weights[name] == values).all() for name, values in expected.items())
        first, second = store.predictions(run.id), store.predictions(alone.id)
        assert (first["test_logits"] == second["test_logits"]).all()
        assert run.summary is not None
        assert alone.summary is not None
        assert run.summary.train_accuracy == alone.summary.train_accuracy

    def test_full_disk_is_said_in_words(
        self, store: RunStore, small_spec: RunSpec, data: Dataset, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(*_: Any) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(RunWriter, "save_checkpoint", full)
        run = trained(store, small_spec, data)
        assert run.state == "failed"
        assert "The disk is full" in (run.reason or "")


class TestResume:
    @pytest.mark.parametrize(
        "death",
        [
            dying("save_checkpoint", before=True),
            dying("save_checkpoint", before=False),
            dying("commit_epoch", before=False),
        ],
        ids=["before the checkpoint", "between checkpoint and line", "after the line"],
    )
    def test_resumed_run_equals_an_undisturbed_one_bit_by_bit(
        self,
        module_store: RunStore,
        undisturbed: Run,
        spec: RunSpec,
        data: Dataset,
        death: Callable[[pytest.MonkeyPatch], None],
    ) -> None:
        run = module_store.create(spec, by=Actor.owner())
        train_until_killed(module_store, run, data, death)
        assert module_store.get(run.id).state == "interrupted"
        module_store.requeue(run.id, by=Actor.owner())
        train(module_store, run.id, data=data)
        assert module_store.get(run.id).state == "done"
        assert [event.epoch for event in module_store.events(run.id).epochs] == [1, 2, 3]
        first, second = (module_store.predictions(compared.id) for compared in (undisturbed, run))
        assert all((first[name] == second[name]).all() for name in first)

    @pytest.mark.parametrize(
        ("step", "later"),
        [
            ("save_checkpoint", 0),
            pytest.param("commit_epoch", 0, marks=pytest.mark.very_slow),
            pytest.param("save_checkpoint", 1, marks=pytest.mark.very_slow),
            ("commit_epoch", 1),
        ],
        ids=["best, no line", "best", "worse, no line", "worse"],
    )
    def test_the_best_epoch_outlives_the_worker(
        self,
        module_store: RunStore,
        overfitting: Run,
        data: Dataset,
        step: str,
        later: int,
    ) -> None:
        assert overfitting.summary is not None
        best = overfitting.summary.result_epoch
        assert best + 2 == overfitting.summary.epochs < 30
        check_kept(module_store, overfitting.id, best, data)
        run = module_store.create(overfitting.spec, by=Actor.owner())
        train_until_killed(module_store, run, data, dying(step, before=False, epoch=best + later))
        module_store.requeue(run.id, by=Actor.owner())
        train(module_store, run.id, data=data)
        check_kept(module_store, run.id, best, data)
        first, second = (module_store.predictions(made.id) for made in (overfitting, run))
        assert all((first[name] == second[name]).all() for name in first)
        weights, again = (module_store.weights(made.id) for made in (overfitting, run))
        assert all((again[name] == values).all() for name, values in weights.items())

    def test_a_saved_state_that_is_missing_is_no_new_beginning(
        self, store: RunStore, small_spec: RunSpec, data: Dataset
    ) -> None:
        """Its epochs would count, and its network would know nothing."""
        run = store.create(small_spec, by=Actor.owner())
        train_until_killed(store, run, data, dying("commit_epoch", before=False))
        store.requeue(run.id, by=Actor.owner())
        (run.path / "checkpoint.npz").unlink()
        train(store, run.id, data=data)
        run = store.get(run.id)
        assert run.state == "failed"
        assert "saved state cannot be read" in (run.reason or "")

    def test_checkpoint_that_does_not_fit_is_refused_in_words(
        self, store: RunStore, small_spec: RunSpec, data: Dataset
    ) -> None:
        run = store.create(small_spec, by=Actor.owner())
        train_until_killed(store, run, data, dying("commit_epoch", before=False))
        (run.path / "metrics.jsonl").write_bytes(b"")
        store.requeue(run.id, by=Actor.owner())
        train(store, run.id, data=data)
        run = store.get(run.id)
        assert run.state == "failed"
        assert "cannot be resumed" in (run.reason or "")


class TestChangesWhileItTrains:
    def test_changed_learning_rate_is_recorded_and_used(
        self, module_store: RunStore, undisturbed: Run, spec: RunSpec, data: Dataset
    ) -> None:
        run = module_store.create(changed(spec, schedule="cosine"), by=Actor.owner())
        module_store.set_multiplier(run.id, 0.3, by=Actor.owner())
        train(module_store, run.id, data=data)
        plain = trained(module_store, changed(spec, schedule="cosine"), data)
        (change,) = module_store.events(run.id).rates
        assert change.multiplier == 0.3
        assert 0 < change.position <= 1
        assert module_store.events(plain.id).rates == []
        for slow, usual in zip(
            module_store.events(run.id).epochs, module_store.events(plain.id).epochs, strict=True
        ):
            assert slow.learning_rate == pytest.approx(0.3 * usual.learning_rate)

    def test_changed_learning_rate_outlives_the_worker(
        self, module_store: RunStore, spec: RunSpec, data: Dataset
    ) -> None:
        run = module_store.create(spec, by=Actor.owner())
        module_store.set_multiplier(run.id, 10.0, by=Actor.owner())
        train_until_killed(module_store, run, data, dying("commit_epoch", before=False))
        module_store.requeue(run.id, by=Actor.owner())
        train(module_store, run.id, data=data)
        rates = [event.learning_rate for event in module_store.events(run.id).epochs]
        assert rates == pytest.approx([0.01] * 3)

    @pytest.mark.parametrize("schedule", ["constant", "cosine", "one_cycle"])
    def test_trained_longer_goes_on_at_the_last_rate_of_the_plan(
        self, module_store: RunStore, spec: RunSpec, data: Dataset, schedule: str
    ) -> None:
        run = trained(module_store, changed(spec, schedule=schedule), data)
        before = module_store.events(run.id).epochs
        run = module_store.train_longer(run.id, 2, by=Actor.owner())
        assert (run.state, run.attempt, run.spec.training.epochs) == ("queued", 2, 5)
        train(module_store, run.id, data=data)
        run = module_store.get(run.id)
        after = module_store.events(run.id).epochs
        assert run.state == "done"
        assert after[:3] == before
        assert [event.epoch for event in after] == [1, 2, 3, 4, 5]
        last = 0.001 if schedule == "constant" else 0.00001
        assert [event.learning_rate for event in after[2:]] == pytest.approx([last] * 3, rel=1e-4)
        assert run.summary is not None
        assert run.summary.epochs == 5
        assert module_store.predictions(run.id)["test_predictions_by_epoch"].shape == (5, 10_000)

    def test_trained_longer_gives_early_stopping_a_new_start(
        self, store: RunStore, data: Dataset
    ) -> None:
        spec = RunSpec(
            network=DenseSpec(units=(64,)),
            training=TrainingSpec(
                epochs=30, train_pictures=300, early_stopping_patience=1, learning_rate=0.02
            ),
        )
        run = trained(store, spec, data)
        ended_at = len(store.events(run.id).epochs)
        assert ended_at < 30
        store.train_longer(run.id, 2, by=Actor.owner())
        train(store, run.id, data=data)
        epochs = store.events(run.id).epochs
        assert len(epochs) == ended_at + 2
        # It goes on from the last epoch, and the best of all is what it is.
        best = min(epochs, key=lambda event: event.validation_loss or 0)
        check_kept(store, run.id, best.epoch, data)

    @pytest.mark.parametrize("epochs", [0, -1, 198])
    def test_too_many_more_epochs_are_refused(
        self, module_store: RunStore, undisturbed: Run, epochs: int
    ) -> None:
        with pytest.raises(FmnistError, match="at most 197 more"):
            module_store.train_longer(undisturbed.id, epochs, by=Actor.owner())
        assert module_store.get(undisturbed.id).state == "done"

    @pytest.mark.very_slow
    def test_wrong_labels_learnt_by_heart_are_counted(self, store: RunStore, data: Dataset) -> None:
        spec = RunSpec(
            network=DenseSpec(units=(512,)),
            training=TrainingSpec(
                epochs=40, train_pictures=200, label_noise=0.5, learning_rate=0.003, batch_size=20
            ),
        )
        run = trained(store, spec, data)
        shares = [event.memorised for event in store.events(run.id).epochs]
        assert (shares[0] or 0) < 0.5 < (shares[-1] or 0)
        arrays = store.predictions(run.id)
        # It has learned the wrong labels, so it agrees with them more than with the truth.
        assert run.summary is not None
        given, true = run.summary.train_accuracy or 0, run.summary.train_accuracy_true or 0
        assert given > 0.9
        assert true < 0.6
        assert len(arrays["noisy_index"]) == 100
        labels = np.asarray(data.train_labels)[arrays["noisy_index"]]
        assert (labels != arrays["noisy_labels"]).all()

    def test_the_loss_while_training_leaves_the_penalty_on_the_weights_out(
        self, store: RunStore, data: Dataset
    ) -> None:
        """As validation and test are measured, so that their curves can be compared."""
        spec = RunSpec(
            network=DenseSpec(units=(64,), l2=0.01),
            training=TrainingSpec(epochs=1, train_pictures=2_000, learning_rate=1e-5),
        )
        run = trained(store, spec, data)
        events = store.events(run.id)
        penalty = float(sum(keras.models.load_model(run.path / "model.keras").losses))
        assert penalty > 1
        (epoch,) = events.epochs
        assert epoch.train_loss == pytest.approx(epoch.test_loss, abs=0.5)
        assert all(event.loss < epoch.test_loss + 0.5 for event in events.batches)


def reported(run: Run) -> list[Event]:
    """All events of a run, in the order in which they were reported."""
    return [read_line(line) for line in (run.path / "metrics.jsonl").read_bytes().splitlines()]


def dense(*units: int) -> RunSpec:
    return RunSpec(network=DenseSpec(units=units))


def convolutional(kernel: Literal[1, 3, 5, 7], filters: int = 16) -> RunSpec:
    return RunSpec(network=CnnSpec(blocks=(ConvBlock(filters=filters, kernel=kernel),)))


class TestFirstLayer:
    @pytest.fixture(scope="class")
    def boot(self, data: Dataset) -> np.ndarray:
        return np.array(data.test_images[0])

    @pytest.mark.parametrize(("units", "count"), [((16,), 12), ((5, 64), 5)], ids=["many", "few"])
    def test_a_dense_network_shows_what_its_first_units_weigh_the_pixels_with(
        self, boot: np.ndarray, units: tuple[int, ...], count: int
    ) -> None:
        spec = dense(*units)
        model = build_model(spec)
        pictures = first_layer(model, spec, boot)
        assert pictures.keys() == {"weights"}
        assert pictures["weights"].shape == (count, 28, 28)
        kernel = next(layer for layer in model.layers if hasattr(layer, "kernel")).get_weights()[0]
        largest = np.percentile(np.abs(kernel[:, :count]), 99.5)
        for unit in range(count):
            wanted = np.clip(kernel[:, unit].reshape(28, 28) / largest, -1, 1)
            assert np.abs(pictures["weights"][unit] / 127 - wanted).max() <= 0.51 / 127

    @pytest.mark.parametrize("kernel", [1, 3, 5, 7])
    def test_what_filters_answer_is_what_keras_computes_with_them(
        self, boot: np.ndarray, kernel: Literal[1, 3, 5, 7]
    ) -> None:
        spec = convolutional(kernel)
        model = build_model(spec)
        layer = next(layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D))
        filters = layer.get_weights()[0][..., :12]
        plain = keras.layers.Conv2D(12, kernel, padding="same", use_bias=False)
        plain.build((None, 28, 28, 1))
        plain.set_weights([filters])
        wanted = plain(boot[None, ..., None] / np.float32(255)).numpy()[0].transpose(2, 0, 1)
        pictures = first_layer(model, spec, boot)
        assert pictures["responses"].shape == (12, 28, 28)
        assert pictures["weights"].shape == (12, kernel, kernel)
        for name, exact in (
            ("weights", filters[:, :, 0].transpose(2, 0, 1)),
            ("responses", wanted),
        ):
            exact = np.clip(exact / np.percentile(np.abs(exact), 99.5), -1, 1)
            assert np.abs(pictures[name] / 127 - exact).max() <= 0.51 / 127

    def test_a_network_of_few_filters_shows_them_all(self, boot: np.ndarray) -> None:
        spec = convolutional(3, filters=4)
        pictures = first_layer(build_model(spec), spec, boot)
        assert {name: values.shape for name, values in pictures.items()} == {
            "weights": (4, 3, 3),
            "responses": (4, 28, 28),
        }

    @pytest.mark.filterwarnings("error:invalid value encountered in (cast|divide)")
    @pytest.mark.parametrize("spec", [dense(16), convolutional(3)], ids=["dense", "cnn"])
    @pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 0.0])
    def test_weights_that_are_no_numbers_or_all_zero_are_shown_as_nothing(
        self, boot: np.ndarray, spec: RunSpec, value: float
    ) -> None:
        model = build_model(spec)
        layer = next(layer for layer in model.layers if hasattr(layer, "kernel"))
        layer.kernel.assign(np.full(layer.kernel.shape, value, np.float32))
        pictures = first_layer(model, spec, boot)
        assert all(values.dtype == np.int8 for values in pictures.values())
        assert not any(values.any() for values in pictures.values())


class TestProbes:
    def test_a_training_shows_itself_before_its_first_step_and_after_each_epoch(
        self, module_store: RunStore, undisturbed: Run
    ) -> None:
        events = reported(undisturbed)
        kinds = [type(event) for event in events]
        assert kinds.index(ProbeEvent) < kinds.index(BatchEvent)
        assert kinds.index(FirstLayerEvent) < kinds.index(BatchEvent)
        for kind in (ProbeEvent, FirstLayerEvent):
            positions = [event.position for event in events if isinstance(event, kind)]
            assert positions == sorted(positions)
            assert {0, 1, 2, 3} <= set(positions)
            assert (positions[0], positions[-1]) == (0, 3)
        layers = module_store.events(undisturbed.id).first_layers
        assert [event.index for event in layers] == list(range(len(layers)))
        pictures = [module_store.first_layer(undisturbed.id, event.index) for event in layers]
        assert all(shown["weights"].shape == (12, 28, 28) for shown in pictures)
        assert not np.array_equal(pictures[0]["weights"], pictures[-1]["weights"])

    def test_the_last_probe_says_what_the_network_predicts(
        self, module_store: RunStore, undisturbed: Run, data: Dataset
    ) -> None:
        indices = probe_indices(np.asarray(data.test_labels), undisturbed.spec.training.seed)
        predicted = module_store.predictions(undisturbed.id)["test_probabilities"][indices]
        probe = module_store.events(undisturbed.id).probe
        assert probe is not None
        assert np.abs(probe.probabilities / 255 - predicted).max() <= 0.5 / 255 + 1e-4

    @pytest.mark.parametrize("kind", ["dense", "cnn"])
    def test_nothing_of_a_training_depends_on_what_is_shown_of_it(
        self, store: RunStore, data: Dataset, monkeypatch: pytest.MonkeyPatch, kind: str
    ) -> None:
        network = {
            "dense": DenseSpec(units=(16,), dropout=0.2, batch_norm=True),
            "cnn": CnnSpec(blocks=(ConvBlock(filters=4),)),
        }[kind]
        training = TrainingSpec(epochs=2, train_pictures=640, batch_size=64, flip=True)
        spec = RunSpec(network=network, training=training)
        shown = store.create(spec, by=Actor.owner())
        # With other images, too.
        store.shuffle_probes(shown.id, by=Actor.owner())
        train(store, shown.id, data=data)
        monkeypatch.setattr(run_module, "ProbeReporter", lambda *_: keras.callbacks.Callback())
        alone = trained(store, spec, data)
        assert store.events(shown.id).first_layers
        assert (store.events(alone.id).probe, store.events(alone.id).first_layers) == (None, [])
        for read in (store.predictions, store.weights):
            one, other = read(shown.id), read(alone.id)
            assert one.keys() == other.keys()
            assert all(np.array_equal(one[name], other[name]) for name in one)

    def test_shuffled_images_are_predicted_from_then_on(
        self, store: RunStore, spec: RunSpec, data: Dataset, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run = store.create(spec, by=Actor.owner())
        ask_in_epoch(2, lambda: store.shuffle_probes(run.id, by=Actor.owner()), monkeypatch)
        train(store, run.id, data=data)
        events = [event for event in reported(run) if isinstance(event, ProbeEvent)]
        assert {event.draw for event in events if event.position <= 1} == {0}
        assert {event.draw for event in events if event.position >= 2} == {1}
        indices = probe_indices(np.asarray(data.test_labels), spec.training.seed, 1)
        predicted = store.predictions(run.id)["test_probabilities"][indices]
        assert np.abs(events[-1].probabilities / 255 - predicted).max() <= 0.5 / 255 + 1e-4

    def test_a_resumed_run_goes_on_with_its_first_layers(
        self, store: RunStore, spec: RunSpec, data: Dataset
    ) -> None:
        run = store.create(spec, by=Actor.owner())
        train_until_killed(store, run, data, dying("commit_epoch", before=False))
        store.requeue(run.id, by=Actor.owner())
        train(store, run.id, data=data)
        layers = store.events(run.id).first_layers
        assert [event.index for event in layers] == list(range(len(layers)))
        positions = [event.position for event in layers]
        assert positions == sorted(positions)
        assert {0, 1, 2, 3} <= set(positions)
        for event in layers:
            assert store.first_layer(run.id, event.index)
        # What the second attempt reported comes after all that the first one kept.
        events = reported(run)
        second = [place for place, event in enumerate(events) if isinstance(event, StartEvent)][1]
        kept = [event.index for event in events[:second] if isinstance(event, FirstLayerEvent)]
        new = [event.index for event in events[second:] if isinstance(event, FirstLayerEvent)]
        assert new == list(range(kept[-1] + 1, len(layers)))
        assert any(isinstance(event, EpochEvent) for event in events[second:])


class Reporting:
    """A reporter of probes in a training of ours, which gives it its turn."""

    def __init__(self, store: RunStore, data: Dataset, spec: RunSpec) -> None:
        self.run = store.create(spec, by=Actor.owner())
        self.writer = RunWriter(store.root, self.run.id, 1)
        self.writer.start(0, {})
        self.model = build_model(spec)
        live = cast(LiveMetrics, SimpleNamespace(stopped=False, has_reported=True, elapsed=1.0))
        predictor = Predictor(self.model, spec)
        images = select_images(data, spec.training)
        self.reporter = ProbeReporter(self.writer, live, predictor, images, 100)
        self.reporter.set_model(self.model)
        self.live = live

    def learn(self, step: int) -> None:
        """Change all weights, and let the reporter see it."""
        for variable in self.model.trainable_variables:
            variable.assign_add(np.random.default_rng(step).normal(0, 0.1, variable.shape))
        self.reporter.on_train_batch_end(step)

    def probes(self) -> list[ProbeEvent]:
        return [event for event in reported(self.run) if isinstance(event, ProbeEvent)]


class TestPaceOfProbes:
    @pytest.fixture
    def reporting(
        self, store: RunStore, spec: RunSpec, data: Dataset, monkeypatch: pytest.MonkeyPatch
    ) -> Reporting:
        monkeypatch.setattr(timeouts, "PROBE_SECONDS", 0.0)
        monkeypatch.setattr(timeouts, "FIRST_LAYER_SECONDS", 0.0)
        return Reporting(store, data, spec)

    def test_where_all_would_take_too_long_each_image_has_its_turn(
        self, reporting: Reporting
    ) -> None:
        # No time at all is one in which they are too slow.
        reporting.reporter.on_train_begin()
        for step in range(14):
            reporting.learn(step)
        shown = [event.probabilities for event in reporting.probes()]
        assert len(shown) == 15
        changed_rows = [
            np.flatnonzero((before != after).any(axis=1)).tolist()
            for before, after in pairwise(shown[1:])
        ]
        assert len(np.flatnonzero((shown[0] != shown[1]).any(axis=1))) == 12
        assert changed_rows == [[turn % 12] for turn in range(13)]

    def test_predictions_come_together_with_what_batches_report(self, reporting: Reporting) -> None:
        reporting.reporter.on_train_begin()
        reporting.live.has_reported = False
        reporting.learn(1)
        assert len(reporting.probes()) == 1
        reporting.live.has_reported = True
        reporting.learn(2)
        assert len(reporting.probes()) == 2

    def test_other_images_are_all_predicted_at_once(
        self, reporting: Reporting, store: RunStore, data: Dataset
    ) -> None:
        reporting.reporter.on_train_begin()
        for step in range(4):
            reporting.learn(step)
        store.shuffle_probes(reporting.run.id, by=Actor.owner())
        reporting.writer._control_read_at = 0.0
        reporting.learn(4)
        probe = reporting.probes()[-1]
        assert probe.draw == 1
        seed = reporting.run.spec.training.seed
        images = np.asarray(data.test_images)[probe_indices(np.asarray(data.test_labels), seed, 1)]
        predicted = reporting.model.predict(images[..., None], verbose=0)
        wanted = predicted if predicted.min() >= 0 else softmax(predicted, axis=1)
        assert np.abs(probe.probabilities / 255 - wanted).max() <= 0.5 / 255 + 1e-4

    def test_predictions_that_are_no_numbers_are_not_reported(self, reporting: Reporting) -> None:
        reporting.reporter.on_train_begin()
        logits = reporting.model.get_layer("logits").kernel
        logits.assign(np.full(logits.shape, np.nan))
        reporting.reporter.on_epoch_end(0)
        assert [event.position for event in reporting.probes()] == [0]
        assert len(reporting.writer.past_events().first_layers) == 2

    def test_a_stopped_training_shows_nothing_more(self, reporting: Reporting) -> None:
        reporting.reporter.on_train_begin()
        reporting.live.stopped = True
        reporting.learn(1)
        reporting.reporter.on_epoch_end(0)
        events = reporting.writer.past_events()
        assert len(reporting.probes()) == len(events.first_layers) == 1

    def test_between_epochs_the_first_layer_is_shown_at_first_alone(
        self, reporting: Reporting, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        reporting.reporter.on_train_begin()
        reporting.learn(49)
        monkeypatch.setattr(timeouts, "FIRST_LAYER_SOON_SECONDS", 0.0)
        reporting.learn(50)
        reporting.reporter.on_epoch_end(0)
        layers = reporting.writer.past_events().first_layers
        assert [event.position for event in layers] == [0, 0.5, 1]

    def test_there_are_only_so_many_pictures_of_a_first_layer(
        self, reporting: Reporting, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(probes_module, "MOST_FIRST_LAYERS", 2)
        reporting.reporter.on_train_begin()
        for step in range(3):
            reporting.learn(step)
        assert len(reporting.writer.past_events().first_layers) == 2
        assert len(reporting.probes()) == 4


class TestModels:
    def test_one_cycle_rises_to_its_peak_and_fades_to_a_hundredth(self) -> None:
        rate = OneCycle(peak=0.004, total_steps=1_000)
        values = [float(rate(step)) for step in (0, 150, 300, 650, 1_000)]
        assert values[0] == pytest.approx(0.004 / 25)
        assert values[1] == pytest.approx((0.004 + 0.004 / 25) / 2)
        assert values[2] == pytest.approx(0.004)
        assert values[3] == pytest.approx((0.004 + 0.00004) / 2)
        assert values[4] == pytest.approx(0.00004)
        assert float(rate(5_000)) == pytest.approx(0.00004)

    @pytest.mark.parametrize(
        ("name", "kind"),
        [("adam", "Adam"), ("adamw", "AdamW"), ("sgd", "SGD"), ("rmsprop", "RMSprop")],
    )
    def test_optimizer_is_the_chosen_one_with_its_numbers(
        self, name: Literal["adam", "adamw", "sgd", "rmsprop"], kind: str
    ) -> None:
        training = TrainingSpec(
            optimizer=name, learning_rate=0.02, momentum=0.5, weight_decay=0.03, train_pictures=100
        )
        optimizer = build_model(RunSpec(training=training)).optimizer
        assert type(optimizer).__name__ == kind
        assert float(optimizer.learning_rate) == pytest.approx(0.02)
        if name == "sgd":
            assert optimizer.momentum == 0.5
        if name == "adamw":
            assert optimizer.weight_decay == 0.03

    def test_loss_is_the_cross_entropy_of_the_logits_without_loss_of_precision(self) -> None:
        model = build_model(RunSpec(network=CnnSpec(blocks=(ConvBlock(filters=4),))))
        layer = model.get_layer("logits")
        layer.set_weights([layer.get_weights()[0] * 0, np.array([200.0, *[0.0] * 9])])
        images = np.zeros((2, 28, 28, 1), np.float32)
        loss = model.evaluate(images, np.array([0, 1]), verbose=0)[0]
        # Through probabilities the second term would be cut off at -log(1e-7) = 16.
        assert loss == pytest.approx(100, rel=1e-5)


class TestTheTutorialsFigures:
    @pytest.mark.very_slow
    def test_simple_network_reaches_what_the_tutorial_reaches(
        self, tmp_path: Path, data: Dataset
    ) -> None:
        store = RunStore(tmp_path)
        spec = changed(PRESETS["Simple network"], epochs=5, validation_share=0.0)
        run = trained(store, spec, data)
        assert run.summary is not None
        assert run.summary.train_pictures == 60_000
        assert 0.855 <= (run.summary.test_accuracy or 0) <= 0.890

    @pytest.mark.very_slow
    def test_cnn_with_dropout_is_better_after_five_epochs(
        self, tmp_path: Path, data: Dataset
    ) -> None:
        store = RunStore(tmp_path)
        run = trained(store, changed(PRESETS["CNN with dropout"], epochs=5), data)
        assert run.summary is not None
        assert (run.summary.test_accuracy or 0) > 0.89
