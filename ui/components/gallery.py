"""A gallery of images: one sprite, one component, any number of buttons."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from fmnist_core.dataset import SIDE, Split
from fmnist_core.images import sprite
from ui.components.acts import receive, seen
from ui.components.modules import component

Size = Literal["small", "medium", "large", "big", "huge"]
_PIXELS: dict[Size, int] = {"small": 42, "medium": 64, "large": 92, "big": 168, "huge": 252}
_COLUMNS = 20
_component = component("gallery")


@dataclass(frozen=True)
class Tile:
    """One image of a gallery.

    Attributes:
        split: ``"train"`` or ``"test"``.
        index: of the image in the split, from 0.
        name: what a screen reader says after the index, such as ``"Ankle boot"``.
        caption: a few words under the image, in lines of its own where it has line breaks; a number
            stays with its "%". Whose words they are is said in them, or beside the gallery.
        tone: ``"right"`` or ``"wrong"`` gives the tile a border of that meaning.
    """

    split: Split
    index: int
    name: str
    caption: str = ""
    tone: Literal["", "right", "wrong"] = ""


@lru_cache(maxsize=256)
def sprite_url(pixels: bytes, count: int) -> str:
    """A sprite of 28 × 28 images as a data URL; visitors of a live run get it again and again.

    Args:
        pixels: of all images, one after the other.
        count: of the images; 20 stand in a row.
    """
    images = np.frombuffer(pixels, np.uint8).reshape(count, SIDE, SIDE)
    sheet = base64.b64encode(sprite(images, _COLUMNS)).decode()
    return f"data:image/png;base64,{sheet}"


def gallery(
    tiles: Sequence[Tile],
    images: NDArray[np.uint8],
    key: str,
    size: Size = "medium",
    selected: int | None = None,
    reveal: int | None = None,
    on_click: Callable[[Split, int], object] = lambda *_: None,
    room: int = 0,
) -> None:
    """Show a gallery of images; dark clothes on a light page, light ones on a dark page.

    Args:
        tiles: one an image.
        images: (n, 28, 28) uint8, in the order of the tiles.
        key: of the component.
        size: of an image on the screen; the browser scales it with its text and its room.
        selected: the index of the image to frame.
        reveal: the index of the image to scroll to, if the gallery appears where it was not.
        on_click: called with the split and the index of an image that is clicked; a click that
            comes late may be one on a gallery that has gone, of the other split.
        room: the gallery is always as high as with so many images without captions.
    """
    _component(
        key=key,
        data={**gallery_data(tiles, images, size, selected, reveal, room), "seen": seen(key)},
        on_clicked_change=receive(
            key, "clicked", clicked_image, lambda clicked: on_click(*clicked)
        ),
    )


def gallery_data(
    tiles: Sequence[Tile],
    images: NDArray[np.uint8],
    size: Size = "medium",
    selected: int | None = None,
    reveal: int | None = None,
    room: int = 0,
) -> dict[str, Any]:
    """What the component draws a gallery from; see ``gallery``."""
    pixels = np.ascontiguousarray(images)
    return {
        "sprite": sprite_url(pixels.tobytes(), len(pixels)),
        "columns": _COLUMNS,
        "pixels": _PIXELS[size],
        "selected": selected,
        "reveal": reveal,
        "room": room,
        "tiles": [
            {
                "number": tile.index,
                "split": tile.split,
                "label": f"{tile.split.capitalize()} picture {tile.index}: {tile.name}",
                "caption": tile.caption.replace(" %", "\N{NO-BREAK SPACE}%"),
                "tone": tile.tone,
            }
            for tile in tiles
        ],
    }


def clicked_image(state: object) -> tuple[Split, int] | None:
    """Split and index of the clicked image, from ``"test 17"``; ``None`` for anything else."""
    split, _, digits = state.partition(" ") if isinstance(state, str) else ("", "", "")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 6):
        return None
    splits: dict[str, Split] = {"train": "train", "test": "test"}
    return (splits[split], int(digits)) if split in splits else None
