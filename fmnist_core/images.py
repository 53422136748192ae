"""Images as PNG: single ones, sprites of many, and sheets of a whole class."""

from __future__ import annotations

import io
import math
import re

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fmnist_core.dataset import SIDE, Dataset, Split, stratified_sample

MAP_SIZE = 10_000
SAMPLE_SEED = 0
_NAME = re.compile(r"(train|test)-([0-9]|map)")


def png_bytes(pixels: NDArray[np.uint8]) -> bytes:
    """A greyscale image (height, width) as PNG."""
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(buffer, format="PNG")
    return buffer.getvalue()


def sprite(images: NDArray[np.uint8], columns: int, invert: bool = False) -> bytes:
    """A sprite: many images in one PNG, row by row; unused cells are blank.

    Args:
        images: (n, 28, 28) uint8, n at least 0.
        columns: images in a row, at least 1.
        invert: dark clothes on white, as ink on paper.

    Returns:
        A PNG of ``columns`` × 28 by ``rows`` × 28 pixels; without images, of one blank row.
    """
    rows = max(1, -(-len(images) // columns))
    cells = np.zeros((rows * columns, SIDE, SIDE), np.uint8)
    cells[: len(images)] = images
    if invert:
        cells = 255 - cells
    sheet = cells.reshape(rows, columns, SIDE, SIDE).transpose(0, 2, 1, 3)
    return png_bytes(sheet.reshape(rows * SIDE, columns * SIDE))


def sheet_name(split: Split, class_id: int | None) -> str:
    """The name of the sheet of a class, or without a class of the sheet of the map."""
    return f"{split}-{'map' if class_id is None else class_id}"


def sheet_columns(count: int) -> int:
    """The number of images in a row of a sheet that is about as wide as high."""
    return max(1, math.ceil(math.sqrt(count)))


def map_indices(labels: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Indices (k,) of the images on the map of a split: all, or a stratified sample."""
    all_indices = np.arange(len(labels))
    if len(labels) <= MAP_SIZE:
        return all_indices
    return stratified_sample(labels, all_indices, MAP_SIZE, SAMPLE_SEED)


def sheet_indices(data: Dataset, name: str) -> NDArray[np.int64] | None:
    """Indices (n,) of the images on a sheet, in its order; ``None`` for an unknown name."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    labels = np.asarray(data.labels("train" if match[1] == "train" else "test"))
    return map_indices(labels) if match[2] == "map" else np.flatnonzero(labels == int(match[2]))


def sheet(data: Dataset, name: str) -> bytes | None:
    """A sheet as PNG, 28 × 28 pixels an image, row by row; ``None`` for an unknown name."""
    indices = sheet_indices(data, name)
    if indices is None:
        return None
    split: Split = "train" if name.startswith("train") else "test"
    return sprite(data.images(split)[indices], sheet_columns(len(indices)))
