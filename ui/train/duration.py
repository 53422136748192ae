"""The estimated duration of a training, in words for the form."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from fmnist_core.analysis.duration import MOST_RUNS, Estimate, RunSpeed, Span, estimate, run_speed
from fmnist_core.runs import RunStore
from fmnist_core.specs import RunSpec
from ui.formatting import duration
from ui.services import store


@st.cache_data(show_spinner=False, max_entries=4 * MOST_RUNS)
def _measured(run_id: str, attempt: int, finished_at: datetime | None) -> RunSpeed | None:
    """A run that has ended does not change until its next attempt."""
    # A store of its own: what it reads, thousands of events a run, is forgotten at once.
    uncached = RunStore(store().root)
    return run_speed(uncached.get(run_id), uncached.events(run_id))


def measured() -> list[RunSpeed]:
    """The measured speeds of the newest ended runs, newest first."""
    ended = [run for run in store().list() if not run.active]
    measurements = (
        _measured(run.id, run.attempt, run.record.finished_at) for run in ended[:MOST_RUNS]
    )
    return [speed for speed in measurements if speed is not None]


def expected(spec: RunSpec) -> Estimate | None:
    """The estimated duration of a training on this machine; ``None`` where nothing is known."""
    return estimate(spec, measured())


def time_lines(spec: RunSpec) -> list[str]:
    """The estimated durations of an epoch and of the whole training, as HTML lines."""
    estimated, epochs = expected(spec), spec.training.epochs
    if estimated is None:
        reason = "nothing like it was trained here" if measured() else "the first run will tell"
        return [f"No estimate yet: {reason}"]
    runs = f"{estimated.runs} earlier run{'s' * (estimated.runs > 1)}"
    learned = f"learned from {runs}{' of the same network' if estimated.same_configuration else ''}"
    lines = [f"{_about(estimated.epoch)} an epoch, {_limits(estimated.epoch)}, {learned}"]
    if epochs > 1:
        most = "at most " if spec.training.early_stopping_patience else ""
        lines.append(f"{_about(estimated.training)} for {most}{epochs} epochs")
    return lines


def _about(span: Span) -> str:
    """``"about 12 s"``."""
    return f"<strong>about {duration(rounded(span.mid))}</strong>"


def _limits(span: Span) -> str:
    """``"between 9 and 16 s"``."""
    low, high = duration(rounded(span.low)), duration(rounded(span.high))
    if low == high:
        return f"most likely {low}"
    low_number, unit = low.split(maxsplit=1)
    # One unit is enough where both have the same.
    return f"between {low_number if high.split(maxsplit=1)[1] == unit else low} and {high}"


def rounded(seconds: float) -> float:
    """Seconds rounded as an estimate deserves: two digits, and no fraction of a second."""
    if seconds < 1:
        return 1.0
    step = 1 if seconds < 60 else 10 if seconds < 600 else 60
    return step * round(seconds / step)
