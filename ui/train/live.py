"""The live view of a training: progress, curves, what an epoch changed, stop and resume.

Drawn once; what changes while the run trains comes by the live channel (``ui/live``).
"""

from __future__ import annotations

import math

import streamlit as st

from fmnist_core.dataset import TEST_SIZE
from fmnist_core.figures.theme import themed_json
from fmnist_core.figures.training import Quantity, learning_curve
from fmnist_core.permissions import Actor
from fmnist_core.runs import Run, RunDamaged, RunEvents, RunNotFound
from fmnist_core.runs.model import is_run_id
from ui.components.live import live_chart, live_part, live_run
from ui.errors import carry_out
from ui.rights import may_change
from ui.services import engine, store
from ui.theme import is_dark
from ui.train.epoch_changes import open_image, show_epoch_changes
from ui.train.first_layer import show_first_layer
from ui.train.live_parts import announcement, missing_parts, page_key, run_parts
from ui.train.next_steps import next_steps
from ui.train.probes import show_probes
from ui.train.result import PICTURE
from ui.train.view_state import RUN, STATE

_RATE = "rate "


def live_view(run_id: str) -> None:
    """The live view of a run, whatever its state."""
    # A fragment, so that an act draws this part of the page alone.
    st.fragment(_draw)(run_id)


def follow_missing(run_id: str) -> None:
    """Let the page be drawn again once a run is there; its folder may be out of reach for now."""
    if is_run_id(run_id):
        live_run(run_id, 0, missing_parts()["page"], "", on_change=lambda _: None)


def _draw(run_id: str) -> None:
    STATE.follow()
    if run_id != RUN.value:
        # The visitor has gone on to the form.
        st.rerun()
    try:
        run = store().get(run_id)
    except (RunNotFound, RunDamaged):
        # Deleted or damaged while it was watched: the page says so, with its title and a way on.
        st.rerun()
    events = store().events(run.id)
    parts = run_parts(run, events, may_change())
    live_run(run.id, events.end, page_key(run), announcement(run, events), on_change=lambda _: None)
    with st.container(key="live_head"):
        _part("head", parts, run)
    with st.container(key="live_now"):
        status, ways = st.columns([3, 2], gap="large")
        with status, st.container(key="live_status"):
            _part("status", parts, run)
        with ways, st.container(key="live_ways"):
            # Each in a place of its own, and both in the same: while one goes and the other comes
            # they are together for a moment, and must not push each other.
            with st.container(key="live_rate"):
                _part("rate", parts, run)
            with st.container(key="live_ways_on"):
                if not run.active:
                    next_steps(run)
    with st.container(key="live_show"):
        with st.container(key="live_figures"):
            _part("figures", parts, run)
        left, right = st.columns(2, gap="medium")
    if _was_not_watched(run, events):
        accuracy, loss = left, right
    else:
        with left, st.container(key="live_probes"):
            show_probes(run, events)
        accuracy = right
        left, loss = st.columns(2, gap="medium")
        with left, st.container(key="live_first_layer"):
            show_first_layer(run, events)
    with accuracy, st.container(key="live_accuracy"):
        _curve(run, events, "accuracy", "Accuracy over the epochs")
    with loss, st.container(key="live_loss"):
        _curve(run, events, "loss", "Loss over the epochs")
    st.caption(
        "Training curves: *while training* is Keras's running mean during the epoch, with dropout "
        "at work; validation and test are measured after each epoch. The 10,000 test pictures are "
        "never trained on."
    )
    show_epoch_changes(run, events)


def _was_not_watched(run: Run, events: RunEvents) -> bool:
    """Whether a run kept neither answers nor first layers, as those of an earlier version did."""
    return bool(not run.active and events.epochs and not events.probe and not events.first_layers)


def _part(name: str, parts: dict[str, str], run: Run) -> None:
    live_part(name, parts[name], f"live.{name}.{run.id}", lambda act: _carry_out(run.id, act))


def _curve(run: Run, events: RunEvents, quantity: Quantity, label: str) -> None:
    figure = curve(run, events, quantity)
    live_chart(figure, events.end, f"live.{quantity}.{run.id}", 0, label)


def curve(run: Run, events: RunEvents, quantity: Quantity) -> str:
    """A learning curve as Plotly JSON; drawn once for all who come at the same time."""
    plan = run.spec.training
    validates = plan.validation_share > 0
    return _drawn(run.id, events.end, plan.epochs, validates, quantity, is_dark(), events)


@st.cache_resource(show_spinner=False, max_entries=64)
def _drawn(
    run_id: str,
    end: int,
    epochs: int,
    validates: bool,
    quantity: Quantity,
    dark: bool,
    _events: RunEvents,
) -> str:
    return themed_json(learning_curve(_events, epochs, quantity, dark, validates), dark)


def _carry_out(run_id: str, act: str) -> None:
    """Do what a button of the live view says; nothing for what none of them would say."""
    index = act.removeprefix(PICTURE)
    if index != act and index.isascii() and index.isdigit() and int(index) < TEST_SIZE:
        open_image(run_id, int(index))
        return

    def do(by: Actor) -> None:
        if act in ("stop", "stop_after_epoch"):
            engine().stop(run_id, act == "stop_after_epoch", by=by)
        elif act == "resume":
            engine().resume(run_id, by=by)
        elif (multiplier := _multiplier(act)) is not None:
            store().set_multiplier(run_id, multiplier, by=by)

    carry_out(do)


def _multiplier(act: str) -> float | None:
    try:
        multiplier = float(act.removeprefix(_RATE)) if act.startswith(_RATE) else math.nan
    except ValueError:
        return None
    return multiplier if math.isfinite(multiplier) else None
