"""The parts of Compare; only the open one is computed and drawn."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from fmnist_core.runs import Run
from ui.compare.curves import show_costs, show_curves, show_settings
from ui.compare.pair import show_pair
from ui.compare.seeds import show_seeds
from ui.compare.together import show_ensemble
from ui.compare.view_state import STATE, VIEW, VIEWS
from ui.parts import part

_SHOW: dict[str, Callable[[list[Run]], None]] = {
    "curves": show_curves,
    "settings": show_settings,
    "costs": show_costs,
    "pair": show_pair,
    "seeds": show_seeds,
    "together": show_ensemble,
}


@st.fragment
def sections(selected: list[Run]) -> None:
    """The choice of a view and the open view; a click redraws nothing else of the page."""
    STATE.follow()
    VIEW.choose("Look at", tuple(VIEWS), words=VIEWS)
    with part(f"compare.{VIEW.value}"):
        _SHOW[VIEW.value](selected)
