"""The ways into Present, from scene to scene, and out of it again."""

from __future__ import annotations

from typing import NamedTuple, cast

import streamlit as st

from ui.components.acts import receive, seen
from ui.components.modules import component
from ui.navigation import Name, go_to, page, pages_in_order
from ui.url_state import PRESENTED, current_page, is_presented, last_address

_KEY, _CARRIED_OUT = "present", "present.carried_out"
_controls = component("present")


class Place(NamedTuple):
    """Where the visitor goes: a page, presented or not."""

    name: Name
    presented: bool


def present_controls() -> None:
    """The button in the header, and what listens to keys, a clicker and fingers.

    A part of the frame: of what belongs to a page, Streamlit drops an act that comes when the
    visitor has gone on to the next one.
    """
    _controls(
        key=_KEY,
        data={
            "pages": [{"name": name, "title": page(name).title} for name in pages_in_order()],
            "page": current_page(),
            "presented": is_presented(),
            # The frame is drawn before an act is carried out, and must not seem to answer it.
            "seen": st.session_state.get(_CARRIED_OUT, 0),
        },
        on_wanted_change=receive(_KEY, "wanted", _place, _go),
    )


def _place(value: object) -> Place | None:
    """The place in what the component sends; ``None`` where it would never send that."""
    if not isinstance(value, dict):
        return None
    name, presented = value.get("page"), value.get("presented")
    if name not in pages_in_order() or not isinstance(presented, bool):
        return None
    return Place(cast("Name", name), presented)


def _go(place: Place) -> None:
    """Go there; a page that was open before shows what it showed then."""
    st.session_state[_CARRIED_OUT] = seen(_KEY)
    if place.name == current_page():
        PRESENTED.set(place.presented)
        # The frame was drawn before, and has yet to say so.
        st.rerun()
    else:
        switch = PRESENTED.page.address(PRESENTED.to(place.presented))
        go_to(place.name, **last_address(place.name), **switch)
