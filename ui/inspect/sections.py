"""The inside of a run's network; follows a run that is training."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from fmnist_core import timeouts
from fmnist_core.runs import Run, RunNotFound
from ui.errors import show_errors
from ui.inspect.component import inside
from ui.inspect.excitation import Progress, excitation_progress
from ui.inspect.view_state import PIXELS, STATE
from ui.networks import NetworkAtEpoch, networks
from ui.services import dataset, store

# So many times as long as for a result of the engine.
_TRAINING_POLLS = 5


def show_inside(run: Run) -> None:
    """The component, drawn again by itself while something is still to come."""
    every = None
    if run.active:
        # An epoch takes seconds at least, and there may be many visitors.
        every = _TRAINING_POLLS * timeouts.TASK_POLL_SECONDS
    elif not excitation_progress(run).ended:
        every = timeouts.TASK_POLL_SECONDS
    st.fragment(_show, run_every=every)(run, networks(run), every is not None)


def _show(run: Run, kept: Sequence[NetworkAtEpoch], polls: bool) -> None:
    STATE.follow()
    with show_errors():
        if not PIXELS.value:
            # Without the dataset there is a sentence in place of its pictures.
            dataset()
        progress, is_deleted = Progress(), False
        try:
            run = store().get(run.id)
            kept = networks(run)
            progress = excitation_progress(run)
            if polls and not run.active and progress.ended:
                # Made anew, it waits for nothing.
                st.rerun()
        except RunNotFound:
            is_deleted = True
        if is_deleted:
            st.warning("This run was deleted meanwhile. What your browser has of it stays open.")
        inside(run, kept, progress, key="inside.view")
