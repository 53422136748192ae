"""A zoomable canvas of thousands of images: the sheet of a class, or a map."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from fmnist_core.colors import ACCENT, CANVAS, FOREGROUND, IMAGE_GROUND, color_scheme, translucent
from fmnist_core.dataset import Split
from fmnist_core.images import sheet_columns
from ui.base_path import under_base
from ui.components.acts import as_int, as_text, receive, seen
from ui.components.modules import component
from ui.theme import is_dark

LOOP_SCALE = 1_295
_LONGEST_LOOP = 400
_LOOP_ALPHA = {"light": 0.1, "dark": 0.14}
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_component = component("image_map")


def image_map(  # noqa: PLR0913
    key: str,
    split: Split,
    sheet: str,
    sha256: str,
    indices: NDArray[np.int64],
    label: str,
    classes: NDArray[np.uint8],
    class_names: Sequence[str],
    kinds: NDArray[np.uint8],
    kind_names: Sequence[str],
    colors: Sequence[str],
    positions: NDArray[np.uint16] | None = None,
    order: NDArray[np.int64] | None = None,
    notes: Sequence[str] | None = None,
    loop: str = "",
    on_pick: Callable[[int], None] = lambda _: None,
    on_loop: Callable[[str], None] = lambda _: None,
) -> None:
    """Show images as a map of points, or close together as a sheet.

    Args:
        key: of the component.
        split: of the images.
        sheet: name of the sheet that holds them, from ``fmnist_core.images``.
        sha256: of the dataset.
        indices: (n,) of the images in the split, in the order of the sheet.
        label: what a screen reader says it is.
        classes: (n,) uint8, of the images, as places in the names.
        class_names: stand on a map where most images of a class are.
        kinds: (n,) uint8, by which the images are coloured, as places in the names and colours.
        kind_names: of the kinds.
        colors: of the kinds, as ``#rrggbb``.
        positions: (n, 2) on a square of 65,536, y downwards; without them it is a sheet.
        order: (n,) the images in the order in which the sheet shows them, as places in ``indices``.
        notes: (n,) sentences that the hint at an image adds.
        loop: the line drawn around a part, from ``on_loop``.
        on_pick: called with the index of an image that is opened.
        on_loop: called with the line drawn around a part, empty when it is taken away.
    """
    scheme = color_scheme(is_dark())
    _component(
        key=key,
        data={
            "sheet": under_base(f"/pictures/{sheet}.png?v={sha256[:16]}"),
            "columns": sheet_columns(len(indices)),
            "split": split,
            "numbers": _packed(indices.astype(np.uint16)),
            "places": "" if positions is None else _packed(positions),
            "order": "" if order is None else _packed(order.astype(np.uint16)),
            "classes": _packed(classes),
            "classNames": list(class_names),
            "kinds": _packed(kinds),
            "kindNames": list(kind_names),
            "colors": list(colors),
            "notes": list(notes or ()),
            "label": label,
            "loop": loop,
            "imageGround": IMAGE_GROUND[scheme],
            "background": CANVAS[scheme],
            "ink": FOREGROUND[scheme],
            "accent": ACCENT[scheme],
            "loopFill": translucent(ACCENT[scheme], _LOOP_ALPHA[scheme]),
            "seen": seen(key),
        },
        on_picked_change=receive(key, "picked", as_int, on_pick),
        on_loop_change=receive(key, "loop", as_text, on_loop),
    )


def _packed(values: NDArray[np.uint8] | NDArray[np.uint16]) -> str:
    return base64.b64encode(np.ascontiguousarray(values).tobytes()).decode()


def is_loop(text: str) -> bool:
    """Whether a text in an address is a line drawn around a part."""
    return len(text) % 4 == 0 and len(text) <= _LONGEST_LOOP and set(text) <= set(_DIGITS)


def loop_corners(text: str) -> NDArray[np.float64]:
    """The corners (k, 2) of a line drawn around a part, on a square of 65,536."""
    values = [int(text[start : start + 2], 36) for start in range(0, len(text), 2)]
    return np.array(values, np.float64).reshape(-1, 2) / LOOP_SCALE * 65_535
