"""Real training on real pictures, mostly with tiny networks."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import keras
import numpy as np
import pytest
from scipy.special import softmax

from fmnist_core.dataset import Dataset
from fmnist_core.errors import FmnistError
from fmnist_core.interpret.network import load_network
from fmnist_core.permissions import Actor
from fmnist_core.presets import PRESETS
from fmnist_core.runs import Run, RunStore, RunWriter
from fmnist_core.runs.identity import identity_of
from fmnist_core.specs import CnnSpec, ConvBlock, DenseSpec, RunSpec, TrainingSpec
from fmnist_core.training.batches import select_images, with_noise
from fmnist_core.training.live_metrics import LiveMetrics
from fmnist_core.training.models import OneCycle, build_model
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


class Killed(BaseException):
    """Stands for SIGKILL: no handler of the training may catch it."""


def dying(step: str, before: bool, epoch: int = 2) -> Callable[[pytest.MonkeyPatch], None]:
    """The worker dies right before or after a step of an epoch's commit."""

    def prepare(patch: pytest.MonkeyPatch) -> None:
        original = getattr(RunWriter, step)

        def die(self: RunWriter, event: Any, *rest: Any) -> None:
            if event.epoch == epoch and before:
                raise Killed
            original(self, event, *rest)
            if event.epoch == epoch:
                raise Killed

        patch.setattr(RunWriter, step, die)

    return prepare


def train_until_killed(
    store: RunStore, run: Run, data: Dataset, death: Callable[[pytest.MonkeyPatch], None]
) -> None:
    """Train a run until its worker dies, and leave no sign of life of it."""
    with pytest.MonkeyPatch.context() as patch:
        death(patch)
        with pytest.raises(Killed):
            train(store, run.id, data=data)
    (run.path / "heartbeat").unlink()


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
        [("save_checkpoint", 0), ("commit_epoch", 0), ("save_checkpoint", 1), ("commit_epoch", 1)],
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
