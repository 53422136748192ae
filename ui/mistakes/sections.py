"""The parts of Mistakes; only the open one is computed and drawn."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from fmnist_core.runs import Run
from ui.address import follow, set_address
from ui.mistakes.classes import show_classes
from ui.mistakes.evidence import in_words
from ui.mistakes.look import VIEWS, view
from ui.mistakes.luck import show_luck
from ui.mistakes.remarks import show_verdicts
from ui.mistakes.sureness import show_sureness
from ui.mistakes.suspects import show_suspects
from ui.mistakes.workbench import show_workbench

_SHOW: dict[str, Callable[[Run], None]] = {
    "pictures": show_workbench,
    "classes": show_classes,
    "sure": show_sureness,
    "luck": show_luck,
    "suspects": show_suspects,
    "verdicts": show_verdicts,
}


@st.fragment
def sections(run: Run) -> None:
    """Which part is open, and that part; a click draws nothing else of the page."""
    now = view()
    st.segmented_control(
        "Look at",
        list(VIEWS),
        format_func=VIEWS.__getitem__,
        required=True,
        label_visibility="collapsed",
        key=follow("mistakes.view", now),
        on_change=change_view,
    )
    with in_words():
        _SHOW[now](run)


def change_view() -> None:
    """Remember in the address which part is open."""
    chosen = st.session_state["mistakes.view"]
    set_address(view=None if chosen == "pictures" else chosen, page=None, suspect=None)
