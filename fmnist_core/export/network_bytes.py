"""A trained network as bytes for a browser, which computes its answers by itself.

The layout is read by ``ui/components/network/network.js``: the length of the header as four bytes,
the header as JSON, filled with blanks to whole numbers, then all weights, layer after layer.
All numbers are little-endian, weights are float32.
"""

from __future__ import annotations

import json
import struct

import numpy as np

from fmnist_core.runs.weights import Weights
from fmnist_core.specs import RunSpec, layer_shapes
from fmnist_core.specs.layers import IMAGE_SHAPE

_NUMBER_BYTES = 4


def network_bytes(spec: RunSpec, weights: Weights) -> bytes:
    """The layers of a run's network with their weights.

    Args:
        spec: of the run.
        weights: by ``"<layer>/<weight>"``, of the shapes that the spec says, in any precision.
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
