"""The training bar: what trains now and how far it is, in the header of every page."""

from __future__ import annotations

import time
from typing import NamedTuple

import streamlit as st

from fmnist_core import timeouts
from fmnist_core.analysis.duration import Estimate, epochs_done, seconds_left
from fmnist_core.runs import Run, RunEvents
from fmnist_core.runs.identity import name_with_badges
from fmnist_core.specs import RunSpec
from fmnist_core.text import for_html
from ui.base_path import under_base
from ui.components.live import live_part
from ui.navigation import go_to
from ui.rights import may_change
from ui.services import engine_state, is_overdue, store
from ui.train.duration import first_estimate, time_text
from ui.train.view_state import RUN, open_run

# The phase that lasts from the first epoch to the last.
_TRAINING = "Training"
# What happens in it until the first batches are told; like other phases, with what it means.
_FIRST_STEP = "Preparing the first step; it takes longer than all that follow"


def training_bar(on_train: bool = False) -> None:
    """The run that trains and how many wait, with a link to its live view; takes no room.

    Args:
        on_train: whether the page is the one that the line leads to; the run that is shown there
            needs no line.
    """
    # Also with nothing in it, so that what comes finds its place.
    page_run = (RUN.value or "") if on_train else ""
    ((topic, line),) = bar_parts(page_run, may_change()).items()
    with st.container(key="training"):
        live_part(
            topic,
            line,
            "training.bar",
            # On the page one is on, a link would leave the old address in the browser.
            on_act=open_run if on_train else lambda run_id: go_to("train", run=run_id),
            topic=topic,
        )


def bar_parts(page_run: str, may_change: bool) -> dict[str, str]:
    """The line in the header as HTML, by the name of its topic.

    Args:
        page_run: the id of the run that the page shows, which needs no line; empty for none.
        may_change: whether its readers may do more than look.
    """
    return {f"bar.{page_run}" if page_run else "bar": _line(page_run, may_change)}


def _line(page_run: str, may_change: bool) -> str:
    active = store().active()
    running = [run for run in active if run.state == "running"]
    run = next((run for run in running or active[:1] if run.id != page_run), None)
    if run is None:
        return ""
    other_running = len([one for one in running if one.id not in (run.id, page_run)])
    waiting = len(active) - max(1, len(running))
    is_running = run.state == "running"
    done = epochs_done(store().events(run.id)) if is_running else 0.0
    percent = f"{100 * min(1.0, done / run.spec.training.epochs):.0f}"
    parts = [activity_text(run, may_change)]
    parts += [f"{other_running} more training"] if other_running else []
    parts += [f"{waiting} more waiting"] if waiting > 0 else []
    ring_text = percent if is_running else "…"
    name = for_html(name_with_badges(run))
    return (
        f'<div class="fm-training" style="--share: {percent}">'
        f'<span class="fm-ring" role="progressbar" aria-label="{name}" aria-valuemin="0" '
        f'aria-valuemax="100" aria-valuenow="{percent}"><i>{ring_text}</i></span>'
        f'<span class="fm-training-words"><b>{name}</b>'
        f"<span>{for_html(' · '.join(parts))}</span></span>"
        f"{watch_link(run.id)}</div>"
    )


def watch_link(run_id: str) -> str:
    """A link to the live view of a run, as HTML, which tells its id when it is pressed."""
    address = f"{under_base('/train')}?run={run_id}"
    return f'<a class="fm-watch" href="{address}" data-act="{run_id}">Watch</a>'


class Activity(NamedTuple):
    """What an active run is doing: in a few words, and the rest of the sentence or another one."""

    headline: str
    detail: str = ""

    @property
    def text(self) -> str:
        """Both in one line."""
        if not self.detail:
            return self.headline
        return f"{self.headline}{'. ' if self.detail[0].isupper() else ', '}{self.detail}"


def activity_text(run: Run, may_change: bool) -> str:
    """How far an active run is, or why it waits.

    Args:
        run: trains, or waits for it.
        may_change: whether the reader may know of problems of the engine.
    """
    return activity(run, may_change).text


