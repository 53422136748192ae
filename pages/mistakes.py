"""Mistakes: which test images a run misclassifies, and why."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from fmnist_core.runs import Run, RunDamaged, RunNotFound
from ui.cache import run_options
from ui.components.acts import in_order
from ui.errors import show_error
from ui.escape import plain
from ui.mistakes.other_runs import runs_with_predictions
from ui.mistakes.sections import sections
from ui.mistakes.view_state import EPOCH, PAGE, RUN, STATE
from ui.navigation import page
from ui.present.mistakes import scene
from ui.present.scene import present
from ui.services import expect_tasks, store
from ui.train.start_button import first_run_button
from ui.url_state import Change


def default_parameters() -> list[Change]:
    """Parameters that complete the address: the newest run that has predictions."""
    if not runs or RUN.value is not None:
        return []
    # What else the address says stays.
    return [RUN.to(runs[0].id), PAGE.to(PAGE.value), EPOCH.to(EPOCH.value)]


def choose_run(place: DeltaGenerator) -> Run | None:
    """The choice of a run: the one in the address, or what there is instead.

    Args:
        place: where the choice is shown; what is said in its place comes below the title.
    """
    requested = RUN.value
    if requested is not None and requested not in {run.id for run in runs}:
        show_missing(requested)
        if runs:
            st.button(
                "Look at the newest run instead",
                icon=":material/image_search:",
                type="tertiary",
                on_click=in_order(RUN.set),
                args=(runs[0].id,),
            )
        else:
            first_run_button("mistakes.first_run")
        return None
    if not runs:
        with st.container(border=True):
            st.subheader("No mistakes yet", anchor=False)
            st.markdown(
                "No network was trained that could make any. The simplest one gets about one "
                "picture in eight wrong, and here you see which, and why."
            )
            first_run_button("mistakes.first_run")
        return None
    labels = run_options(runs)
    # Another run's pages and epochs are others; what was selected can be compared.
    with place:
        RUN.choose("Run", list(labels), words=labels, look="list")
    return next(run for run in runs if run.id == requested)


def show_missing(run_id: str) -> None:
    """Why there is nothing to look at: the run of the address has no predictions, or is none."""
    is_active = False
    try:
        run = store().get(run_id)
        name, reason, is_active = run.name, missing_reason(run), run.active
    except RunDamaged as error:
        name, reason = error.run.name, error.run.reason
    except RunNotFound as error:
        show_error(error, icon=":material/search_off:")
        return
    st.info(f"**{plain(name)}** has no predictions to look at. {plain(reason)}")
    if is_active:
        st.page_link(page("train"), label="Watch it train", query_params={"run": run_id})


def missing_reason(run: Run) -> str:
    """Why a run has no predictions, in a sentence."""
    if run.state == "stopped" and run.summary is None:
        return run.reason or "It was stopped before its first epoch ended."
    if run.active:
        return "Wait until its training has ended."
    return run.reason or ""


runs = runs_with_predictions()
STATE.begin(default_parameters)
present(STATE, scene)
head = st.container(horizontal=True, vertical_alignment="center", key="mistakes_head")
head.title("Mistakes", anchor=False, width="content")
run = choose_run(head)
if run is not None:
    # So that the first picture need not wait for TensorFlow to load.
    expect_tasks()
    sections(run)
