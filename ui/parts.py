"""A part of a page that another one takes the place of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st


@contextmanager
def part(name: str) -> Iterator[None]:
    """Draw inside; what another part left in its place goes first.

    Streamlit leaves the elements of the part before on the screen until the new one is complete,
    and draws the new ones between them.

    Args:
        name: of the part; another name is another part.
    """
    slot = st.empty()
    kind = name.rsplit(".", 1)[0]
    last = f"part.{kind}"
    if st.session_state.get(last) not in (None, name):
        slot.skeleton(height=400)
    st.session_state[last] = name
    with slot.container():
        yield
