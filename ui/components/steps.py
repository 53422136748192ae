"""Previous and next in a list of images, and back to all of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from ui.components.acts import number, receive, script_of, seen

# So many in each direction are known to the browser, which walks along them by itself.
_REACH = 200
_component = st.components.v2.component(
    "atelier_steps", js=script_of("steps.js"), isolate_styles=False
)


def steps(
    numbers: NDArray[np.int64],
    picture: int,
    key: str,
    on_step: Callable[[int], None],
    on_back: Callable[[int], None] | None = None,
    where: str = "",
    elsewhere: str = "",
) -> None:
    """Buttons and keys (Esc, P, N) that lead along the pictures, as fast as they are pressed.

    Args:
        numbers: the pictures in their order.
        picture: the open one, which need not be among them.
        key: of the component.
        on_step: told the picture that is opened.
        on_back: told the open picture when the visitor leaves it; without it there is no way back.
        where: what follows ``"5 of 60"``.
        elsewhere: what stands there where the open picture is not among them.
    """
    places = np.flatnonzero(numbers == picture)
    at = int(places[0]) if len(places) else None
    start = 0 if at is None else max(0, at - _REACH)
    known = numbers[start : start + 2 * _REACH + 1] if at is not None else numbers[:0]
    _component(
        key=key,
        data={
            "numbers": known.tolist(),
            "start": start,
            "total": len(numbers),
            "picture": picture,
            "back": "Back to the wall" if on_back is not None else "",
            "where": where,
            "elsewhere": elsewhere,
            "seen": seen(key),
        },
        on_stepped_change=receive(key, "stepped", number, on_step),
        on_left_change=receive(key, "left", number, on_back or (lambda _: None)),
    )
