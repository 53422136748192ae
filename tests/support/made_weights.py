"""Weights of a network that was never trained, drawn at random."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fmnist_core.runs.weights import weights_table
from fmnist_core.specs import RunSpec


def made_weights(spec: RunSpec, seed: int = 0) -> dict[str, NDArray[np.float32]]:
    """Weights with the names and shapes that a network of this configuration has."""
    draw = np.random.default_rng(seed)
    return {
        name: draw.standard_normal([int(length) for length in array.shape], np.float32)
        for name, array in weights_table(spec).items()
    }
