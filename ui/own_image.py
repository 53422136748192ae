"""An image of a visitor's own as the text that an address holds: 28 × 28 bytes in base64."""

from __future__ import annotations

import base64
import binascii
import re

from fmnist_core.dataset import PIXEL_COUNT

# Without the signs that fill it up.
_LENGTH = -(-PIXEL_COUNT * 4 // 3)
_TEXT = re.compile(rf"[A-Za-z0-9_-]{{{_LENGTH}}}")


def pixels_of(text: str) -> bytes | None:
    """The 784 pixels in a text, row by row; ``None`` where it is none of an image."""
    if not _TEXT.fullmatch(text):
        return None
    try:
        pixels = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        return None
    return pixels if text_of(pixels) == text else None


def read_own_image(text: str) -> str | None:
    """The text of an image in an address; ``None`` where it is none."""
    return text if pixels_of(text) is not None else None


def text_of(pixels: bytes) -> str:
    """The text of an image of 784 pixels, as ``pixels_of`` reads it."""
    return base64.urlsafe_b64encode(pixels).decode().rstrip("=")
