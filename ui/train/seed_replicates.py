"""One click that trains a run again with other seeds, and how far these trainings are."""

from __future__ import annotations

import streamlit as st

from fmnist_core import timeouts
from fmnist_core.runs import Run
from fmnist_core.runs.seed_replicates import (
    active_replicates,
    is_repeatable,
    next_replicates,
    replicate_name,
    used_seeds,
)
from fmnist_core.specs import RunSpec
from ui.components.acts import in_order
from ui.errors import told_refusals
from ui.escape import plain
from ui.formatting import times_text
from ui.navigation import page
from ui.rights import actor, looking_on, may_change
from ui.services import engine, store
from ui.train.duration import time_suffix
from ui.training_bar import progress_text, waiting_text


def train_replicates_button(run: Run, count: int, key: str) -> None:
    """A button that trains seed replicates of a run; while some train, their progress instead.

    Args:
        run: with a result.
        count: how many more to train.
        key: of the button; what it holds differs from place to place.
    """
    if active_replicates(run, store().active()):
        show_active_replicates(run)
    elif not may_change():
        looking_on()
    elif not is_repeatable(run):
        st.caption(
            "Something was changed while this run trained, and another seed would not repeat "
            "that. Choose a run that was trained as planned."
        )
    else:
        st.button(
            f"Train it {times_text(count)} more with "
            f"{'other seeds' if count > 1 else 'another seed'}{time_suffix(run.spec, count)}",
            icon=":material/play_arrow:",
            key=f"{key}.{run.id}",
            on_click=in_order(start_replicates),
            args=(run, next_replicates(run, store().list(), count)),
        )


def start_replicates(run: Run, specs: list[RunSpec]) -> None:
    """Queue seed replicates of a run; a second click finds their seeds used and starts none."""
    with told_refusals():
        used = used_seeds(run, store().list())
        for spec in specs:
            if spec.training.seed not in used:
                engine().start(spec, name=replicate_name(run, spec), by=actor())


@st.fragment(run_every=timeouts.REPLICATES_SECONDS)
def show_active_replicates(run: Run) -> None:
    """How far the active seed replicates of a run are; draws the page anew when all have ended."""
    active = active_replicates(run, store().active())
    if not active:
        st.rerun()
    for replicate in active:
        with st.container(horizontal=True, vertical_alignment="center"):
            running = replicate.state == "running"
            progress = (
                progress_text(replicate, store().events(replicate.id))
                if running
                else waiting_text(replicate)
            )
            st.markdown(f"**{plain(replicate.name)}**: {plain(progress)}", width="content")
            st.page_link(page("train"), label="Watch", query_params={"run": replicate.id})
