"""The training bar: what trains now and how far it is, in the header of every page."""

from __future__ import annotations

import streamlit as st

from fmnist_core.analysis.duration import Estimate, epochs_done, seconds_left
from fmnist_core.runs import Run, RunEvents
from fmnist_core.runs.identity import named
from fmnist_core.specs import RunSpec
from fmnist_core.text import for_html
from ui.formatting import duration
from ui.navigation import page
from ui.rights import may_change
from ui.services import engine_state, is_overdue, store
from ui.train.duration import expected, rounded
from ui.train.view_state import RUN, open_run

BAR_SECONDS = 2.0
_ENGINE_START_SECONDS = 20


@st.fragment(run_every=BAR_SECONDS)
def training_bar(on_train: bool = False) -> None:
    """What trains now and how many wait; leads to its live view. It takes no room on the page.

    Args:
        on_train: whether the page is the one that the line leads to; the run that is shown there
            needs no line.
    """
    shown = RUN.value if on_train else None
    active = store().active()
    running = [run for run in active if run.state == "running"]
    told = next((run for run in running or active[:1] if run.id != shown), None)
    # Also with nothing in it, so that what comes finds its place.
    with st.container(key="training"):
        if told is None:
            return
        others = [run for run in running if run.id not in (told.id, shown)]
        waiting = len(active) - max(1, len(running))
        _line(told, len(others), waiting)
        if on_train:
            # Streamlit's links to the page one is on leave the old address in the browser.
            watch = f"training.watch.{told.id}"
            if st.button("Watch", key=watch, type="tertiary", on_click=open_run, args=(told.id,)):
                st.rerun()
        else:
            st.page_link(page("train"), label="Watch", query_params={"run": told.id})


def _line(run: Run, others: int, waiting: int) -> None:
    events = store().events(run.id)
    epochs = run.spec.training.epochs
    runs = run.state == "running"
    share = min(1.0, epochs_done(events) / epochs) if runs else 0.0
    words = [progress_text(run, events) if runs else waiting_text(run)]
    words += [f"{others} more training"] * (others > 0) + [f"{waiting} more waiting"] * (
        waiting > 0
    )
    percent = f"{100 * share:.0f}"
    name = for_html(named(run))
    st.html(
        f'<div class="fm-training" style="--share: {percent}">'
        f'<span class="fm-ring" role="progressbar" aria-label="{name}" aria-valuemin="0" '
        f'aria-valuemax="100" aria-valuenow="{percent}"><i>{percent if runs else "…"}</i></span>'
        f'<span class="fm-training-words"><b>{name}</b>'
        f"<span>{for_html(' · '.join(words))}</span></span></div>"
    )


def waiting_text(run: Run) -> str:
    """Why a queued run does not train yet, and when it will."""
    state = engine_state()
    if state is not None and state.state == "unavailable":
        return f"Waiting. {state.problem}" if may_change() else "Waiting for the training engine."
    if state is None or state.state == "starting":
        return f"Starting the training engine, about {_ENGINE_START_SECONDS} seconds …"
    active = store().active()
    before = active[: next((n for n, each in enumerate(active) if each.id == run.id), 0)]
    if not before and is_overdue(run.id):
        return "Waiting, though its turn has come: the engine is being asked again."
    if not before:
        return "Handing the pictures to the network …"
    seconds = [_seconds_left(each) for each in before]
    known = [value for value in seconds if value is not None]
    start = (
        f", starts in about {duration(rounded(sum(known)))}" if len(known) == len(seconds) else ""
    )
    come = "training comes" if len(before) == 1 else "trainings come"
    return f"Waiting: {len(before)} {come} first{start}."


def _seconds_left(run: Run) -> float | None:
    """How long it will still take, also where it has trained before or is to stop earlier."""
    events, epochs = store().events(run.id), run.spec.training.epochs
    if store().control(run.id).stop_after_epoch:
        epochs = min(epochs, len(events.epochs) + 1)
    before = _at_its_start(run) if run.state == "running" else expected(run.spec)
    return seconds_left(events, epochs, before)


def progress_text(run: Run, events: RunEvents) -> str:
    """What a running training does, and how long it will take."""
    epochs = run.spec.training.epochs
    if len(events.epochs) >= epochs:
        return f"All {epochs} epochs are done. {events.phase} …"
    left = _seconds_left(run)
    most = "at most " if run.spec.training.early_stopping_patience else ""
    estimate = f", {most}about {duration(rounded(left))} left" if left is not None else ""
    if not events.batches:
        return f"{events.phase or 'Getting ready'} …{estimate}"
    if store().control(run.id).stop_after_epoch:
        return f"Epoch {events.batches[-1].epoch} of {epochs}, stops after it"
    return f"Epoch {events.batches[-1].epoch} of {epochs}{estimate}"


def _at_its_start(run: Run) -> Estimate | None:
    """What the form said of a training when it was started."""
    return _expected_then(run.id, run.attempt, run.spec)


# A resource, because it is looked up several times a second and nobody changes it.
@st.cache_resource(show_spinner=False, max_entries=256)
def _expected_then(run_id: str, attempt: int, _spec: RunSpec) -> Estimate | None:
    return expected(_spec)
