"""What trains now and how far it is: the bar on every page, and the words for it."""

from __future__ import annotations

import streamlit as st

from fmnist_core.runs import Run, RunEvents
from ui.context import engine, store
from ui.estimates import expected
from ui.navigation import page
from ui.words import duration, plain

BAR_SECONDS = 2.0
_ENGINE_START_SECONDS = 20


@st.fragment(run_every=BAR_SECONDS)
def training_bar(shown: str | None = None) -> None:
    """What trains now, a line for each; leads to the live views.

    Args:
        shown: the run that the page itself shows; it needs no line.
    """
    active = store().active()
    running = [run for run in active if run.state == "running"]
    waiting = len(active) - max(1, len(running))
    for number, run in enumerate(running or active[:1]):
        if run.id != shown:
            _line(run, waiting if number == 0 else 0)


def _line(run: Run, waiting: int) -> None:
    events = store().events(run.id)
    epochs = run.spec.training.epochs
    more = f" · {waiting} more waiting" if waiting else ""
    text, link = st.columns([5, 1], vertical_alignment="center")
    doing = progress_text(events, epochs) if run.state == "running" else waiting_text(run)
    text.progress(
        min(1.0, position(events) / epochs), text=f"**{plain(run.name)}** · {doing}{more}"
    )
    link.page_link(
        page("train"),
        label="Watch",
        icon=":material/monitoring:",
        query_params={"run": run.id},
    )


def waiting_text(run: Run) -> str:
    """Why a queued run does not train yet, and when it will."""
    state = engine().state()
    if state.state == "unavailable":
        return f"Waiting. {state.problem}"
    if state.state == "starting":
        return f"Starting the training engine, about {_ENGINE_START_SECONDS} seconds …"
    active = store().active()
    before = active[: next((n for n, each in enumerate(active) if each.id == run.id), 0)]
    if not before:
        return "Handing the pictures to the network …"
    seconds = [_seconds_left(each) for each in before]
    known = [value for value in seconds if value is not None]
    start = f", starts in about {duration(sum(known))}" if len(known) == len(seconds) else ""
    come = "training comes" if len(before) == 1 else "trainings come"
    return f"Waiting: {len(before)} {come} first{start}."


def _seconds_left(run: Run) -> float | None:
    if run.state == "running":
        left = seconds_left(store().events(run.id), run.spec.training.epochs)
        if left is not None:
            return left
    known = expected(run.spec)
    return known.training.mid if known else None


def progress_text(events: RunEvents, epochs: int) -> str:
    """What a running training does, and how long it will take."""
    if not events.batches:
        return f"{events.phase or 'Getting ready'} …"
    if len(events.epochs) >= epochs:
        return f"All {epochs} epochs are done. {events.phase} …"
    left = seconds_left(events, epochs)
    estimate = f", about {duration(left)} left" if left is not None else ""
    return f"Epoch {events.batches[-1].epoch} of {epochs}{estimate}"


def position(events: RunEvents) -> float:
    """Epochs done so far, with a fraction."""
    batch = events.batches[-1].position if events.batches else 0.0
    return max(batch, float(len(events.epochs)))


def seconds_left(events: RunEvents, epochs: int) -> float | None:
    """How long the remaining epochs take at the pace of the last two; ``None`` too early to say."""
    at = position(events)
    recent = [event for event in events.batches if event.position >= at - 2]
    if len(recent) < 3:
        return None
    first, last = recent[0], recent[-1]
    pace = (last.elapsed - first.elapsed) / max(1e-9, last.position - first.position)
    return pace * (epochs - at)
