"""A visitor's own image in an address: 784 pixels as base64url."""

from __future__ import annotations

import base64
import re

from fmnist_core.dataset import PIXEL_COUNT

# Without the signs "=" that fill up base64.
_LENGTH = -(-PIXEL_COUNT * 8 // 6)
_TEXT = re.compile(rf"[A-Za-z0-9_-]{{{_LENGTH}}}")


def pixels_of(text: str) -> bytes | None:
    """The pixels of an image from an address, row by row, 0 to 255; ``None`` for nonsense."""
    if not _TEXT.fullmatch(text):
        return None
    pixels = base64.urlsafe_b64decode(text + "=" * (-_LENGTH % 4))
    # Of several texts that mean the same bytes only one counts.
    return pixels if text_of(pixels) == text else None


def text_of(pixels: bytes) -> str:
    """The text of an image for an address."""
    return base64.urlsafe_b64encode(pixels).decode().rstrip("=")
