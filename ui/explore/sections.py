"""The parts of Explore data; only the open one is computed and drawn."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from fmnist_core.dataset import Dataset
from ui.errors import show_errors
from ui.explore.about_dataset import show_about_dataset
from ui.explore.classes import show_classes
from ui.explore.gallery_view import show_gallery, show_split_choice
from ui.explore.image_detail import show_image_detail
from ui.explore.map import show_map
from ui.explore.sheet import show_sheet
from ui.explore.view_state import STATE, VIEW, VIEWS, ViewState, view_state
from ui.parts import part
from ui.services import dataset

_SHOW: dict[str, Callable[[Dataset, ViewState], None]] = {
    "gallery": show_gallery,
    "sheet": show_sheet,
    "classes": show_classes,
    "map": show_map,
    "facts": show_about_dataset,
}


def show_view_choice(state: ViewState) -> None:
    """The choice of a view, and of the split where the view depends on it."""
    with st.container(horizontal=True, key="explore_views"):
        VIEW.choose("Look at", tuple(VIEWS), words=VIEWS)
        if state.view != "facts":
            show_split_choice()
        else:
            st.empty()


@st.fragment
def sections() -> None:
    """The choice of a view and the open view; a click redraws nothing else of the page."""
    with show_errors():
        data = dataset()
        STATE.follow()
        state = view_state()
        # A place in either case: what follows is always the same one after another.
        if state.in_detail:
            st.empty()
        else:
            show_view_choice(state)
        with part(f"explore.{'close' if state.in_detail else state.view}"):
            if state.in_detail and state.image_index is not None:
                show_image_detail(data, state, state.image_index)
            else:
                _SHOW[state.view](data, state)
