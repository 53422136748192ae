"""Compare: all runs in a table, and the chosen ones against each other."""

from __future__ import annotations

import streamlit as st

from ui.compare.choice import all_runs, chosen_runs, image_filter, run_table
from ui.compare.manage import manage, show_deleted
from ui.compare.sections import sections
from ui.compare.view_state import STATE
from ui.navigation import page

STATE.begin()
st.title("Compare runs", anchor=False)
runs = all_runs()
show_deleted()
if not runs:
    st.info("There is nothing to compare yet. Train a network, then another one.")
    st.page_link(page("train"), label="Train a network", icon=":material/play_arrow:")
    manage([])
    st.stop()

chosen = chosen_runs(runs)
shown = image_filter(runs)
if shown:
    run_table(shown, chosen)
else:
    st.info("No run fits the search. Change it to see the others.")
st.caption(
    f"{len(shown)} of {len(runs)} runs, {len(chosen)} chosen. Tick runs to choose them. ± is the "
    "wider side of the 95 % interval of each run alone; whether two of them differ, **Two in "
    "depth** tells."
)
manage(chosen)
if any(run.record is not None for run in chosen):
    sections(chosen)
else:
    st.info("Tick one run or more in the table to see their curves here.")
