"""One training run from its spec to its artifacts: fit, test, checkpoint, resume."""

from __future__ import annotations

import logging
import os
import platform
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from pydantic import ValidationError
from scipy.special import softmax

from fmnist_core import timeouts
from fmnist_core.dataset import Dataset, load
from fmnist_core.errors import FmnistError
from fmnist_core.runs import (
    EpochEvent,
    RunEvents,
    RunStore,
    RunUnreadable,
    RunWriter,
    State,
    Summary,
)
from fmnist_core.runs.failures import NOTHING_KEPT, OUT_OF_MEMORY, failure_reason
from fmnist_core.runs.model import SHARED_FOLDER
from fmnist_core.specs import (
    RunSpec,
    parameter_count,
    steps_per_epoch,
    training_size,
    validation_size,
)
from fmnist_core.training.autotune import ModeCache, device, plain_mode, remembered_mode
from fmnist_core.training.live_metrics import Diverged, LiveMetrics
from fmnist_core.training.loop import ExecutionMode
from fmnist_core.training.models import build_network
from fmnist_core.training.predict import StopRequested, score
from fmnist_core.training.prepared import PreparedModels
from fmnist_core.training.probes import ProbeReporter
from fmnist_core.training.state import (
    assign_weights,
    checkpoint,
    checkpoint_table,
    kept_weights,
    restore,
    weights_of,
)
from fmnist_core.version import VERSION

_Arrays = dict[str, NDArray[Any]]
_MOST_NOISY = 2_000
_DOES_NOT_FIT = (
    "The saved state of this run does not fit its finished epochs, so it cannot be resumed. Train "
    "it again from the start."
)
_log = logging.getLogger("fmnist.training")


def train(
    store: RunStore,
    run_id: str,
    attempt: int | None = None,
    data: Dataset | None = None,
    *,
    in_own_process: bool = False,
    prepared: PreparedModels | None = None,
) -> None:
    """Train a queued run to its end, whatever the end is, and record it in the run folder.

    Args:
        store: where the run folder is.
        run_id: a run in the state *queued*.
        attempt: the attempt this call is for; by default the one in the folder.
        data: the dataset; by default that of this machine.
        in_own_process: obey Stop also where it finds the training in a step that takes long, by
            ending the process.
        prepared: the models that this process has compiled in advance.

    Raises:
        Superseded: a newer attempt took over; nothing more was written.
    """
    attempt = attempt or store.get(run_id).attempt
    with RunWriter(store.root, run_id, attempt) as writer:
        training = _Training(writer, prepared or PreparedModels())
        if in_own_process:
            threading.Thread(target=training.enforce_stop, daemon=True).start()
        try:
            training.run(data or load())
        except Diverged:
            training.finish("diverged", "The loss became infinite: try a smaller learning rate.")
        except StopRequested:
            training.finish_stopped()
        except tf.errors.ResourceExhaustedError:
            training.finish("failed", OUT_OF_MEMORY)
        except (FmnistError, MemoryError, OSError) as error:
            _log.exception("run %s failed", run_id)
            training.finish("failed", failure_reason(error))


@dataclass(frozen=True)
class _Kept:
    """The epoch that is the result of the run so far, with its network and its logits."""

    epoch: int
    weights: _Arrays
    logits: _Arrays


