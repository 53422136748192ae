"""A part of a page that another one takes the place of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st


@contextmanager
def part(name: str) -> Iterator[None]:
    """Draw inside; what another part left in its place goes first.

    Drawn in the same place, the elements of the part before would stay on the screen until each of
    them is replaced or the new part is complete. So two places take turns: the one that is left is
    emptied at once, and a grey shape stands below the new part until it is complete.

    Args:
        name: of the part, its kind before the last dot; another name is another part.
    """
    key = f"part.{name.rpartition('.')[0]}"
    last, second = st.session_state.get(key, (name, False))
    if last != name:
        second = not second
    st.session_state[key] = name, second
    # The place that is drawn in must not be empty for a moment: all in it would be made anew.
    if second:
        st.empty()
    place = st.container()
    if not second:
        st.empty()
    unfinished = st.empty()
    if last != name:
        unfinished.skeleton(height=400)
    with place:
        yield
    if last != name:
        unfinished.empty()
