"""The table of arrays: what no training writes is refused by its name, before memory is taken."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from typing import Any

import numpy as np
import pytest

from fmnist_core.files import packed
from fmnist_core.runs.arrays import AFTER_EPOCH, FINAL, FIRST_LAYER, check_table, read_table

Arrays = dict[str, Any]


def final(**changes: Any) -> Arrays:
    shares = np.full((10_000, 10), 0.1, np.float32)
    held = np.arange(300)
    arrays = {
        "test_logits": np.zeros((10_000, 10), np.float32),
        "test_probabilities": shares,
        "test_predictions_by_epoch": np.zeros((3, 10_000), np.uint8),
        "validation_index": held,
        "validation_probabilities": shares[:300],
        "validation_predictions_by_epoch": np.zeros((3, 300), np.uint8),
        **changes,
    }
    return {name: values for name, values in arrays.items() if values is not None}


def with_value(values: np.ndarray, value: object) -> np.ndarray:
    changed = values.copy()
    changed.flat[7] = value
    return changed


SHARES = final()["test_probabilities"]


def test_what_a_training_writes_is_read_back() -> None:
    arrays = final()
    check_table(FINAL, arrays)
    back = read_table(FINAL, packed(arrays), epochs=3)
    assert all((back[name] == arrays[name]).all() for name in arrays)
    assert {name: str(values.dtype) for name, values in back.items()} == {
        name: FINAL[name].dtype for name in arrays
    }


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"test_probabilities": None}, "test_probabilities is missing"),
        ({"test_probabilities": SHARES.astype(np.float64)}, "is “float64” of shape"),
        ({"test_probabilities": SHARES[:9_999]}, r"of shape \(9999, 10\); a training writes"),
        ({"test_probabilities": SHARES.T.copy()}, r"of shape \(10, 10000\)"),
        ({"test_probabilities": with_value(SHARES, np.nan)}, "holds what is no number"),
        ({"test_probabilities": with_value(SHARES, np.inf)}, "holds what is no number"),
        ({"test_probabilities": with_value(SHARES, 1.5)}, "holds 1.5; it lies from 0 to 1"),
        ({"test_probabilities": with_value(SHARES, -0.5)}, "holds -0.5; it lies from 0 to 1"),
        ({"test_probabilities": with_value(SHARES, 0.9)}, "has a row that does not add up to 1"),
        ({"test_logits": np.full((10_000, 10), np.nan, np.float32)}, "test_logits holds what is"),
        (
            {"test_predictions_by_epoch": np.full((3, 10_000), 11, np.uint8)},
            "holds 11; it lies from 0 to 9",
        ),
        ({"test_predictions_by_epoch": np.zeros((4, 10_000), np.uint8)}, "about 3 epochs, but"),
        (
            {
                "test_predictions_by_epoch": np.zeros((4, 10_000), np.uint8),
                "validation_predictions_by_epoch": None,
            },
            "has 4 epochs, but the run finished 3",
        ),
        ({"validation_index": np.arange(299)}, "about 300 pictures held out, but validation_index"),
        ({"validation_index": np.arange(300)[::-1].copy()}, "not in order, or names a picture"),
        ({"validation_index": np.arange(59_900, 60_200)}, "holds 60199; it lies from 0 to 59999"),
        ({"evil[x](y)": np.zeros(3)}, "no array called “evil·x·y·”"),
        ({"test_probabilities": np.array([{}])}, "cannot|no file of arrays|object"),
    ],
    ids=lambda part: part if isinstance(part, str) else None,
)
def test_what_no_training_writes_is_named(changes: Arrays, problem: str) -> None:
    arrays = final(**changes)
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    with pytest.raises(ValueError, match=problem):
        read_table(FINAL, buffer.getvalue(), epochs=3)


def test_training_writes_by_the_same_table() -> None:
    with pytest.raises(ValueError, match="test_predictions is “int64”"):
        check_table(AFTER_EPOCH, {"test_predictions": np.zeros(10_000, np.int64)})


@pytest.mark.parametrize("shape", [(0, 28, 28), (12, 0, 28), (12, 28, 0)])
def test_a_first_layer_of_nothing_is_refused(shape: tuple[int, ...]) -> None:
    """There would be nothing to draw."""
    with pytest.raises(ValueError, match=r"of shape .*; a training writes int8"):
        read_table(FIRST_LAYER, packed({"weights": np.zeros(shape, np.int8)}))


def promising(shape: str, dtype: str = "<f4", content: bytes = b"") -> bytes:
    """A file whose one array is not what its header says."""
    out = io.BytesIO()
    header = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    npy = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + content
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("test_probabilities.npy", npy)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (promising("(1000000000000, 10)"), "of shape"),
        (promising("(10000, 10)"), "not as long as its header says"),
        (promising("(10000, 10)", content=bytes(400_001)), "not as long as its header says"),
        (promising("(-1, -10)"), "of shape"),
        (promising("(10000, 10)", "|O"), "of shape"),
        (promising("(10000, 10)", ">f4", bytes(400_000)), "of shape"),
        (b"no zip", "no file of arrays"),
        (packed(final())[:-2_000], "no file of arrays"),
    ],
    ids=range(8),
)
def test_false_header_is_refused_and_takes_no_memory(content: bytes, problem: str) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match=problem):
            read_table(FINAL, content)
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()
