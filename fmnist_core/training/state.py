"""The state of a training as plain arrays: weights, optimizer, random state of dropout."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from fmnist_core.runs.arrays import ArraySpec, Table
from fmnist_core.runs.weights import Weights, weights_table
from fmnist_core.specs import MAX_EPOCHS, RunSpec

_Arrays = dict[str, NDArray[Any]]
_STATE = "state/"
_KEPT = "kept/"


def weights_of(model: keras.Model) -> _Arrays:
    """Copies of the weights of a network, named as ``weights_table`` names them."""
    return {name: np.array(variable) for name, variable in _weights(model)}


def assign_weights(model: keras.Model, weights: Weights) -> None:
    """Put weights into a network that was built from the same specification.

    Args:
        model: takes the weights.
        weights: checked against the specification before, all of them.
    """
    for name, variable in _weights(model):
        variable.assign(weights[name])


def checkpoint(model: keras.Model, epoch: int, kept_epoch: int, kept_weights: Weights) -> _Arrays:
    """All that a training needs to go on after an epoch.

    Args:
        model: compiled, its optimizer built.
        epoch: the last finished one, from 1.
        kept_epoch: that whose network is the result so far.
        kept_weights: of that epoch; written only where it is not the last one.
    """
    arrays = {name: np.array(variable) for name, variable in _state(model)}
    if kept_epoch != epoch:
        arrays |= {f"{_KEPT}{name}": values for name, values in kept_weights.items()}
    return {**arrays, "epoch": np.array(epoch), "kept_epoch": np.array(kept_epoch)}


def checkpoint_table(model: keras.Model, spec: RunSpec) -> Table:
    """What ``checkpoint`` writes for this model: names, shapes and dtypes."""
    epoch = ArraySpec("int64", (), 1, MAX_EPOCHS, required=True)
    state = {
        name: ArraySpec(
            keras.backend.standardize_dtype(variable.dtype), tuple(variable.shape), required=True
        )
        for name, variable in _state(model)
    }
    return {
        **state,
        **{
            f"{_KEPT}{name}": array._replace(required=False)
            for name, array in weights_table(spec).items()
        },
        "epoch": epoch,
        "kept_epoch": epoch,
    }


def restore(model: keras.Model, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Put the state of a checkpoint into a model; the arrays were checked by its table before."""
    for name, variable in _state(model):
        variable.assign(arrays[name])


def kept_weights(arrays: Mapping[str, NDArray[Any]]) -> _Arrays:
    """The weights in a checkpoint of an earlier epoch that is kept; empty where there is none."""
    return {
        name.removeprefix(_KEPT): values
        for name, values in arrays.items()
        if name.startswith(_KEPT)
    }


def _weights(model: keras.Model) -> Iterator[tuple[str, keras.Variable]]:
    for layer in model.layers:
        for variable in layer.weights:
            yield f"{layer.name}/{variable.name}", variable


def _state(model: keras.Model) -> Iterator[tuple[str, keras.Variable]]:
    """All variables that training changes, by unique names."""
    for layer in model.layers:
        for variable in layer.variables:
            yield f"{_STATE}{layer.name}/{variable.name}", variable
    for index, variable in enumerate(model.optimizer.variables):
        yield f"{_STATE}optimizer/{index:03d}/{variable.name}", variable
