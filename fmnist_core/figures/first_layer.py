"""Pictures of the first layer of a network, as one small PNG."""

from __future__ import annotations

import io
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageColor

from fmnist_core.colors import DIVERGING, color_scheme
from fmnist_core.dataset import SIDE
from fmnist_core.runs.arrays import FIRST_LAYER_FULL

# As many colours as an eye can tell apart here; more would double the bytes of the noise at first.
_SHADES = 63


def first_layer_png(pictures: Mapping[str, NDArray[np.int8]], dark: bool = False) -> bytes:
    """A row of 28 × 28 pictures of what units weigh, and below it what they answer, if known.

    Args:
        pictures: as ``arrays.FIRST_LAYER`` says.
        dark: for a dark page.

    Returns:
        A PNG of n × 28 by 28 pixels, or by 56; in colours whose middle is the page.
    """
    rows = [_sheet(pictures[name]) for name in ("weights", "responses") if name in pictures]
    image = Image.fromarray(np.vstack(rows), mode="P")
    image.putpalette(_palette(DIVERGING[color_scheme(dark)]))
    buffer = io.BytesIO()
    image.save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()


def _sheet(values: NDArray[np.int8]) -> NDArray[np.uint8]:
    """Shades (28, n × 28) of pictures (n, height, width), each enlarged to 28 × 28."""
    shades = np.rint((values / FIRST_LAYER_FULL + 1) / 2 * (_SHADES - 1)).astype(np.uint8)
    rows = np.arange(SIDE) * values.shape[1] // SIDE
    columns = np.arange(SIDE) * values.shape[2] // SIDE
    return np.hstack(list(shades[:, rows][:, :, columns]))


def _palette(colors: list[str]) -> list[int]:
    """The shades between the colours of a scale, as red, green, blue and again."""
    known = np.array([ImageColor.getrgb(color) for color in colors])
    places = np.linspace(0, len(colors) - 1, _SHADES)
    channels = [np.interp(places, range(len(colors)), known[:, channel]) for channel in range(3)]
    return [int(value) for value in np.rint(np.stack(channels, axis=1)).ravel()]
