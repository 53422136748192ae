"""Previous and next in a list of images, and back to all of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ui.components.acts import as_int, receive, seen
from ui.components.modules import component

# So many in each direction are sent to the browser, which walks along them by itself.
_REACH = 200
_component = component("steps")


def steps(
    indices: NDArray[np.int64],
    open_index: int,
    key: str,
    on_step: Callable[[int], None],
    on_back: Callable[[int], None] | None = None,
    back: str = "Back to the gallery",
    where: str = "",
    elsewhere: str = "",
) -> None:
    """Buttons and keys (Esc, ←, →) that step through images, as fast as they are pressed.

    Args:
        indices: (n,) of the images, in their order.
        open_index: of the open image, which need not be among them.
        key: of the component.
        on_step: called with the index of the image that is opened.
        on_back: called with the index of the open image when the visitor leaves it; without it
            there is no button for that.
        back: names where that leads.
        where: what follows ``"5 of 60"``.
        elsewhere: what stands there where the open image is not among them.
    """
    matches = np.flatnonzero(indices == open_index)
    position = int(matches[0]) if len(matches) else None
    start = 0 if position is None else max(0, position - _REACH)
    nearby = indices[start : start + 2 * _REACH + 1] if position is not None else indices[:0]
    _component(
        key=key,
        data={
            "numbers": nearby.tolist(),
            "start": start,
            "total": len(indices),
            "picture": open_index,
            "back": back if on_back is not None else "",
            "where": where,
            "elsewhere": elsewhere,
            "seen": seen(key),
        },
        on_stepped_change=receive(key, "stepped", as_int, on_step),
        on_left_change=receive(key, "left", as_int, on_back or (lambda _: None)),
    )
