"""The parts of Mistakes; only the open one is computed and drawn."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from fmnist_core.runs import Run
from ui.errors import show_errors
from ui.mistakes.annotations import show_annotations
from ui.mistakes.calibration import show_calibration
from ui.mistakes.classes import show_classes
from ui.mistakes.label_errors import show_label_errors
from ui.mistakes.matrix_view import show_matrix_view
from ui.mistakes.seeds import show_seeds
from ui.mistakes.view_state import STATE, VIEW, VIEWS
from ui.parts import part

_SHOW: dict[str, Callable[[Run], None]] = {
    "pictures": show_matrix_view,
    "classes": show_classes,
    "sure": show_calibration,
    "luck": show_seeds,
    "suspects": show_label_errors,
    "verdicts": show_annotations,
}


@st.fragment
def sections(run: Run) -> None:
    """The choice of a view and the open view; a click redraws nothing else of the page."""
    STATE.follow()
    VIEW.choose("Look at", tuple(VIEWS), words=VIEWS)
    with st.container(key="mistakes_view"), part(f"mistakes.{VIEW.value}"), show_errors():
        _SHOW[VIEW.value](run)
