"""The estimated duration of a training, in words."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from fmnist_core.analysis.duration import MOST_RUNS, Estimate, RunSpeed, Span, estimate, run_speed
from fmnist_core.runs import RunStore
from fmnist_core.specs import RunSpec
from ui.formatting import duration
from ui.services import store

# Limits that are further apart than this are said; two runs of one network differ as much.
_SURE = 2.5


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


def training_time(spec: RunSpec) -> tuple[str, str]:
    """The estimated duration of a training, and how it was estimated.

    Returns:
        Such as ``"about 11 s for 5 epochs"``, and sentences for a tooltip.
    """
    estimated, epochs = expected(spec), spec.training.epochs
    if estimated is None:
        known = "Nothing like it was trained on this computer yet"
        unknown = "No run on this computer has ended yet"
        reason = known if measured() else unknown
        return "no estimate yet", f"{reason}; the first one tells how long the next ones take."
    stops_early = bool(spec.training.early_stopping_patience)
    plan = f"{'at most ' * stops_early}{epochs} epoch{'s' * (epochs > 1)}"
    same = estimated.same_configuration
    runs = f"{estimated.runs} earlier run{'s' * (estimated.runs > 1)}"
    source = f"{runs} of {'the same network' if same else 'other networks'} on this computer"
    span = estimated.training
    low, high = time_text(_coarse(span.low)), time_text(_coarse(span.high))
    limits = f"nine of ten trainings take {low} to {high}" if low != high else f"most likely {low}"
    one_epoch = f" An epoch takes {estimate_text(estimated.epoch)}." if epochs > 1 else ""
    return (
        f"{estimate_text(span)} for {plan}",
        f"Estimated from {source}: {limits}.{one_epoch}",
    )


def estimate_text(span: Span) -> str:
    """An estimate in words: ``"about 11 s"``, where it is unsure ``"25 s to 2 min"``."""
    low, high = time_text(_coarse(span.low)), time_text(_coarse(span.high))
    if span.high <= _SURE * span.low or low == high:
        return f"about {time_text(span.mid)}"
    low_number, unit = low.split(maxsplit=1)
    # One unit is enough where both have the same.
    return f"{low_number if high.split(maxsplit=1)[1] == unit else low} to {high}"


def _coarse(seconds: float) -> float:
    """A limit, which is less certain than the middle."""
    return 5 * round(seconds / 5) if seconds >= 17.5 else seconds


def time_text(seconds: float) -> str:
    """Seconds rounded as an estimate deserves: ``"1 s"``, ``"80 s"``, ``"4 min"``, ``"1 h"``."""
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    if seconds < 87.5:
        return f"{5 * round(seconds / 5)} s"
    step = 60 if seconds < 3570 else 600
    return duration(step * max(round(seconds / step), 2 if step == 60 else 1))
