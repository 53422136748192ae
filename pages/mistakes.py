"""Mistakes: which test images a run misclassifies, and why."""

from __future__ import annotations

import streamlit as st

from fmnist_core.runs import Run, RunDamaged, RunNotFound
from ui.cache import run_options
from ui.components.acts import in_order
from ui.errors import show_error
from ui.escape import plain
from ui.mistakes.other_runs import runs_with_predictions
from ui.mistakes.sections import sections
from ui.mistakes.view_state import EPOCH, PAGE, RUN, STATE
from ui.navigation import page
from ui.services import expect_tasks, store
from ui.url_state import Change


def choose_run() -> Run | None:
    """The choice of a run: the one in the address, or the newest that has predictions."""
    runs = runs_with_predictions()

    def default_parameters() -> list[Change]:
        if not runs or RUN.value is not None:
            return []
        # What else the address says stays.
        return [RUN.to(runs[0].id), PAGE.to(PAGE.value), EPOCH.to(EPOCH.value)]

    STATE.begin(default_parameters)
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
            st.page_link(page("train"), label="Train a network")
        return None
    if not runs:
        st.info("There are no mistakes yet, because no network was trained to look at.")
        st.page_link(page("train"), label="Train a network", icon=":material/play_arrow:")
        return None
    labels = run_options(runs)
    # Another run's pages and epochs are others; what was selected can be compared.
    RUN.choose("Run", list(labels), words=labels, look="list", show_label=True)
    return next(run for run in runs if run.id == requested)


def show_missing(run_id: str) -> None:
    """Why there is nothing to look at: the run of the address has no predictions, or is none."""
    try:
        run = store().get(run_id)
        name, reason = run.name, missing_reason(run)
    except RunDamaged as error:
        name, reason = error.run.name, error.run.reason
    except RunNotFound as error:
        show_error(error, icon=":material/search_off:")
        return
    st.info(f"**{plain(name)}** has no predictions to look at. {plain(reason)}")


def missing_reason(run: Run) -> str:
    """Why a run has no predictions, in a sentence."""
    if run.state == "stopped" and run.summary is None:
        return run.reason or "It was stopped before its first epoch ended."
    if run.active:
        return "Wait until its training has ended."
    return run.reason or ""


st.title("Where it goes wrong", anchor=False)
run = choose_run()
if run is not None:
    # So that the first picture need not wait for TensorFlow to load.
    expect_tasks()
    sections(run)
