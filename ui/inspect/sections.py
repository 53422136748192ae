"""The inside of a run's network; follows a run that is training."""

from __future__ import annotations

import streamlit as st

from fmnist_core import timeouts
from fmnist_core.runs import Run
from ui.errors import show_errors
from ui.inspect.component import inside
from ui.inspect.excitation import excitation_progress
from ui.inspect.view_state import PIXELS, STATE
from ui.networks import networks
from ui.services import dataset, store


def show_inside(run: Run) -> None:
    """The component, drawn again by itself while something is still to come."""
    waits = run.active or not excitation_progress(run).ended
    st.fragment(_show, run_every=timeouts.TASK_POLL_SECONDS if waits else None)(run.id)


def _show(run_id: str) -> None:
    STATE.follow()
    with show_errors():
        run = store().get(run_id)
        if not PIXELS.value:
            # Without the dataset there is a sentence in place of the pictures.
            dataset()
        progress = excitation_progress(run)
        inside(run, networks(run), progress, key="inside.view")
