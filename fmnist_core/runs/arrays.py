"""The arrays of a run: one table that trainings write by, imports check by and pages rely on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fmnist_core.npz import Shape, unpack
from fmnist_core.plain_files import MEBIBYTE
from fmnist_core.runs.wrong import said
from fmnist_core.specs import MAX_EPOCHS

TEST_PICTURES, TRAIN_PICTURES, CLASSES = 10_000, 60_000, 10
LARGEST_FILE = 32 * MEBIBYTE
# What rounding may add to a share, or to the ten of a picture together.
_SLACK = 1e-5
_SUM_SLACK = 1e-3
_STEPS = 255
_STEPS_SLACK = 5


class Array(NamedTuple):
    """What an array holds.

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


Table = Mapping[str, Array]
_LONGEST = {
    "epochs": MAX_EPOCHS,
    "pictures trained on": TRAIN_PICTURES,
    "pictures held out": TRAIN_PICTURES,
    "wrong labels": TRAIN_PICTURES,
}


def _numbers(length: str) -> Array:
    """Numbers of pictures in the training split."""
    return Array("int64", (length,), 0, TRAIN_PICTURES - 1, ordered=True)


def _classes(*shape: int | str, required: bool = False) -> Array:
    return Array("uint8", shape, 0, CLASSES - 1, required)


def _logits(length: int | str, required: bool = False) -> Array:
    return Array("float32", (length, CLASSES), required=required)


def _shares(length: int | str, required: bool = False) -> Array:
    return Array("float32", (length, CLASSES), 0, 1, required, total=(1, _SUM_SLACK))


def _steps(length: int | str, required: bool = False) -> Array:
    """Probabilities in 255ths."""
    return Array("uint8", (length, CLASSES), 0, _STEPS, required, total=(_STEPS, _STEPS_SLACK))


_HELD = "pictures held out"
# predictions.npz; noisy_* say which training labels were made wrong, and what they were made.
FINAL: Table = {
    "test_logits": _logits(TEST_PICTURES),
    "test_probabilities": _shares(TEST_PICTURES, required=True),
    "test_predictions_by_epoch": _classes("epochs", TEST_PICTURES),
    "train_index": _numbers("pictures trained on"),
    "noisy_index": _numbers("wrong labels"),
    "noisy_labels": _classes("wrong labels"),
    "validation_index": _numbers(_HELD),
    "validation_logits": _logits(_HELD),
    "validation_probabilities": _shares(_HELD),
    "validation_predictions_by_epoch": _classes("epochs", _HELD),
}
# epochs/0007.npz
AFTER_EPOCH: Table = {
    "test_predictions": _classes(TEST_PICTURES, required=True),
    "test_probabilities": _steps(TEST_PICTURES, required=True),
    "validation_predictions": _classes(_HELD),
    "validation_probabilities": _steps(_HELD),
}
# logits.npz
LAST_LOGITS: Table = {
    "epoch": Array("int64", (), 1, MAX_EPOCHS, required=True),
    "test_logits": _logits(TEST_PICTURES, required=True),
    "validation_logits": _logits(_HELD, required=True),
}


def read_table(table: Table, content: bytes, epochs: int | None = None) -> dict[str, NDArray[Any]]:
    """The arrays in the content of a file, all as the table says.

    Args:
        table: what they are to be.
        content: of the file.
        epochs: how many the run has finished: no array has a row for more.

    Raises:
        ValueError: names what is wrong, such as ``"test_probabilities is missing"``.
    """

    def allow(name: str, shape: Shape, dtype: np.dtype[Any]) -> None:
        _check_header(table, name, shape, dtype)

    arrays = unpack(content, allow, limit=LARGEST_FILE)
    for name, array in table.items():
        if array.required and name not in arrays:
            raise ValueError(f"{name} is missing")
    _check_values(table, arrays)
    for name, values in arrays.items():
        if epochs is not None and table[name].shape[:1] == ("epochs",) and len(values) > epochs:
            raise ValueError(f"{name} has {len(values)} epochs, but the run finished {epochs}")
    return arrays


def check_table(table: Table, arrays: Mapping[str, NDArray[Any]]) -> None:
    """See that a training writes nothing that a page would refuse.

    Raises:
        ValueError: an array is not as the table says.
    """
    for name, values in arrays.items():
        _check_header(table, name, values.shape, values.dtype)
    _check_values(table, arrays)


def _check_header(table: Table, name: str, shape: Shape, dtype: np.dtype[Any]) -> None:
    array = table.get(name)
    if array is None:
        raise ValueError(f"a training writes no array called {said(name)}")
    fits = len(shape) == len(array.shape) and all(
        length == wanted if isinstance(wanted, int) else 0 <= length <= _LONGEST[wanted]
        for length, wanted in zip(shape, array.shape, strict=True)
    )
    if not fits or dtype != np.dtype(array.dtype):
        raise ValueError(
            f"{name} is {said(str(dtype))} of shape {_in_words(shape[:9])}; "
            f"a training writes {array.dtype} of shape {_in_words(array.shape)}"
        )


def _check_values(table: Table, arrays: Mapping[str, NDArray[Any]]) -> None:
    lengths: dict[str, tuple[int, str]] = {}
    for name, values in arrays.items():
        for length, wanted in zip(values.shape, table[name].shape, strict=True):
            if isinstance(wanted, str):
                known, where = lengths.setdefault(wanted, (length, name))
                if known != length:
                    raise ValueError(
                        f"{name} is about {length:,} {wanted}, but {where} about {known:,}"
                    )
        _check_range(name, table[name], values)


def _check_range(name: str, array: Array, values: NDArray[Any]) -> None:
    if values.size == 0:
        return
    low, high = values.min(), values.max()
    if not (np.isfinite(low) and np.isfinite(high)):
        raise ValueError(f"{name} holds what is no number")
    slack = _SLACK if values.dtype.kind == "f" else 0
    if array.low is not None and array.high is not None:
        wrong = low if low < array.low - slack else high
        if not array.low - slack <= wrong <= array.high + slack:
            raise ValueError(f"{name} holds {wrong:.6g}; it lies from {array.low} to {array.high}")
    if array.ordered and not (np.diff(values) > 0).all():
        raise ValueError(f"{name} is not in order, or names a picture twice")
    if array.total is not None:
        total, miss = array.total
        sums = values.sum(axis=1, dtype=np.float64)
        if (np.abs(sums - total) > miss).any():
            raise ValueError(f"{name} has a row that does not add up to {total}")


def _in_words(shape: tuple[int | str, ...]) -> str:
    return f"({', '.join(str(length) for length in shape)})"
