"""The weights of a run's network as plain arrays, checked against its specification.

Arrays cannot hold code, so the network of a run from anywhere can be looked into: it is built from
the specification, and only numbers come from the file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from fmnist_core.plain_files import MEBIBYTE
from fmnist_core.runs.arrays import ArraySpec, Table, check_table, read_table
from fmnist_core.specs import RunSpec, layer_shapes

Weights = Mapping[str, NDArray[Any]]
Precision = Literal["float32", "float16"]
# 20 million parameters in float32, and a little for names and headers.
LARGEST_WEIGHTS = 96 * MEBIBYTE
_MOST_SNAPSHOTS = 12
_FEWEST_SNAPSHOTS = 2
_LARGEST_SNAPSHOTS = 64 * MEBIBYTE
_LARGEST_HALF = float(np.finfo(np.float16).max)


def weights_table(spec: RunSpec, precision: Precision = "float32") -> Table:
    """The arrays that hold the weights of a run's network, by ``"<layer>/<weight>"``.

    The names are those of Keras, such as ``"dense/kernel"``, in the order of the layers.
    """
    return {
        f"{layer.name}/{name}": ArraySpec(precision, shape, required=True)
        for layer in layer_shapes(spec)
        for name, shape in layer.weights.items()
    }


def read_weights(
    spec: RunSpec, content: bytes, precision: Precision = "float32"
) -> dict[str, NDArray[Any]]:
    """Read the weights of a run's network from the content of a ``.npz`` file.

    Raises:
        ValueError: a name, shape or dtype is not that of the specification, or a weight is no
            finite number; names the problem.
    """
    return read_table(weights_table(spec, precision), content, limit=LARGEST_WEIGHTS)


def check_weights(spec: RunSpec, weights: Weights) -> None:
    """Check weights before a training writes them.

    Raises:
        ValueError: they are not those of the specification.
    """
    check_table(weights_table(spec), weights)


def as_snapshot(weights: Weights) -> dict[str, NDArray[np.float16]]:
    """The weights in float16: about three digits, enough to look inside a network over time."""
    return {
        name: np.clip(values, -_LARGEST_HALF, _LARGEST_HALF).astype(np.float16)
        for name, values in weights.items()
    }


def snapshot_epochs(accuracies: Sequence[float], parameters: int) -> set[int]:
    """The epochs (from 1) whose weights are kept: the first, the last, the steepest between.

    Args:
        accuracies: of every epoch so far.
        parameters: of the network; of a very large one fewer epochs are kept.

    Returns:
        At most 12. An epoch that is left out stays out when more epochs follow.
    """
    size = max(1, 2 * parameters)
    most = max(_FEWEST_SNAPSHOTS, min(_MOST_SNAPSHOTS, _LARGEST_SNAPSHOTS // size))
    last = len(accuracies)
    between = range(2, last)
    steepest = sorted(
        between, key=lambda epoch: -abs(accuracies[epoch - 1] - accuracies[epoch - 2])
    )
    return {1, last} | set(steepest[: most - _FEWEST_SNAPSHOTS]) if last else set()