class _Training:
    """One training in progress: its images, model and writer, and the epochs done so far."""

    def __init__(self, writer: RunWriter, prepared: PreparedModels) -> None:
        self.writer = writer
        self.prepared = prepared
        self.spec: RunSpec = writer.spec
        self.epochs_done = 0
        self.live: LiveMetrics | None = None
        self.kept: _Kept | None = None
        self.by_epoch: list[_Arrays] = []
        # Held while an epoch or the end is written; once ended, only who ended it writes.
        self._writing = threading.RLock()
        self._ended_by: int | None = None

    def run(self, data: Dataset) -> None:
        if self.writer.control().stop:
            raise StopRequested
        self.epochs_done = len(self.writer.past_events().epochs)
        cache = ModeCache(self.writer.path.parent / SHARED_FOLDER)
        mode = _previous_mode(self.writer.record.environment) or remembered_mode(cache, self.spec)
        environment = _environment(data)
        self.writer.start(self.epochs_done, _with_mode(environment, mode))
        self.writer.report_phase(_choosing(self.spec))
        training = self.spec.training
        self.images = self.prepared.select_images(data, training)
        self.writer.report_phase(
            f"Building the network; it has {parameter_count(self.spec):,} parameters"
        )
        past = self.writer.past_events()
        compiled = self.prepared.take(
            self.spec, mode or ExecutionMode(), self.images, self.writer.record.planned_epochs
        )
        self.model, self.batches = compiled.model, compiled.batches
        self.predictor, self.multiplier = compiled.predictor, compiled.multiplier
        self.predictor.stop = lambda: self.writer.control().stop
        self.multiplier.assign(past.multiplier)
        if mode is None:
            mode = plain_mode(cache, self.spec, compiled.loop, self.batches.whole_steps)
            self.writer.describe(_with_mode(environment, mode))
        compiled.restart(training, self.images, mode.steps)
        self._fit(self._restore(past))

    def finish(self, state: State, reason: str | None) -> None:
        """Record an end that leaves no artifacts beyond the finished epochs."""
        self._claim_the_end()
        self.writer.finish(state, _summary(self.spec, self.writer.past_events()), reason)

    def finish_stopped(self) -> None:
        """Record a stop without artifacts; the reason says where no epoch had ended yet."""
        self.finish("stopped", None if self.writer.past_events().epochs else NOTHING_KEPT)

    def enforce_stop(self) -> None:
        """End the process where the training itself does not notice a stop soon enough.

        Building a network, or one step of a huge one, can take many seconds.
        """
        while self._ended_by is None:
            if self.writer.control().stop:
                time.sleep(timeouts.STOP_PATIENCE_SECONDS)
                with self._writing:
                    if self._ended_by is not None:
                        return
                    try:
                        self._end_stopped()
                    finally:
                        os._exit(0)
            time.sleep(timeouts.STOP_POLL_SECONDS)

    def _claim_the_end(self) -> None:
        """Claim the end of the run for this thread; another one waits for the process to end."""
        with self._writing:
            if self._ended_by not in (None, threading.get_ident()):
                threading.Event().wait()
            self._ended_by = threading.get_ident()

    def _restore(self, past: RunEvents) -> RunEvents:
        """Load the checkpoint of an earlier attempt, if one finished an epoch."""
        saved = self.writer.checkpoint(checkpoint_table(self.model, self.spec))
        if saved is None:
            if self.epochs_done:
                raise RunUnreadable("saved state")
            return past
        restore(self.model, saved)
        finished = int(saved["epoch"])
        earlier = self.writer.epoch_predictions(self.epochs_done)
        self.by_epoch = [_predictions(arrays) for arrays in earlier]
        pending = self.writer.pending_epoch()
        if finished == self.epochs_done + 1 and pending and pending.epoch == finished:
            # The worker died between the checkpoint of this epoch and its line.
            weights, logits = weights_of(self.model), self._predict()
            self._write_epoch(pending, weights, logits, self._restored_kept(saved, logits))
        elif finished != self.epochs_done:
            raise FmnistError(_DOES_NOT_FIT)
        else:
            self.kept = self._restored_kept(saved, self.writer.kept_logits(finished))
        return self.writer.past_events()

    def _restored_kept(self, saved: _Arrays, last_logits: _Arrays | None) -> _Kept:
        """The kept epoch in a checkpoint whose own state the model has.

        Args:
            saved: the checkpoint.
            last_logits: of the model, where they are known.
        """
        epoch, weights = int(saved["kept_epoch"]), kept_weights(saved)
        if epoch == int(saved["epoch"]):
            return _Kept(epoch, weights_of(self.model), last_logits or self._predict())
        last_weights = weights_of(self.model)
        if weights.keys() != last_weights.keys():
            raise FmnistError(_DOES_NOT_FIT)
        logits = self.writer.kept_logits(epoch)
        if logits is None:
            assign_weights(self.model, weights)
            logits = self._predict()
            assign_weights(self.model, last_weights)
        return _Kept(epoch, weights, logits)

    def _fit(self, past: RunEvents) -> None:
        training = self.spec.training
        live = self.live = LiveMetrics(
            self.writer,
            steps_per_epoch(training),
            past.elapsed,
            self._commit,
            self.multiplier,
        )
        probes = ProbeReporter(
            self.writer, live, self.predictor, self.images, steps_per_epoch(training)
        )
        self.writer.report_phase("Training")
        if not self._ends_early(past):
            self.model.fit(
                self.batches.dataset,
                initial_epoch=self.epochs_done,
                epochs=training.epochs,
                shuffle=False,
                verbose=0,
                callbacks=[
                    keras.callbacks.LambdaCallback(
                        on_epoch_begin=lambda epoch, logs: self._begin_epoch(epoch)
                    ),
                    live,
                    probes,
                ],
            )
        if live.stopped:
            self._end_stopped()
        else:
            self._end_done()

    def _begin_epoch(self, epoch: int) -> None:
        """Seed shuffling and dropout from the run's seed and the epoch, so Resume repeats it."""
        self.batches.shuffle_epoch(epoch)
        for layer_index, layer in enumerate(self.model.layers):
            if isinstance(layer, keras.layers.Dropout):
                state = np.random.SeedSequence([self.spec.training.seed, 3, epoch, layer_index])
                layer.seed_generator.state.assign(state.generate_state(2))

    def _commit(self, epoch: int, seconds: float, train_loss: float, train_accuracy: float) -> bool:
        """Evaluate and commit an epoch: checkpoint, predictions, line. True ends the training."""
        assert self.live is not None
        rate = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))
        self.writer.report_phase(f"Testing epoch {epoch}")
        validation_loss = validation_accuracy = None
        logits = self._predict()
        if len(logits["validation_logits"]):
            validation_loss, validation_accuracy = score(
                logits["validation_logits"], self.images.validation_labels
            )
        test_loss, test_accuracy = score(logits["test_logits"], self.images.test_labels)
        if not all(np.isfinite(values).all() for values in logits.values()):
            raise Diverged
        event = EpochEvent(
            epoch=epoch,
            elapsed=self.live.elapsed,
            at=time.time(),
            seconds=seconds,
            learning_rate=rate,
            images_per_second=len(self.images.train_index) / max(seconds, 1e-9),
            train_loss=train_loss,
            train_accuracy=train_accuracy,
            test_loss=test_loss,
            test_accuracy=test_accuracy,
            validation_loss=validation_loss,
            validation_accuracy=validation_accuracy,
            memorised=self._memorised(),
        )
        weights = weights_of(self.model)
        kept = self._kept_after(event, weights, logits)
        state = checkpoint(self.model, epoch, kept.epoch, kept.weights)
        self.writer.save_checkpoint(event, state)
        self._write_epoch(event, weights, logits, kept)
        self.writer.report_phase("Training")
        return self._ends_early(self.writer.past_events())

    def _kept_after(self, event: EpochEvent, weights: _Arrays, logits: _Arrays) -> _Kept:
        """The kept epoch once this one counts: the last, with early stopping the best so far."""
        epochs = [*self.writer.past_events().epochs, event]
        if _kept_epoch(self.spec, RunEvents(epochs=epochs)) is event or self.kept is None:
            return _Kept(event.epoch, weights, logits)
        return self.kept

    def _predict(self) -> _Arrays:
        return {
            "test_logits": self.predictor.logits(self.images.test_images),
            "validation_logits": self.predictor.logits(self.images.validation_images),
        }

    def _memorised(self) -> float | None:
        """The share of noisy labels that the network predicts, of some thousand at most."""
        noisy_positions = self.images.noisy_positions[:_MOST_NOISY]
        if not len(noisy_positions):
            return None
        predictions = self.predictor.logits(self.images.train_images[noisy_positions]).argmax(
            axis=1
        )
        return float((predictions == self.images.train_labels[noisy_positions]).mean())

    def _write_epoch(
        self, event: EpochEvent, weights: _Arrays, logits: _Arrays, kept: _Kept
    ) -> None:
        arrays = _epoch_arrays("test", logits) | _epoch_arrays("validation", logits)
        with self._writing:
            self.writer.commit_epoch(
                event, arrays, weights, logits if kept.epoch == event.epoch else None
            )
            self.kept = kept
            self.by_epoch.append(_predictions(arrays))
            self.epochs_done = event.epoch

    def _ends_early(self, events: RunEvents) -> bool:
        """Whether early stopping ends the training: too many epochs passed without a better one."""
        patience = self.spec.training.early_stopping_patience
        counted = RunEvents(
            epochs=[
                event for event in events.epochs if event.epoch > self.writer.record.longer_since
            ]
        )
        best = counted.best_epoch
        return bool(patience and best and counted.epochs[-1].epoch - best.epoch >= patience)

    def _end_stopped(self) -> None:
        """Keep the finished epochs and the network of the kept one."""
        if self.kept is not None:
            self._end("stopped", {})
        else:
            self.finish_stopped()

    def _end_done(self) -> None:
        self.writer.report_phase("Measuring the training accuracy")
        assert self.kept is not None
        assign_weights(self.model, self.kept.weights)
        try:
            logits = self.predictor.logits(self.images.train_images)
        except StopRequested:
            self._end("stopped", {})
            return
        loss, accuracy = score(logits, self.images.train_labels)
        measured = {"train_loss": loss, "train_accuracy": accuracy}
        if len(self.images.noisy_positions):
            _, measured["train_accuracy_true"] = score(logits, self.images.true_labels)
        self._end("done", measured)

    def _end(self, state: State, measured: dict[str, float]) -> None:
        self._claim_the_end()
        self.writer.report_phase("Saving")
        summary = _summary(self.spec, self.writer.past_events())
        assert summary is not None
        assert self.kept is not None
        if self.live is not None:
            measured = {**measured, "seconds": self.live.elapsed}
        summary = summary.model_copy(update=measured)
        self.writer.finish(
            state,
            summary,
            predictions=self._final_arrays(),
            weights=self.kept.weights,
            save_model=self._save_plain_model,
        )

    def _final_arrays(self) -> _Arrays:
        assert self.kept is not None
        images, noisy_positions = self.images, self.images.noisy_positions
        logits = self.kept.logits
        return {
            **logits,
            "test_probabilities": softmax(logits["test_logits"], axis=1),
            "test_predictions_by_epoch": np.stack(
                [arrays["test_predictions"] for arrays in self.by_epoch]
            ),
            "train_index": images.train_index,
            "noisy_index": images.train_index[noisy_positions],
            "noisy_labels": images.train_labels[noisy_positions],
            "validation_index": images.validation_index,
            "validation_probabilities": softmax(logits["validation_logits"], axis=1),
            "validation_predictions_by_epoch": np.stack(
                [arrays["validation_predictions"] for arrays in self.by_epoch]
            ),
        }

    def _save_plain_model(self, path: Path) -> None:
        """Save without optimizer, so that plain Keras opens the file without this project."""
        assert self.kept is not None
        plain = build_network(self.spec)
        assign_weights(plain, self.kept.weights)
        plain.save(path)


