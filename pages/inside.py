"""Look inside: the way of an image through a network, layer by layer."""

from __future__ import annotations

import streamlit as st

from ui.inspect.runs import missing_reason, openable_runs
from ui.inspect.sections import show_inside
from ui.inspect.view_state import IMAGE, PIXELS, RUN, STATE
from ui.present.inside import scene
from ui.present.scene import present
from ui.run_choice import RunChoice, choose_run
from ui.services import expect_tasks
from ui.url_state import Change

CHOICE = RunChoice(
    RUN,
    lacks="no network to look into",
    why=missing_reason,
    instead="Look into the newest run instead",
    empty="No network to look into yet",
    explanation="Train one first: the simplest takes a few seconds. Then you see here what each of "
    "its neurons looks for, and every number on the way from a picture to the answer.",
)


def default_parameters() -> list[Change]:
    """Parameters that complete the address: the newest run, and the first picture."""
    changes = [RUN.to(runs[0].id)] if runs and RUN.value is None else []
    if runs and IMAGE.value is None and not PIXELS.value:
        changes.append(IMAGE.to(0))
    return changes


runs = openable_runs()
STATE.begin(default_parameters)
present(STATE, scene)
head = st.container(horizontal=True, vertical_alignment="center", key="inside_head")
head.title("Look inside", anchor=False, width="content")
run = choose_run(head, runs, CHOICE)
if run is not None:
    # So that the most exciting pictures need not wait for TensorFlow to load.
    expect_tasks()
    show_inside(run)
