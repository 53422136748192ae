"""The Keras callback that writes batch and epoch events for the live chart."""

from __future__ import annotations

import math
import time
from typing import Any

import keras

from fmnist_core import timeouts
from fmnist_core.runs import BatchEvent, RateEvent, RunWriter
from fmnist_core.training.models import CROSS_ENTROPY
from fmnist_core.training.predict import StopRequested


class Diverged(Exception):
    """The loss is no finite number any more."""


class LiveMetrics(keras.callbacks.Callback):  # type: ignore[misc]
    """Keras callback: reports batches and epochs to a run folder and obeys visitors' requests.

    Args:
        writer: of the run folder.
        steps: weight updates in an epoch.
        elapsed_before: seconds that earlier attempts trained.
        commit: is given the epoch (from 1), its seconds, and Keras's mean loss and accuracy over
            it; evaluates and commits it; returns whether to end the training early.
        multiplier: of the learning rate, inside the compiled step.

    Attributes:
        stopped: whether a visitor ended it.
        has_reported: whether the last call of the compiled step was followed by a report.

    A loss that is not finite raises ``Diverged`` out of ``fit``.
    """

    def __init__(
        self,
        writer: RunWriter,
        steps: int,
        elapsed_before: float,
        commit: Any,
        multiplier: keras.Variable,
    ) -> None:
        super().__init__()
        self.stopped = self.has_reported = False
        self._writer = writer
        self._steps = steps
        self._commit = commit
        self._variable = multiplier
        self._multiplier = float(multiplier.numpy())
        self._started_at = time.monotonic() - elapsed_before
        self._reported_at = 0.0
        self._epoch_started_at = 0.0
        self._last_report = (0, 0.0, 0.0)

    @property
    def elapsed(self) -> float:
        """Seconds of training since the run's first start, pauses between attempts left out."""
        return time.monotonic() - self._started_at

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._epoch = epoch + 1
        self._epoch_started_at = time.monotonic()
        self._last_report = (0, 0.0, 0.0)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        # The last call of an epoch may hold fewer steps than Keras counts.
        step = min(batch + 1, self._steps)
        self.has_reported = False
        control = self._writer.control()
        if control.multiplier not in (None, self._multiplier):
            self._change_rate(control.multiplier, step)
        if control.stop:
            self.stopped = True
            self.model.stop_training = True
        elif time.monotonic() - self._reported_at >= timeouts.BATCH_EVENT_SECONDS:
            if not math.isfinite(logs["loss"]):
                raise Diverged
            self._report(step, _cross_entropy(logs), float(logs["accuracy"]))

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if self.stopped:
            return
        if not math.isfinite(logs["loss"]):
            raise Diverged
        loss, accuracy = _cross_entropy(logs), float(logs["accuracy"])
        try:
            seconds = time.monotonic() - self._epoch_started_at
            if self._commit(epoch + 1, seconds, loss, accuracy):
                self.model.stop_training = True
            elif epoch + 1 < self.params["epochs"] and self._writer.control().stop_after_epoch:
                self.stopped = self.model.stop_training = True
        except StopRequested:
            self.stopped = True
            self.model.stop_training = True

    def _change_rate(self, multiplier: float, step: int) -> None:
        self._multiplier = multiplier
        self._variable.assign(multiplier)
        position = self._epoch - 1 + step / self._steps
        self._writer.report_rate(RateEvent(position, self.elapsed, time.time(), multiplier))

    def _report(self, step: int, mean_loss: float, mean_accuracy: float) -> None:
        """Write a batch event; Keras hands over means since the epoch began."""
        self._reported_at = time.monotonic()
        previous_step, previous_loss, previous_accuracy = self._last_report
        if step <= previous_step:
            return
        self._last_report = (step, mean_loss, mean_accuracy)
        self.has_reported = True
        new_steps = step - previous_step
        self._writer.report_batch(
            BatchEvent(
                epoch=self._epoch,
                position=self._epoch - 1 + step / self._steps,
                elapsed=self.elapsed,
                at=time.time(),
                loss=max(0.0, (mean_loss * step - previous_loss * previous_step) / new_steps),
                accuracy=min(
                    1.0,
                    max(
                        0.0, (mean_accuracy * step - previous_accuracy * previous_step) / new_steps
                    ),
                ),
            )
        )


def _cross_entropy(logs: Any) -> float:
    """The cross-entropy without a penalty on the weights, as for validation and test."""
    return float(logs.get(CROSS_ENTROPY, logs["loss"]))