def _predictions(arrays: _Arrays) -> _Arrays:
    return {name: array for name, array in arrays.items() if name.endswith("_predictions")}


def _epoch_arrays(split: str, arrays: _Arrays) -> _Arrays:
    logits = arrays[f"{split}_logits"]
    probabilities = softmax(logits, axis=1)
    return {
        f"{split}_predictions": logits.argmax(axis=1).astype(np.uint8),
        f"{split}_probabilities": np.rint(probabilities * 255).astype(np.uint8),
    }


def _kept_epoch(spec: RunSpec, events: RunEvents) -> EpochEvent:
    """The epoch whose network is the result: with early stopping the best one, else the last."""
    best = events.best_epoch if spec.training.early_stopping_patience else None
    return best or events.epochs[-1]


def _summary(spec: RunSpec, events: RunEvents) -> Summary | None:
    """The summary of the finished epochs; ``None`` without one."""
    if not events.epochs:
        return None
    last, best, kept = events.epochs[-1], events.best_epoch, _kept_epoch(spec, events)
    return Summary(
        epochs=last.epoch,
        parameters=parameter_count(spec),
        seconds=events.elapsed,
        train_pictures=training_size(spec.training),
        validation_pictures=validation_size(spec.training),
        best_epoch=best.epoch if best else None,
        kept_epoch=kept.epoch,
        validation_accuracy=kept.validation_accuracy,
        validation_loss=kept.validation_loss,
        test_accuracy=kept.test_accuracy,
        test_loss=kept.test_loss,
    )


