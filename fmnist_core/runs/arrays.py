"""The arrays of a run: one table that trainings write by, imports check by and pages rely on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fmnist_core.dataset import CLASS_COUNT, SIDE, TEST_SIZE, TRAIN_SIZE
from fmnist_core.npz import Shape, unpack
from fmnist_core.plain_files import MEBIBYTE
from fmnist_core.runs.problems import quoted
from fmnist_core.specs import MAX_EPOCHS

LARGEST_FILE = 32 * MEBIBYTE
# So many units or filters of the first layer are shown while it trains.
FIRST_LAYER_UNITS = 12
FIRST_LAYER_FULL = 127
LARGEST_FIRST_LAYER = 64 * 1024
# What rounding may add to a probability, or to the ten of an image together.
_SLACK = 1e-5
_SUM_SLACK = 1e-3
_QUANTISED_ONE = 255
_QUANTISED_SLACK = 5


class ArraySpec(NamedTuple):
    """The dtype, shape and range of values that an array of a run has.

    Attributes:
        dtype: exactly.
        shape: lengths; a word is one length wherever it stands in a file.
        low, high: between which its values lie; ``None`` where they may be any finite number.
        required: whether no page could do without it.
        ordered: whether its values rise from one to the next, so that none comes twice.
        total: what each row adds up to, and by how much it may miss that.
    """

    dtype: str
    shape: tuple[int | str, ...]
    low: float | None = None
    high: float | None = None
    required: bool = False
    ordered: bool = False
    total: tuple[float, float] | None = None


Table = Mapping[str, ArraySpec]
_MAX_LENGTHS = {
    "epochs": MAX_EPOCHS,
    "pictures trained on": TRAIN_SIZE,
    "pictures held out": TRAIN_SIZE,
    "wrong labels": TRAIN_SIZE,
    "units": FIRST_LAYER_UNITS,
    "rows": SIDE,
    "columns": SIDE,
}
# Without one of these there would be nothing to draw.
_NEVER_EMPTY = frozenset({"units", "rows", "columns"})


def _indices(length: str) -> ArraySpec:
    """Indices of images in the training split."""
    return ArraySpec("int64", (length,), 0, TRAIN_SIZE - 1, ordered=True)


def _class_ids(*shape: int | str, required: bool = False) -> ArraySpec:
    return ArraySpec("uint8", shape, 0, CLASS_COUNT - 1, required)


def _logits(length: int | str, required: bool = False) -> ArraySpec:
    return ArraySpec("float32", (length, CLASS_COUNT), required=required)


def _probabilities(length: int | str, required: bool = False) -> ArraySpec:
    return ArraySpec("float32", (length, CLASS_COUNT), 0, 1, required, total=(1, _SUM_SLACK))


def _quantised_probabilities(length: int | str, required: bool = False) -> ArraySpec:
    """Probabilities quantised to uint8, in 255ths."""
    return ArraySpec(
        "uint8",
        (length, CLASS_COUNT),
        0,
        _QUANTISED_ONE,
        required,
        total=(_QUANTISED_ONE, _QUANTISED_SLACK),
    )


def _signed(*shape: int | str, required: bool = False) -> ArraySpec:
    """Numbers of both signs quantised to int8."""
    return ArraySpec("int8", shape, -FIRST_LAYER_FULL, FIRST_LAYER_FULL, required)


_HELD_OUT = "pictures held out"
# predictions.npz; noisy_* say which training labels were made wrong, and what they were made.
FINAL: Table = {
    "test_logits": _logits(TEST_SIZE),
    "test_probabilities": _probabilities(TEST_SIZE, required=True),
    "test_predictions_by_epoch": _class_ids("epochs", TEST_SIZE),
    "train_index": _indices("pictures trained on"),
    "noisy_index": _indices("wrong labels"),
    "noisy_labels": _class_ids("wrong labels"),
    "validation_index": _indices(_HELD_OUT),
    "validation_logits": _logits(_HELD_OUT),
    "validation_probabilities": _probabilities(_HELD_OUT),
    "validation_predictions_by_epoch": _class_ids("epochs", _HELD_OUT),
}
# epochs/0007.npz
AFTER_EPOCH: Table = {
    "test_predictions": _class_ids(TEST_SIZE, required=True),
    "test_probabilities": _quantised_probabilities(TEST_SIZE, required=True),
    "validation_predictions": _class_ids(_HELD_OUT),
    "validation_probabilities": _quantised_probabilities(_HELD_OUT),
}
# logits.npz
KEPT_LOGITS: Table = {
    "epoch": ArraySpec("int64", (), 1, MAX_EPOCHS, required=True),
    "test_logits": _logits(TEST_SIZE, required=True),
    "validation_logits": _logits(_HELD_OUT, required=True),
}
# first_layer/0007.npz: of a dense network what each unit weighs the pixels with, of a CNN the
# filters and what each answers to one image; in 127ths of what stands out most.
FIRST_LAYER: Table = {
    "weights": _signed("units", "rows", "columns", required=True),
    "responses": _signed("units", SIDE, SIDE),
}


def read_table(
    table: Table, content: bytes, epochs: int | None = None, limit: int = LARGEST_FILE
) -> dict[str, NDArray[Any]]:
    """Read the arrays from the content of a ``.npz`` file, and check them against a table.

    Args:
        table: what they are to be.
        content: of the file.
        epochs: how many the run has finished: no array has a row for more.
        limit: the bytes that all arrays may have together.

    Raises:
        ValueError: names the problem, such as ``"test_probabilities is missing"``.
    """

    def check_header(name: str, shape: Shape, dtype: np.dtype[Any]) -> None:
        _check_header(table, name, shape, dtype)

    arrays = unpack(content, check_header, limit=limit)
    for name, spec in table.items():
        if spec.required and name not in arrays:
            raise ValueError(f"{name} is missing")
    _check_values(table, arrays)
    for name, values in arrays.items():
        if epochs is not None and table[name].shape[:1] == ("epochs",) and len(values) > epochs:
            raise ValueError(f"{name} has {len(values)} epochs, but the run finished {epochs}")
    return arrays


def check_table(table: Table, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Check arrays against a table before a training writes them: a page would refuse others.

    Raises:
        ValueError: an array is not as the table says.
    """
    for name, values in arrays.items():
        _check_header(table, name, values.shape, values.dtype)
    _check_values(table, arrays)


