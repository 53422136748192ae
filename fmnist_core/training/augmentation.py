"""Data augmentation in NumPy: images mirrored and shifted by whole pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def augment(
    images: NDArray[np.uint8], shift: int, flip: bool, random: np.random.Generator
) -> NDArray[np.uint8]:
    """Augment images: a copy of them, each shifted and mirrored at random; blank pixels are 0.

    Args:
        images: (n, 28, 28) uint8.
        shift: the largest shift in pixels, in each direction; 0 shifts none.
        flip: mirror half of the images left to right.
        random: the generator that shifts and mirrored images are drawn from.

    Returns:
        (n, 28, 28) uint8.
    """
    result = images.copy()
    if flip:
        mirrored = random.random(len(images)) < 0.5
        result[mirrored] = result[mirrored, :, ::-1]
    if shift:
        offsets = random.integers(-shift, shift + 1, size=(len(images), 2))
        for down in range(-shift, shift + 1):
            for right in range(-shift, shift + 1):
                chosen = np.flatnonzero((offsets[:, 0] == down) & (offsets[:, 1] == right))
                result[chosen] = shift_images(result[chosen], down, right)
    return result


def shift_images(images: NDArray[np.uint8], down: int, right: int) -> NDArray[np.uint8]:
    """Shift all images by whole pixels; pixels that leave are lost, those that come in are 0.

    Args:
        images: (n, height, width) uint8.
        down: pixels, negative for up; smaller than the image is high.
        right: pixels, negative for left; smaller than the image is wide.
    """
    moved = np.zeros_like(images)
    height, width = images.shape[1:]
    moved[:, max(down, 0) : height + min(down, 0), max(right, 0) : width + min(right, 0)] = images[
        :, max(-down, 0) : height + min(-down, 0), max(-right, 0) : width + min(-right, 0)
    ]
    return moved
