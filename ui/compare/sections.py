"""The parts of Compare; only the open one is computed and drawn."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from fmnist_core.runs import Run
from ui.address import set_address
from ui.compare.curves import show_costs, show_curves, show_settings
from ui.compare.pair import show_pair
from ui.compare.seeds import show_seeds, show_together

VIEWS: dict[str, tuple[str, Callable[[list[Run]], None]]] = {
    "curves": ("Curves", show_curves),
    "settings": ("Configuration", show_settings),
    "costs": ("Accuracy and cost", show_costs),
    "pair": ("Two in depth", show_pair),
    "seeds": ("Luck", show_seeds),
    "together": ("Together", show_together),
}


@st.fragment
def sections(chosen: list[Run]) -> None:
    """Which part is open, and that part; a click draws nothing else of the page."""
    asked = st.query_params.get("view", "")
    now = asked if asked in VIEWS else "curves"
    if st.session_state.get("compare.view") != now:
        st.session_state["compare.view"] = now
    st.segmented_control(
        "Look at",
        list(VIEWS),
        format_func=lambda view: VIEWS[view][0],
        required=True,
        label_visibility="collapsed",
        key="compare.view",
        on_change=_change,
    )
    VIEWS[now][1](chosen)


def _change() -> None:
    view = st.session_state["compare.view"]
    set_address(view=None if view == "curves" else view, page=None)
