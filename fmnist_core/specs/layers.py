"""From a spec to its layers: kinds, options, shapes and weights, without TensorFlow.

The one description of an architecture: ``models`` builds Keras layers from it, the form draws
it, and ``run`` checks the size limits on it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod
from typing import Any

from fmnist_core.dataset import CLASS_COUNT, SIDE
from fmnist_core.specs.schema import CnnSpec, ConvBlock, DenseSpec, Network

IMAGE_SHAPE = (SIDE, SIDE, 1)
_BATCH_NORM_WEIGHTS = ("gamma", "beta", "moving_mean", "moving_variance")


@dataclass(frozen=True)
class LayerShape:
    """A Keras layer of a network: kind, name, options, output shape and costs.

    Attributes:
        kind: the Keras class, such as ``"Conv2D"``.
        name: the layer's name in the Keras model.
        output_shape: without the batch axis, such as ``(28, 28, 32)``.
        weights: the shape of each weight, trainable or not, by its Keras name, in Keras's order.
        multiply_adds: multiply-adds of one forward pass of one image, biases left out.
        options: the keyword arguments of the Keras class.
    """

    kind: str
    name: str
    output_shape: tuple[int, ...]
    weights: dict[str, tuple[int, ...]] = field(default_factory=dict)
    multiply_adds: int = 0
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def parameters(self) -> int:
        """How many numbers the weights of the layer are, trainable or not."""
        return sum(prod(shape) for shape in self.weights.values())


class _Plan:
    """Collects layers and keeps track of the shape that flows between them."""

    def __init__(self) -> None:
        self.layers: list[LayerShape] = []
        self.shape: tuple[int, ...] = IMAGE_SHAPE
        self._counts: dict[str, int] = {}
        self._add("Rescaling", "divide_by_255", self.shape, scale=1.0 / 255)

    def _add(
        self,
        kind: str,
        name: str,
        shape: tuple[int, ...],
        weights: dict[str, tuple[int, ...]] | None = None,
        multiply_adds: int = 0,
        **options: Any,
    ) -> None:
        self._counts[name] = self._counts.get(name, 0) + 1
        if self._counts[name] > 1:
            name = f"{name}_{self._counts[name]}"
        self.shape = shape
        self.layers.append(LayerShape(kind, name, shape, weights or {}, multiply_adds, options))

    def flatten(self) -> None:
        self._add("Flatten", "flatten", (prod(self.shape),))

    def global_average(self) -> None:
        self._add("GlobalAveragePooling2D", "global_average", (self.shape[-1],))

    def dropout(self, rate: float) -> None:
        if rate:
            self._add("Dropout", "dropout", self.shape, rate=rate)

    def _normalise(self, activation: str) -> None:
        weights = dict.fromkeys(_BATCH_NORM_WEIGHTS, self.shape[-1:])
        self._add("BatchNormalization", "batch_norm", self.shape, weights)
        self._add("Activation", "activation", self.shape, activation=activation)

    def dense(self, units: int, activation: str, batch_norm: bool = False, l2: float = 0.0) -> None:
        inputs = self.shape[-1]
        # A bias before batch normalisation is subtracted again at once.
        self._add(
            "Dense",
            "dense",
            (units,),
            _kernel((inputs, units), bias=not batch_norm),
            multiply_adds=inputs * units,
            units=units,
            activation=None if batch_norm else activation,
            use_bias=not batch_norm,
            l2=l2,
        )
        if batch_norm:
            self._normalise(activation)

    def convolution(self, block: ConvBlock, activation: str, stride: int) -> None:
        height, width, channels = self.shape
        kernel = (block.kernel, block.kernel, channels, block.filters)
        shape = (
            _convolved(height, block.kernel, stride, block.padding),
            _convolved(width, block.kernel, stride, block.padding),
            block.filters,
        )
        self._add(
            "Conv2D",
            "conv",
            shape,
            _kernel(kernel, bias=not block.batch_norm),
            multiply_adds=prod(kernel) * max(shape[0], 0) * max(shape[1], 0),
            filters=block.filters,
            kernel_size=block.kernel,
            strides=stride,
            padding=block.padding,
            activation=None if block.batch_norm else activation,
            use_bias=not block.batch_norm,
        )
        if block.batch_norm:
            self._normalise(activation)

    def pool(self, kind: str, size: int) -> None:
        height, width, channels = self.shape
        self._add(
            {"max": "MaxPooling2D", "average": "AveragePooling2D"}[kind],
            f"{kind}_pool",
            (height // size, width // size, channels),
            pool_size=size,
        )

    def output(self) -> None:
        inputs = self.shape[-1]
        self._add(
            "Dense",
            "logits",
            (CLASS_COUNT,),
            _kernel((inputs, CLASS_COUNT), bias=True),
            multiply_adds=inputs * CLASS_COUNT,
            units=CLASS_COUNT,
            activation=None,
            use_bias=True,
            l2=0.0,
        )
        self._add("Activation", "probabilities", (CLASS_COUNT,), activation="softmax")


def _kernel(shape: tuple[int, ...], bias: bool) -> dict[str, tuple[int, ...]]:
    return {"kernel": shape, "bias": shape[-1:]} if bias else {"kernel": shape}


def _convolved(size: int, kernel: int, stride: int, padding: str) -> int:
    """The side of a feature map after a convolution, by the rule of Keras; below 1 it vanished."""
    if padding == "same":
        return -(-size // stride)
    return (size - kernel) // stride + 1


def _plan_dense(network: DenseSpec) -> list[LayerShape]:
    plan = _Plan()
    plan.flatten()
    for units in network.units:
        plan.dense(units, network.activation, network.batch_norm, network.l2)
        plan.dropout(network.dropout)
    plan.output()
    return plan.layers


def _plan_cnn(network: CnnSpec) -> list[LayerShape]:
    plan = _Plan()
    for block_number, block in enumerate(network.blocks, start=1):
        for convolution in range(1, block.convolutions + 1):
            last = convolution == block.convolutions
            stride = block.pool_size if last and block.pooling == "strided" else 1
            plan.convolution(block, network.activation, stride)
            _refuse_vanished_map(plan.shape, block_number)
        if block.pooling in ("max", "average"):
            plan.pool(block.pooling, block.pool_size)
            _refuse_vanished_map(plan.shape, block_number)
        plan.dropout(block.dropout)
    if network.head == "average":
        plan.global_average()
    else:
        plan.flatten()
    for units in network.head_units:
        plan.dense(units, network.activation)
        plan.dropout(network.head_dropout)
    plan.output()
    return plan.layers


def _refuse_vanished_map(shape: tuple[int, ...], block_number: int) -> None:
    if min(shape) < 1:
        raise ValueError(
            f"In block {block_number} the feature map would shrink below 1 × 1 pixel: choose a "
            "smaller kernel, a padding that keeps the size, less pooling, or remove a block."
        )


def plan_layers(network: Network) -> list[LayerShape]:
    """The layers of a network in order, the input left out.

    Args:
        network: of any size.

    Returns:
        One entry a Keras layer, equal in name, shape and weights to the built model's.

    Raises:
        ValueError: a feature map would vanish.
    """
    return _plan_dense(network) if network.kind == "dense" else _plan_cnn(network)
