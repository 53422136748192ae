"""The test images that excite each map or neuron of a network most."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.dataset import load
from fmnist_core.interpret.network import load_network
from fmnist_core.specs import LayerShape, RunSpec, layer_shapes, multiply_adds
from fmnist_core.specs.layers import IMAGE_SHAPE
from fmnist_core.task_types import Arrays, Report

COUNT = 9
_CHUNK_MULTIPLY_ADDS = 10**9
# 256 MB; of a large network the outputs of all layers may be kept at once.
_CHUNK_VALUES = 64 * 10**6
_CHUNK_LEAST, _CHUNK_MOST = 50, 1_000
_FOLLOWS = ("BatchNormalization", "Activation")


def excitation(report: Report, root: str, run_id: str) -> Arrays:
    """The nine test images with the largest activation of each filter and neuron.

    Of a filter that is the largest value of its map, after normalisation and activation; of a
    class the logit. Of images that excite it the same the one with the lower index comes first.

    Args:
        report: called with the progress.
        root: the runs folder.
        run_id: of a run that has ended with weights.

    Returns:
        For each convolution and dense layer, by its name: ``"<layer>/images"`` (units, 9) uint16,
        indices in the test split, the strongest first; ``"<layer>/places"`` (units, 9) uint16,
        where in its map the value is, row by row, 0 of a neuron; ``"<layer>/values"`` (units, 9)
        float32.
    """
    report(0.0, "Opening the network")
    model, spec = load_network(root, run_id)
    outputs = observed_layers(layer_shapes(spec))
    forward = _forward(model, list(outputs.values()))
    images = np.asarray(load(download=False).test_images)
    chunk = chunk_size(spec)
    best: list[_Best] = [_Best() for _ in outputs]
    for start in range(0, len(images), chunk):
        report(start / len(images), f"Showing it {len(images):,} pictures")
        found = forward(images[start : start + chunk][..., None])
        for layer_best, (values, places) in zip(best, found, strict=True):
            layer_best.add(start, values.numpy(), places.numpy())
    arrays: Arrays = {}
    for name, layer_best in zip(outputs, best, strict=True):
        arrays[f"{name}/images"] = layer_best.images.T.astype(np.uint16)
        arrays[f"{name}/places"] = layer_best.places.T.astype(np.uint16)
        arrays[f"{name}/values"] = layer_best.values.T.astype(np.float32)
    return arrays


def chunk_size(spec: RunSpec) -> int:
    """How many images go through a network at once: as many as take little time and memory."""
    quick = max(_CHUNK_LEAST, _CHUNK_MULTIPLY_ADDS // max(1, multiply_adds(spec)))
    values = sum(prod(layer.output_shape) for layer in layer_shapes(spec))
    return max(1, min(_CHUNK_MOST, quick, _CHUNK_VALUES // values))


def observed_layers(layers: Sequence[LayerShape]) -> dict[str, str]:
    """Each convolution and dense layer by name, with the layer whose output is its activation."""
    outputs: dict[str, str] = {}
    for layer in layers:
        if layer.kind in ("Conv2D", "Dense"):
            name = layer.name
            outputs[name] = name
        elif layer.kind in _FOLLOWS and layer.options.get("activation") != "softmax":
            outputs[name] = layer.name
    return outputs


class _Best:
    """The strongest images so far, one column a unit."""

    def __init__(self) -> None:
        self.values = np.empty((0, 0), np.float32)
        self.images = np.empty((0, 0), np.int64)
        self.places = np.empty((0, 0), np.int64)

    def add(self, start: int, values: NDArray[np.float32], places: NDArray[np.int64]) -> None:
        """Take in the next images.

        Args:
            start: the index of the first of them.
            values: (n, units).
            places: (n, units).
        """
        indices = np.broadcast_to(start + np.arange(len(values))[:, None], values.shape)
        if self.values.size:
            values = np.concatenate([self.values, values])
            places = np.concatenate([self.places, places])
            indices = np.concatenate([self.images, indices])
        # A stable order: what was there first stays before what is only as strong.
        order = np.argsort(-values, axis=0, kind="stable")[:COUNT]
        self.values = np.take_along_axis(values, order, axis=0)
        self.places = np.take_along_axis(places, order, axis=0)
        self.images = np.take_along_axis(indices, order, axis=0)


def _forward(model: Any, names: list[str]) -> Any:
    """A compiled function from images to the largest value of each unit, and its place."""
    import keras
    import tensorflow as tf

    watched = keras.Model(model.inputs, [model.get_layer(name).output for name in names])

    @tf.function(input_signature=[tf.TensorSpec((None, *IMAGE_SHAPE), tf.uint8)])  # type: ignore[untyped-decorator]
    def forward(images: Any) -> Any:
        outputs = watched(tf.cast(images, tf.float32), training=False)
        found = []
        for output in outputs if isinstance(outputs, list) else [outputs]:
            flat = tf.reshape(output, (tf.shape(output)[0], -1, output.shape[-1]))
            found.append((tf.reduce_max(flat, axis=1), tf.argmax(flat, axis=1)))
        return found

    return forward
