"""Mistakes: which test images a run misclassifies, and why."""

from __future__ import annotations

import streamlit as st

from fmnist_core.runs import Run
from ui.mistakes.other_runs import runs_with_predictions
from ui.mistakes.sections import sections
from ui.mistakes.view_state import EPOCH, PAGE, RUN, STATE
from ui.present.mistakes import scene
from ui.present.scene import present
from ui.run_choice import RunChoice, choose_run
from ui.services import expect_tasks
from ui.url_state import Change


def default_parameters() -> list[Change]:
    """Parameters that complete the address: the newest run that has predictions."""
    if not runs or RUN.value is not None:
        return []
    # What else the address says stays.
    return [RUN.to(runs[0].id), PAGE.to(PAGE.value), EPOCH.to(EPOCH.value)]


def missing_reason(run: Run) -> str:
    """Why a run has no predictions, in a sentence."""
    if run.state == "stopped" and run.summary is None:
        return run.reason or "It was stopped before its first epoch ended."
    if run.active:
        return "Wait until its training has ended."
    return run.reason or ""


# Another run's pages and epochs are others; what was selected can be compared.
CHOICE = RunChoice(
    RUN,
    lacks="no predictions to look at",
    why=missing_reason,
    instead="Look at the newest run instead",
    empty="No mistakes yet",
    explanation="No network was trained that could make any. The simplest one gets about one "
    "picture in eight wrong, and here you see which, and why.",
)

runs = runs_with_predictions()
STATE.begin(default_parameters)
present(STATE, scene)
head = st.container(horizontal=True, vertical_alignment="center", key="mistakes_head")
head.title("Mistakes", anchor=False, width="content")
run = choose_run(head, runs, CHOICE)
if run is not None:
    # So that the first picture need not wait for TensorFlow to load.
    expect_tasks()
    sections(run)
