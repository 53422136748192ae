"""The stages of a network diagram: each layer with the small ones after it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from fmnist_core.dataset import SIDE
from fmnist_core.specs import LayerShape, RunSpec, layer_shapes

Kind = Literal["picture", "convolution", "pooling", "average", "dense", "answer"]
_ACTIVATIONS = {"relu": "ReLU", "tanh": "tanh", "gelu": "GELU", "sigmoid": "sigmoid"}
_POOLINGS = {
    "MaxPooling2D": ("Max pooling", "the largest"),
    "AveragePooling2D": ("Average pooling", "the average"),
}


@dataclass(frozen=True)
class Stage:
    """A stage of the network diagram: a layer with the small ones that follow it.

    Attributes:
        kind: how it is drawn.
        title: such as ``"Convolution"``.
        detail: such as ``"3 × 3 window"``; may be empty.
        shape: of its output.
        parameters: of all its layers.
        share: of the network's parameters.
        notes: what else happens here, such as ``"ReLU"``.
        window: the side of the square that one value is computed from; 0 for all values.
        block: the number of its convolution block, from 1; 0 outside of the blocks.
        meaning: a sentence for who has never seen such a layer.
    """

    kind: Kind
    title: str
    detail: str
    shape: tuple[int, ...]
    meaning: str
    parameters: int = 0
    share: float = 0.0
    notes: tuple[str, ...] = ()
    window: int = 0
    block: int = 0

    @property
    def shape_text(self) -> str:
        """``"28 × 28 × 32"``, ``"128 values"``."""
        if len(self.shape) == 1:
            return f"{self.shape[0]:,} value{'s' * (self.shape[0] > 1)}"
        return " × ".join(str(size) for size in self.shape)

    @property
    def share_text(self) -> str:
        """``"93 %"``, ``"<1 %"``."""
        return _percent(self.share) if self.share >= 0.01 else f"<{_percent(0.01)}"


def stages(spec: RunSpec) -> list[Stage]:
    """The stages of a run's network, from the input image to the ten probabilities."""
    layers = layer_shapes(spec)
    total = sum(layer.parameters for layer in layers)
    drawn = [
        Stage(
            "picture",
            "Picture",
            f"{SIDE} × {SIDE} pixels",
            (SIDE, SIDE),
            "A grey picture; each pixel is divided by 255, so that it lies between 0 and 1.",
        )
    ]
    for layer in layers:
        stage = _stage(layer, spec)
        if stage is not None:
            drawn.append(stage)
        else:
            last = drawn[-1]
            drawn[-1] = replace(
                last,
                parameters=last.parameters + layer.parameters,
                notes=last.notes + _notes(layer, spec),
            )
    return [replace(stage, share=stage.parameters / total) for stage in _in_blocks(drawn, spec)]


def _stage(layer: LayerShape, spec: RunSpec) -> Stage | None:
    """The stage that begins with a layer; a layer that belongs to the one before has none."""
    options, shape, weights = layer.options, layer.output_shape, layer.parameters
    if layer.kind == "Conv2D":
        side, stride = options["kernel_size"], options["strides"]
        return Stage(
            "convolution",
            "Convolution",
            f"{side} × {side}, stride {stride}" if stride > 1 else f"{side} × {side} window",
            shape,
            f"{shape[-1]} filters slide a window of {side} × {side} over all that comes in; "
            "each draws a map of where it finds its pattern.",
            weights,
            notes=_activation(options),
            window=side,
        )
    if layer.kind in _POOLINGS:
        side, (title, aggregate) = options["pool_size"], _POOLINGS[layer.kind]
        return Stage(
            "pooling",
            title,
            f"{side} × {side}",
            shape,
            f"Of each square of {side} × {side} values only {aggregate} goes on.",
            window=side,
        )
    if layer.kind == "GlobalAveragePooling2D":
        meaning = "Of each map only its average goes on."
        return Stage("average", "Average pooling", "global", shape, meaning)
    if layer.name == "logits":
        meaning = "One neuron a class; softmax turns their values into ten probabilities."
        return Stage("answer", "Answer", "softmax", shape, meaning, weights)
    if layer.kind == "Dense":
        meaning = "Each neuron weighs all the values before it."
        return Stage("dense", "Dense", "", shape, meaning, weights, notes=_activation(options))
    return None


def _activation(options: dict[str, Any]) -> tuple[str, ...]:
    return (_ACTIVATIONS[options["activation"]],) if options["activation"] else ()


def _notes(layer: LayerShape, spec: RunSpec) -> tuple[str, ...]:
    if layer.kind == "BatchNormalization":
        return ("batch norm",)
    if layer.kind == "Flatten" and spec.network.kind == "cnn":
        return ("flatten",)
    if layer.kind == "Dropout":
        return (f"dropout {_percent(layer.options['rate'])}",)
    if layer.kind == "Activation" and layer.name != "probabilities":
        return (_ACTIVATIONS[layer.options["activation"]],)
    return ()


def _percent(share: float) -> str:
    """With a space that no line breaks at."""
    return f"{share:.0%}".replace("%", "\N{NO-BREAK SPACE}%")


def _in_blocks(drawn: list[Stage], spec: RunSpec) -> Iterator[Stage]:
    """The same stages with the numbers of their blocks."""
    counts = (
        [block.convolutions for block in spec.network.blocks] if spec.network.kind == "cnn" else []
    )
    ends = np.cumsum(counts)
    convolutions = 0
    for stage in drawn:
        convolutions += stage.kind == "convolution"
        inside = stage.kind in ("convolution", "pooling")
        yield replace(stage, block=1 + int(np.searchsorted(ends, convolutions)) if inside else 0)
