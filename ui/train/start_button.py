"""One click that starts a training, in place of what only its run could show."""

from __future__ import annotations

import streamlit as st

from fmnist_core.presets import PRESETS
from fmnist_core.runs import new_run_id
from fmnist_core.specs import RunSpec
from ui.components.acts import in_order
from ui.errors import told_refusals
from ui.navigation import go_to
from ui.rights import actor, looking_on, may_change
from ui.services import engine
from ui.train.duration import training_time


def start_button(spec: RunSpec, words: str, key: str, name: str | None = None) -> None:
    """A button that starts a training and opens it; several clicks start one run.

    Args:
        spec: what to train.
        words: on the button, before how long it takes.
        key: of the button.
        name: of the run; by default its network's.
    """
    if not may_change():
        looking_on()
        return
    time, source = training_time(spec)
    st.button(
        f"{words}, {time}",
        icon=":material/play_arrow:",
        key=key,
        on_click=in_order(start_and_watch),
        help=source,
        args=(spec, name, key, st.session_state.setdefault(f"{key}.run_id", new_run_id())),
    )


def first_run_button(key: str) -> None:
    """One click to the first result, where there is none: it trains the simplest network.

    Args:
        key: of the button.
    """
    start_button(PRESETS["Simple network"], "Train a simple network", key)


def start_and_watch(spec: RunSpec, name: str | None, key: str, run_id: str) -> None:
    """Start a run with the id that its button was given, and open it."""
    with told_refusals():
        run = engine().start(spec, run_id, name, by=actor())
        # The next one is another run.
        st.session_state.pop(f"{key}.run_id", None)
        go_to("train", run=run.id)
