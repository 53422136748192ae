"""What a network says and looks for while it trains, for people who watch."""

from __future__ import annotations

import time

import keras
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy.special import softmax

from fmnist_core import timeouts
from fmnist_core.dataset import CLASS_COUNT, SIDE
from fmnist_core.dataset.probes import PROBE_COUNT, probe_indices
from fmnist_core.runs import RunWriter
from fmnist_core.runs.arrays import FIRST_LAYER_FULL, FIRST_LAYER_UNITS
from fmnist_core.runs.events import FirstLayerEvent, ProbeEvent, probe_values
from fmnist_core.runs.model import MOST_FIRST_LAYERS
from fmnist_core.specs import RunSpec, first_weighted_layer
from fmnist_core.training.batches import TrainingImages
from fmnist_core.training.live_metrics import LiveMetrics
from fmnist_core.training.predict import Predictor

# What probes may cost of the time of a training, and likewise what its first layer may.
_SHARE = 0.006
_MOST_PAUSES = 8
# The image that filters are shown at work on: the boot, which has edges of all directions.
_SHOWN_PROBE = -1
# Outliers would leave all the rest pale.
_PERCENTILE = 99.5


class ProbeReporter(keras.callbacks.Callback):  # type: ignore[misc]
    """Keras callback: reports predictions of the probe images, and pictures of the first layer.

    Both come before the first step, between calls of the compiled step and after each epoch. Where
    all probe images at once would take too long, a few of them have their turn each time. Nothing
    of the training depends on them.

    Args:
        writer: of the run folder.
        live: comes before this one among the callbacks; tells the time, and whether it ended.
        predictor: of the model.
        images: of the run.
        steps: weight updates in an epoch.
    """

    def __init__(
        self,
        writer: RunWriter,
        live: LiveMetrics,
        predictor: Predictor,
        images: TrainingImages,
        steps: int,
    ) -> None:
        super().__init__()
        self._writer, self._live, self._predictor = writer, live, predictor
        self._images, self._steps = images, steps
        self._shown_image = self._probe_images(0)[_SHOWN_PROBE]
        past = writer.past_events()
        self._first_layer_index = len(past.first_layers)
        self._epochs_done = len(past.epochs)
        shown = [event.position for event in past.first_layers[-1:]]
        self._is_shown = shown == [self._epochs_done]
        self._draw, self._drawn_images = 0, self._probe_images(0)
        self._probabilities = np.zeros((PROBE_COUNT, CLASS_COUNT), np.float32)
        # So many are predicted at a time, from this one on.
        self._count, self._next = PROBE_COUNT, 0
        self._started_at = time.monotonic()
        self._probe_at = self._first_layer_at = 0.0

    def on_train_begin(self, logs: object = None) -> None:
        self._draws_others()
        self._report_probe(self._epochs_done, PROBE_COUNT)
        if not self._is_shown:
            self._report_first_layer(self._epochs_done)
        # The first time takes longer than any other, and says nothing of what these cost.
        self._count, self._probe_at = PROBE_COUNT, time.monotonic() + timeouts.PROBE_SECONDS
        self._first_layer_at = time.monotonic() + timeouts.FIRST_LAYER_SECONDS

    def on_train_batch_end(self, batch: int, logs: object = None) -> None:
        if self._live.stopped:
            return
        position = self._epochs_done + min(batch + 1, self._steps) / self._steps
        now = time.monotonic()
        if self._draws_others():
            self._report_probe(position, PROBE_COUNT)
        elif self._live.has_reported and now >= self._probe_at:
            # Together with the batches, so that both are one message to all who watch.
            self._report_probe(position, self._count)
        is_soon = now < self._started_at + timeouts.FIRST_LAYER_SOON_SECONDS
        if is_soon and now >= self._first_layer_at:
            self._report_first_layer(position)

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:
        self._epochs_done = epoch + 1
        if not self._live.stopped:
            self._draws_others()
            self._report_probe(epoch + 1, PROBE_COUNT)
            self._report_first_layer(epoch + 1)

    def _probe_images(self, draw: int) -> NDArray[np.uint8]:
        seed = self._writer.spec.training.seed
        return self._images.test_images[probe_indices(self._images.test_labels, seed, draw)]

    def _draws_others(self) -> bool:
        """Draw other probe images where a visitor wants them; returns whether one does."""
        draw = self._writer.control().draw
        if draw == self._draw:
            return False
        self._draw, self._drawn_images = draw, self._probe_images(draw)
        return True

    def _report_probe(self, position: float, count: int) -> None:
        """Report all predictions, of which the next ``count`` are those of now."""
        began = time.monotonic()
        turn = (self._next + np.arange(count)) % PROBE_COUNT
        logits = self._predictor.rough_logits(self._drawn_images[turn])
        if np.isfinite(logits).all():
            self._probabilities[turn] = softmax(logits, axis=1)
            values = probe_values(self._probabilities)
            event = ProbeEvent(float(position), self._live.elapsed, time.time(), self._draw, values)
            self._writer.report_probe(event)
        self._next = (self._next + count) % PROBE_COUNT
        seconds, affordable = time.monotonic() - began, _SHARE * timeouts.PROBE_SECONDS
        if seconds > affordable:
            self._count = max(1, int(count * affordable / seconds))
        elif 2 * seconds < affordable:
            self._count = min(PROBE_COUNT, 2 * self._count)
        self._probe_at = _next_time(began, timeouts.PROBE_SECONDS)

    def _report_first_layer(self, position: float) -> None:
        began = time.monotonic()
        if self._first_layer_index < MOST_FIRST_LAYERS:
            pictures = first_layer(self.model, self._writer.spec, self._shown_image)
            event = FirstLayerEvent(
                float(position), self._live.elapsed, time.time(), self._first_layer_index
            )
            self._writer.report_first_layer(event, pictures)
            self._first_layer_index += 1
        self._first_layer_at = _next_time(began, timeouts.FIRST_LAYER_SECONDS)


