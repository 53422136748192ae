"""A trained network as bytes for a browser, which computes its answers by itself.

The layout is read by ``ui/components/network/network.js``. All numbers are little-endian.

======================  ==========================================================================
4 bytes, uint32         the length of the header in bytes, a multiple of 4
the header              JSON in UTF-8, filled with blanks at the end
the rest, float32       all weights, layer after layer, each as NumPy lays it out (the last axis
                        closest together)
======================  ==========================================================================

The header is ``{"input": shape, "multiply_adds": number, "layers": [...]}``, and each layer
``{"kind", "name", "output", "options", "weights"}``: the Keras class, its name, the shape of its
output without the batch, the arguments of the class, and the shape of each weight by its Keras
name, in the order of the numbers. The first layer takes the pixels of an image, from 0 to 255; the
last but one returns the logits, the last the probabilities.
"""

from __future__ import annotations

import json
import struct

import numpy as np

from fmnist_core.runs.weights import Weights
from fmnist_core.specs import RunSpec, layer_shapes
from fmnist_core.specs.layers import IMAGE_SHAPE

# Part of each address, where browsers keep for good what they got: to be raised with the layout.
LAYOUT = 1
_NUMBER_BYTES = 4


def network_bytes(spec: RunSpec, weights: Weights) -> bytes:
    """The layers of a run's network with their weights.

    Args:
        spec: of the run.
        weights: by ``"<layer>/<weight>"``, of the shapes that the spec says, in any precision.

    Returns:
        The header and the weights; four bytes a parameter and some hundred a layer.
    """
    layers = layer_shapes(spec)
    described = {
        "input": IMAGE_SHAPE,
        "multiply_adds": sum(layer.multiply_adds for layer in layers),
        "layers": [
            {
                "kind": layer.kind,
                "name": layer.name,
                "output": layer.output_shape,
                "options": layer.options,
                "weights": layer.weights,
            }
            for layer in layers
        ],
    }
    header = json.dumps(described, separators=(",", ":")).encode()
    header += b" " * (-len(header) % _NUMBER_BYTES)
    numbers = [
        np.asarray(weights[f"{layer.name}/{name}"], "<f4").tobytes()
        for layer in layers
        for name in layer.weights
    ]
    return struct.pack("<I", len(header)) + header + b"".join(numbers)
