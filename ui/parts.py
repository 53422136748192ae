"""Parts of a page that replace each other without leaving old elements on the screen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st


@contextmanager
def part(name: str) -> Iterator[None]:
    """Draw a part of a page; the elements of the part that it replaces go first.

    Drawn in the same place, the elements of the part before would stay on the screen until each of
    them is replaced or the new part is complete. So two places take turns: the one that is left is
    emptied at once, and a grey shape stands below the new part until it is complete.

    Args:
        name: of the part, its kind before the last dot; another name is another part.
    """
    key = f"part.{name.rpartition('.')[0]}"
    previous, use_second = st.session_state.get(key, (name, False))
    if previous != name:
        use_second = not use_second
    st.session_state[key] = name, use_second
    # The place that is drawn in must not be empty for a moment: all in it would be made anew.
    if use_second:
        st.empty()
    place = st.container()
    if not use_second:
        st.empty()
    unfinished = st.empty()
    if previous != name:
        unfinished.skeleton(height=400)
    with place:
        yield
    if previous != name:
        unfinished.empty()
