"""Thousands of pictures on one sheet, for a browser that zooms into it."""

from __future__ import annotations

import math
import re

import numpy as np
from numpy.typing import NDArray

from fmnist_core.analysis.projection import on_the_map
from fmnist_core.dataset import Dataset, Split
from fmnist_core.images import sprite

_NAME = re.compile(r"(train|test)-([0-9]|map)")


def sheet_name(split: Split, number: int | None) -> str:
    """The name of the sheet of a class, or of the map without a class."""
    return f"{split}-{'map' if number is None else number}"


def columns(count: int) -> int:
    """How many pictures stand in a row of a sheet that is about as wide as high."""
    return max(1, math.ceil(math.sqrt(count)))


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
