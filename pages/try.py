"""Try your own: draw or change an image, and see what networks say of it."""

from __future__ import annotations

import streamlit as st

from ui.inspect.runs import openable_runs
from ui.present.scene import present
from ui.present.try_own import scene
from ui.run_choice import nothing_yet
from ui.try_own.sections import chosen_runs, missing_sentence, show, show_choice
from ui.try_own.view_state import STATE

STATE.begin()
present(STATE, scene)
runs = openable_runs()
head = st.container(horizontal=True, vertical_alignment="center", key="try_head")
head.title("Try your own", anchor=False, width="content")
if runs:
    chosen = chosen_runs(runs)
    with head:
        show_choice(runs, chosen)
    if missing := missing_sentence(runs):
        st.info(missing, icon=":material/search_off:")
    show(chosen)
else:
    nothing_yet(
        "No network to try yet",
        "Draw a shoe, or take a photo of yours, and a network says what it is: here, in your "
        "browser. It takes one that has learned.",
        "try.first_run",
    )
