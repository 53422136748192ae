"""Predictions in chunks, so that Stop is obeyed between two of them."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from scipy.special import log_softmax

from fmnist_core.dataset import CLASS_COUNT
from fmnist_core.specs import RunSpec, multiply_adds
from fmnist_core.specs.layers import IMAGE_SHAPE
from fmnist_core.training.models import build_network, logits_model

_CHUNK_MULTIPLY_ADDS = 10**9
_CHUNK_MOST = 2_000


class StopRequested(Exception):
    """A visitor pressed Stop while predictions were being computed."""


class Predictor:
    """Logits of a model in inference mode, computed in float32 as in the file that is saved.

    Args:
        model: whose weights are read anew at every call.
        spec: its run; sets the chunk so that one takes well under a second.

    Attributes:
        stop: asked before every chunk.
    """

    def __init__(self, model: keras.Sequential, spec: RunSpec) -> None:
        self._model = model
        exact = all(layer.compute_dtype == "float32" for layer in model.layers)
        self._exact = model if exact else build_network(spec)
        cost = multiply_adds(spec)
        self._chunk = max(50, min(_CHUNK_MOST, _CHUNK_MULTIPLY_ADDS // max(1, cost)))
        self.stop: Callable[[], bool] = lambda: False
        self._predict = _compiled(self._exact)
        self._predict_roughly = self._predict if exact else _compiled(model)

    def compile(self) -> None:
        """Compile what computes the logits, by calls with a single image."""
        image = np.zeros((1, *IMAGE_SHAPE[:2]), np.uint8)
        self.logits(image)
        self.rough_logits(image)

    def logits(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Logits (n, 10) float32 of images (n, 28, 28) uint8.

        Raises:
            StopRequested: before the chunk that would have come next.
        """
        if self._exact is not self._model:
            self._exact.set_weights(self._model.get_weights())
        parts = [np.zeros((0, CLASS_COUNT), np.float32)]
        for start in range(0, len(images), self._chunk):
            if self.stop():
                raise StopRequested
            parts.append(self._predict(images[start : start + self._chunk, ..., None]).numpy())
        return np.concatenate(parts)

    def rough_logits(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Logits (n, 10) float32 of a few images (n, 28, 28) uint8, in the training's precision."""
        logits: NDArray[np.float32] = self._predict_roughly(images[..., None]).numpy()
        return logits


def _compiled(model: keras.Sequential) -> Callable[[NDArray[np.uint8]], tf.Tensor]:
    logits = logits_model(model)
    predict: Callable[[NDArray[np.uint8]], tf.Tensor] = tf.function(
        lambda images: logits(tf.cast(images, tf.float32), training=False),
        input_signature=[tf.TensorSpec((None, *IMAGE_SHAPE), tf.uint8)],
    )
    return predict


def score(logits: NDArray[np.float32], labels: NDArray[np.uint8]) -> tuple[float, float]:
    """Mean cross-entropy and accuracy of logits (n, 10) against labels (n,), n at least 1."""
    losses = -log_softmax(logits.astype(np.float64), axis=1)[np.arange(len(labels)), labels]
    return float(losses.mean()), float((logits.argmax(axis=1) == labels).mean())