def _with_mode(environment: dict[str, Any], mode: ExecutionMode | None) -> dict[str, Any]:
    return environment if mode is None else {**environment, "execution": mode.model_dump()}


def _choosing(spec: RunSpec) -> str:
    """The phase in which images are chosen, with how many."""
    kept_aside = validation_size(spec.training)
    checking = f", {kept_aside:,} to check with" if kept_aside else ""
    return f"Choosing the pictures; {training_size(spec.training):,} to learn from{checking}"


def _previous_mode(environment: dict[str, Any]) -> ExecutionMode | None:
    """The execution mode of the attempt before, on the same device: Resume repeats it exactly."""
    try:
        mode = ExecutionMode.model_validate(environment["execution"])
    except (KeyError, ValidationError):
        return None
    return mode if environment.get("device_name") == device() else None


def _environment(data: Dataset) -> dict[str, Any]:
    gpus = tf.config.list_physical_devices("GPU")
    return {
        "atelier": VERSION,
        "python": platform.python_version(),
        "tensorflow": tf.__version__,
        "keras": keras.__version__,
        "numpy": np.__version__,
        "system": f"{platform.system()} {platform.machine()}",
        "processors": os.cpu_count(),
        "device": "GPU" if gpus else "CPU",
        "device_name": device(),
        "dataset_sha256": data.sha256,
    }
