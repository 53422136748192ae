"""Compare: all runs in a table, and the chosen ones against each other."""

from __future__ import annotations

import streamlit as st

from ui.compare.run_actions import show_actions, show_undo
from ui.compare.run_table import (
    filter_runs,
    list_runs,
    readable_runs,
    run_table,
    selected_runs,
)
from ui.compare.sections import sections
from ui.compare.view_state import STATE
from ui.navigation import page
from ui.present.compare import scene
from ui.present.scene import present

STATE.begin()
present(STATE, scene)
st.title("Compare runs", anchor=False)
runs = list_runs()
show_undo()
if not runs:
    st.info("There is nothing to compare yet. Train a network, then another one.")
    st.page_link(page("train"), label="Train a network", icon=":material/play_arrow:")
    show_actions([])
    st.stop()

selected = selected_runs(runs)
visible = filter_runs(runs)
if visible:
    run_table(visible, selected)
else:
    st.info("No run fits the search. Change it to see the others.")
st.caption(
    f"{len(visible)} of {len(runs)} runs, {len(selected)} chosen. Tick runs to choose them. ± is "
    "the wider side of the 95 % interval of each run alone; whether two of them differ, **Two in "
    "depth** tells."
)
show_actions(selected)
if readable := readable_runs(selected):
    sections(readable)
else:
    st.info("Tick one run or more in the table to see their curves here.")
