"""The parts of Explore data; only the open one is computed and drawn."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from fmnist_core.dataset import Dataset
from ui.address import follow
from ui.context import dataset
from ui.explore.classes import show_classes
from ui.explore.facts import show_facts
from ui.explore.look import VIEWS, Look, look, open_view
from ui.explore.map import show_map
from ui.explore.sheet import show_sheet
from ui.explore.wall import show_gallery, show_split
from ui.mistakes.evidence import in_words

_SHOW: dict[str, Callable[[Dataset, Look], None]] = {
    "gallery": show_gallery,
    "sheet": show_sheet,
    "classes": show_classes,
    "map": show_map,
    "facts": show_facts,
}


def show_views(now: Look) -> None:
    """Which part, and whose pictures where that makes a difference."""
    with st.container(horizontal=True, key="explore_views"):
        st.segmented_control(
            "Look at",
            list(VIEWS),
            format_func=VIEWS.__getitem__,
            key=follow("explore.view", now.view),
            required=True,
            label_visibility="collapsed",
            on_change=lambda: open_view(st.session_state["explore.view"]),
        )
        if now.view != "facts":
            show_split(now.split)


@st.fragment
def sections() -> None:
    """Which part is open, and that part; a click draws nothing else of the page."""
    with in_words():
        data = dataset()
        now = look(data)
        if not now.close:
            show_views(now)
        _SHOW[now.view](data, now)
