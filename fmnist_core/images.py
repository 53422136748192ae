"""Pictures as PNG bytes: single ones, and many in one sprite."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIDE = 28


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
