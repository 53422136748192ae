"""Images as PNG: single ones, sprites of many, and sheets of a whole class."""

from __future__ import annotations

import io
import math
import re

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fmnist_core.dataset import Dataset, Split, stratified_sample

SIDE = 28
MAP_PICTURES = 10_000
SAMPLE_SEED = 0
_NAME = re.compile(r"(train|test)-([0-9]|map)")


def png_bytes(pixels: NDArray[np.uint8]) -> bytes:
    """A grey picture (height, width) as PNG."""
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(buffer, format="PNG")
    return buffer.getvalue()


def sprite(images: NDArray[np.uint8], columns: int, invert: bool = False) -> bytes:
    """Many pictures side by side in one PNG, row by row; unused places are blank.

    Args:
        images: (n, 28, 28) uint8, n at least 0.
        columns: pictures in a row, at least 1.
        invert: dark clothes on white, as ink on paper.

    Returns:
        A PNG of ``columns`` × 28 by ``rows`` × 28 pixels; with no picture, of one blank row.
    """
    rows = max(1, -(-len(images) // columns))
    places = np.zeros((rows * columns, SIDE, SIDE), np.uint8)
    places[: len(images)] = images
    if invert:
        places = 255 - places
    sheet = places.reshape(rows, columns, SIDE, SIDE).transpose(0, 2, 1, 3)
    return png_bytes(sheet.reshape(rows * SIDE, columns * SIDE))


def sheet_name(split: Split, number: int | None) -> str:
    """The name of the sheet of a class, or of the map without a class."""
    return f"{split}-{'map' if number is None else number}"


def columns(count: int) -> int:
    """How many pictures stand in a row of a sheet that is about as wide as high."""
    return max(1, math.ceil(math.sqrt(count)))


def on_the_map(labels: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Which pictures (k,) of a split are on the map: all, or a sample with all classes' shares."""
    everything = np.arange(len(labels))
    if len(labels) <= MAP_PICTURES:
        return everything
    return stratified_sample(labels, everything, MAP_PICTURES, SAMPLE_SEED)


def numbers_on(data: Dataset, name: str) -> NDArray[np.int64] | None:
    """Which pictures (n,) are on a sheet, in its order; ``None`` for an unknown name."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    labels = np.asarray(data.labels("train" if found[1] == "train" else "test"))
    return on_the_map(labels) if found[2] == "map" else np.flatnonzero(labels == int(found[2]))


def sheet(data: Dataset, name: str) -> bytes | None:
    """A sheet as PNG, 28 × 28 pixels a picture, row by row; ``None`` for an unknown name."""
    numbers = numbers_on(data, name)
    if numbers is None:
        return None
    split: Split = "train" if name.startswith("train") else "test"
    return sprite(data.images(split)[numbers], columns(len(numbers)))
