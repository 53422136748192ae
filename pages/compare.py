"""Compare: the chosen runs against each other."""

from __future__ import annotations

import streamlit as st

from ui.compare.run_actions import show_actions, show_undo
from ui.compare.run_table import list_runs, readable_runs, selected_runs, show_run_picker
from ui.compare.sections import sections
from ui.compare.view_state import STATE
from ui.navigation import page

STATE.begin()
runs = list_runs()
selected = selected_runs(runs)
with st.container(horizontal=True, vertical_alignment="center", key="compare_head"):
    st.title("Compare runs", anchor=False, width="stretch")
    show_actions(selected)
show_undo()
if not runs:
    st.info("There is nothing to compare yet. Train a network, then another one.")
    st.page_link(page("train"), label="Train a network", icon=":material/play_arrow:")
    st.stop()

show_run_picker(runs, selected)
if readable := readable_runs(selected):
    sections(readable)
else:
    st.info("Tick one run or more in the list to see their curves here.")