def activity(run: Run, may_change: bool) -> Activity:
    """The same in two parts; see ``activity_text``."""
    if run.state == "queued":
        return _waiting(run, may_change)
    return _progress(run, store().events(run.id))


def _waiting(run: Run, may_change: bool) -> Activity:
    """Why a queued run does not train yet, and when it will; the engine's problem to few."""
    state = engine_state()
    if state.state == "unavailable":
        if may_change and state.problem:
            return Activity("Waiting", state.problem)
        return Activity("Waiting for the training engine")
    if state.state == "starting":
        left = timeouts.ENGINE_START_SECONDS - _seconds_since("start", run.id, str(run.attempt))
        ready = f"is ready in about {time_text(left)}" if left > 0 else "takes longer than usual"
        return Activity("Starting TensorFlow", f"which does the training and {ready}")
    active = store().active()
    ahead = active[: next((n for n, queued in enumerate(active) if queued.id == run.id), 0)]
    if not ahead and is_overdue(run.id):
        return Activity("Waiting, though its turn has come", "and handed to the engine once more")
    if not ahead:
        return Activity("Its turn has come", "the training begins in a moment")
    seconds = [_seconds_left(queued) for queued in ahead]
    estimates = [value for value in seconds if value is not None]
    all_estimated = len(estimates) == len(seconds)
    come = "training comes" if len(ahead) == 1 else "trainings come"
    return Activity(
        f"Waiting: {len(ahead)} {come} first",
        f"starts in about {time_text(sum(estimates))}" if all_estimated else "",
    )


def _seconds_left(run: Run) -> float | None:
    """How long a run will still take, also where it has trained before or is to stop earlier.

    Of one that trains it goes down by the second, also while the training says nothing.
    """
    events, epochs = store().events(run.id), run.spec.training.epochs
    if store().control(run.id).stop_after_epoch:
        epochs = min(epochs, len(events.epochs) + 1)
    estimate = _estimate_at_start(run) if run.state == "running" else first_estimate(run.spec)
    left = seconds_left(events, epochs, estimate)
    if left is None or run.state != "running":
        return left
    said = f"{len(events.batches)} {len(events.epochs)}"
    return max(0.0, left - _seconds_since("report", run.id, f"{run.attempt} {said}"))


def _seconds_since(*moment: str) -> float:
    """Seconds since somebody first asked for this moment.

    By this computer's own clock: the times in a training's reports may be another computer's.
    """
    return time.monotonic() - _first_time(*moment)


# A resource, because all visitors share the moment.
@st.cache_resource(show_spinner=False, max_entries=256)
def _first_time(*moment: str) -> float:
    return time.monotonic()


def _progress(run: Run, events: RunEvents) -> Activity:
    """The progress of a running training, and how long it will still take."""
    epochs = run.spec.training.epochs
    if len(events.epochs) >= epochs:
        # The last phase is told until the next one begins.
        phase = "Finishing" if events.phase in ("", _TRAINING) else events.phase
        return Activity(f"All {epochs} epochs are done", f"{phase} …")
    remaining = _seconds_left(run)
    most = "at most " if run.spec.training.early_stopping_patience else ""
    estimate = f"{most}about {time_text(remaining)} left" if remaining is not None else ""
    if not events.batches:
        phase = _FIRST_STEP if events.phase == _TRAINING else events.phase or "Getting ready"
        headline, _, detail = phase.partition("; ")
        return Activity(headline, ", ".join(filter(None, (detail, estimate))))
    headline = f"Epoch {events.batches[-1].epoch} of {epochs}"
    if store().control(run.id).stop_after_epoch:
        return Activity(headline, "stops after it")
    return Activity(headline, estimate)


def _estimate_at_start(run: Run) -> Estimate | None:
    """The estimated duration that the form gave when a training was started."""
    return _cached_estimate(run.id, run.attempt, run.spec)


# A resource, because it is looked up several times a second and nobody changes it.
@st.cache_resource(show_spinner=False, max_entries=256)
def _cached_estimate(run_id: str, attempt: int, _spec: RunSpec) -> Estimate | None:
    return first_estimate(_spec)
