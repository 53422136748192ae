"""Mistakes: which test images a run misclassifies, and why."""

from __future__ import annotations

import streamlit as st

from fmnist_core.presets import PRESETS
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
from ui.train.start_button import start_button
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
            first_run_button()
        return None
    if not runs:
        st.info(
            "There are no mistakes to look at yet: no network was trained. A simple one shows its "
            "first mistakes after a few epochs."
        )
        first_run_button()
        return None
    labels = run_options(runs)
    # Another run's pages and epochs are others; what was selected can be compared.
    RUN.choose("Run", list(labels), words=labels, look="list")
    return next(run for run in runs if run.id == requested)


def first_run_button() -> None:
    """One click to the first mistakes: it trains the simplest network."""
    start_button(PRESETS["Simple network"], "Train a simple network", "mistakes.first_run")


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


with st.container(horizontal=True, vertical_alignment="center", key="mistakes_head"):
    st.title("Mistakes", anchor=False, width="content")
    run = choose_run()
if run is not None:
    # So that the first picture need not wait for TensorFlow to load.
    expect_tasks()
    sections(run)