def _check_header(table: Table, name: str, shape: Shape, dtype: np.dtype[Any]) -> None:
    spec = table.get(name)
    if spec is None:
        raise ValueError(f"a training writes no array called {quoted(name)}")
    fits = len(shape) == len(spec.shape) and all(
        length == expected
        if isinstance(expected, int)
        else (expected in _NEVER_EMPTY) <= length <= _MAX_LENGTHS[expected]
        for length, expected in zip(shape, spec.shape, strict=True)
    )
    if not fits or dtype != np.dtype(spec.dtype):
        raise ValueError(
            f"{name} is {quoted(str(dtype))} of shape {_shape_text(shape[:9])}; "
            f"a training writes {spec.dtype} of shape {_shape_text(spec.shape)}"
        )


def _check_values(table: Table, arrays: Mapping[str, NDArray[Any]]) -> None:
    lengths: dict[str, tuple[int, str]] = {}
    for name, values in arrays.items():
        for length, axis in zip(values.shape, table[name].shape, strict=True):
            if isinstance(axis, str):
                first, first_name = lengths.setdefault(axis, (length, name))
                if first != length:
                    raise ValueError(
                        f"{name} is about {length:,} {axis}, but {first_name} about {first:,}"
                    )
        _check_range(name, table[name], values)


def _check_range(name: str, spec: ArraySpec, values: NDArray[Any]) -> None:
    if values.size == 0:
        return
    low, high = values.min(), values.max()
    if not (np.isfinite(low) and np.isfinite(high)):
        raise ValueError(f"{name} holds what is no number")
    slack = _SLACK if values.dtype.kind == "f" else 0
    if spec.low is not None and spec.high is not None:
        outlier = low if low < spec.low - slack else high
        if not spec.low - slack <= outlier <= spec.high + slack:
            raise ValueError(f"{name} holds {outlier:.6g}; it lies from {spec.low} to {spec.high}")
    if spec.ordered and not (np.diff(values) > 0).all():
        raise ValueError(f"{name} is not in order, or names a picture twice")
    if spec.total is not None:
        total, tolerance = spec.total
        sums = values.sum(axis=1, dtype=np.float64)
        if (np.abs(sums - total) > tolerance).any():
            raise ValueError(f"{name} has a row that does not add up to {total}")


def _shape_text(shape: tuple[int | str, ...]) -> str:
    return f"({', '.join(str(length) for length in shape)})"
