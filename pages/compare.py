"""Compare: the chosen runs against each other."""

from __future__ import annotations

import streamlit as st

from ui.compare.run_actions import show_actions, show_undo
from ui.compare.run_table import list_runs, readable_runs, selected_runs, show_run_picker
from ui.compare.sections import sections
from ui.compare.view_state import STATE
from ui.present.compare import scene
from ui.present.scene import present
from ui.run_choice import nothing_yet

STATE.begin()
present(STATE, scene)
runs = list_runs()
selected = selected_runs(runs)
with st.container(horizontal=True, vertical_alignment="center", key="compare_head"):
    st.title("Compare runs", anchor=False, width="stretch")
    show_actions(selected)
show_undo()
if not runs:
    nothing_yet(
        "Nothing to compare yet",
        "Train a simple network first, then a better one, and see here what it gains.",
        "compare.first_run",
    )
    st.stop()

show_run_picker(runs, selected)
if readable := readable_runs(selected):
    sections(readable)
else:
    st.info("Tick one run or more in the list to see their curves here.")