def _next_time(began: float, pause: float) -> float:
    """When to do again what began then and has just ended; a busy moment does not count in full."""
    now = time.monotonic()
    return now + min(max(pause, (now - began) / _SHARE), _MOST_PAUSES * pause)


def first_layer(
    model: keras.Sequential, spec: RunSpec, image: NDArray[np.uint8]
) -> dict[str, NDArray[np.int8]]:
    """What the first units of the first layer with weights look for, of a CNN with what they find.

    Args:
        model: built from the spec.
        spec: of the run.
        image: (28, 28) that filters are shown at work on.

    Returns:
        As ``arrays.FIRST_LAYER`` says. A response is the sum of the image's pixels around a place,
        weighed with the filter, before bias, normalisation and activation; every place has one.
    """
    layer = first_weighted_layer(spec)
    kernel = model.get_layer(layer.name).kernel.value[..., :FIRST_LAYER_UNITS].numpy()
    if layer.kind == "Dense":
        return {"weights": _quantised(kernel.T.reshape(-1, SIDE, SIDE))}
    filters = kernel[:, :, 0].transpose(2, 0, 1)
    return {"weights": _quantised(filters), "responses": _quantised(_responses(filters, image))}


def _responses(filters: NDArray[np.float32], image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """What filters (n, k, k) answer to each place of an image (28, 28), as Keras's Conv2D would."""
    size = filters.shape[1]
    before = (size - 1) // 2
    padded = np.pad(image / np.float32(255), (before, size - 1 - before))
    windows = sliding_window_view(padded, (size, size))
    return np.tensordot(filters, windows, axes=((1, 2), (2, 3))).astype(np.float32)


def _quantised(values: NDArray[np.float32]) -> NDArray[np.int8]:
    """Values in 127ths of the largest of them, some outliers left out."""
    largest = float(np.percentile(np.abs(values), _PERCENTILE)) or 1.0
    if not np.isfinite(largest):
        return np.zeros(values.shape, np.int8)
    scaled: NDArray[np.float32] = np.rint(np.clip(values / largest, -1, 1) * FIRST_LAYER_FULL)
    return scaled.astype(np.int8)
