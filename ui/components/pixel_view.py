"""An image whose pixel values can be read one by one."""

from __future__ import annotations

import base64

import numpy as np
from numpy.typing import NDArray

from fmnist_core.colors import ACCENT, INKS, color_scheme
from ui.components.modules import component
from ui.theme import is_dark

_component = component("pixel_view")


def pixel_reader(image: NDArray[np.uint8], label: str, key: str) -> None:
    """Show an image; its pixel values appear under the mouse, under the arrow keys, or all at once.

    Args:
        image: (28, 28) uint8.
        label: what a screen reader says it is.
        key: of the component.
    """
    _component(
        key=key,
        data={
            "pixels": base64.b64encode(np.ascontiguousarray(image).tobytes()).decode(),
            "side": len(image),
            "label": label,
            "dark": is_dark(),
            "accent": ACCENT[color_scheme(is_dark())],
            "inks": list(INKS),
        },
    )
