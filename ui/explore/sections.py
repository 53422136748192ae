"""The parts of Explore data; only the open one is computed and drawn."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from fmnist_core.dataset import Dataset
from ui.explore.about_dataset import show_facts
from ui.explore.classes import show_classes
from ui.explore.gallery_view import show_gallery, show_split
from ui.explore.map import show_map
from ui.explore.sheet import show_sheet
from ui.explore.view_state import STATE, VIEW, VIEWS, ViewState, view_state
from ui.mistakes.predictions import show_errors
from ui.parts import part
from ui.services import dataset

_SHOW: dict[str, Callable[[Dataset, ViewState], None]] = {
    "gallery": show_gallery,
    "sheet": show_sheet,
    "classes": show_classes,
    "map": show_map,
    "facts": show_facts,
}


def show_views(now: ViewState) -> None:
    """Which part, and whose pictures where that makes a difference."""
    with st.container(horizontal=True, key="explore_views"):
        VIEW.choose("Look at", tuple(VIEWS), words=VIEWS)
        if now.view != "facts":
            show_split()
        else:
            st.empty()


@st.fragment
def sections() -> None:
    """Which part is open, and that part; a click draws nothing else of the page."""
    with show_errors():
        data = dataset()
        STATE.follow()
        now = view_state()
        # A place in either case: what follows is always the same one after another.
        if now.close:
            st.empty()
        else:
            show_views(now)
        with part(f"explore.{'close' if now.close else now.view}"):
            _SHOW[now.view](data, now)
