"""A visitor's own image in an address."""

from __future__ import annotations

import numpy as np
import pytest

from fmnist_core.dataset import PIXEL_COUNT
from ui.own_image import pixels_of, text_of

PIXELS = np.random.default_rng(3).integers(0, 256, PIXEL_COUNT, np.uint8).tobytes()


@pytest.mark.parametrize("pixels", [PIXELS, bytes(PIXEL_COUNT), b"\xff" * PIXEL_COUNT])
def test_an_image_comes_back_as_it_was(pixels: bytes) -> None:
    text = text_of(pixels)
    assert text.isascii()
    assert "=" not in text
    assert pixels_of(text) == pixels


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A",
        text_of(PIXELS)[:-1],
        text_of(PIXELS) + "A",
        text_of(PIXELS) + "\n",
        "*" + text_of(PIXELS)[1:],
        "é" + text_of(PIXELS)[1:],
        text_of(PIXELS[:-1]),
        text_of(PIXELS + b"1"),
        # Bits that stand for nothing.
        text_of(bytes(PIXEL_COUNT))[:-1] + "B",
    ],
)
def test_nonsense_is_no_image(text: str) -> None:
    assert pixels_of(text) is None
