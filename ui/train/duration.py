"""The estimated duration of a training, in words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from math import ceil, floor

import streamlit as st

from fmnist_core.analysis.duration import MOST_RUNS, Estimate, RunSpeed, Span, estimate, run_speed
from fmnist_core.presets import PRESETS
from fmnist_core.presets.measured import FASTEST, MEASURED, SLOWEST
from fmnist_core.runs import RunStore
from fmnist_core.specs import RunSpec
from ui.formatting import duration
from ui.services import store

# A wider estimate is told as a range; two runs of one network differ as much.
_NARROW = 2.5


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


def measured_elsewhere(preset: str) -> Span:
    """The duration of a preset's training by what another computer took."""
    seconds = MEASURED[preset].seconds
    return Span(FASTEST * seconds, seconds, SLOWEST * seconds)


def first_estimate(spec: RunSpec) -> Estimate | None:
    """The estimate that a training begins with; of a preset also before anything was trained here.

    Without it, the first batches alone would say how long the rest takes.
    """
    preset = next((name for name, one in PRESETS.items() if one == spec), None)
    if (estimated := expected(spec)) is not None or preset is None:
        return estimated
    span, epochs = measured_elsewhere(preset), spec.training.epochs
    epoch = Span(span.low / epochs, span.mid / epochs, span.high / epochs)
    return Estimate(epoch, span, runs=0, same_configuration=False)


def training_time(spec: RunSpec) -> tuple[str, str]:
    """The estimated duration of a training, and how it was estimated.

    Returns:
        Such as ``"about 11 s"``, and sentences for a tooltip.
    """
    estimated = first_estimate(spec)
    if estimated is None or not estimated.runs:
        known = "Nothing like it was trained on this computer yet"
        unknown = "No run on this computer has ended yet"
        reason = known if measured() else unknown
        if estimated is None:
            return "no estimate yet", f"{reason}; the first one tells how long the next ones take."
        rough = f"roughly {range_text(estimated.training)}"
        return rough, f"{reason}; the range is from other computers."
    same = estimated.same_configuration
    runs = f"{estimated.runs} earlier run{'s' * (estimated.runs > 1)}"
    source = f"{runs} of {'the same network' if same else 'other networks'} on this computer"
    limits = f"nine of ten such trainings take {range_text(estimated.training)}"
    one_epoch = f" An epoch takes {estimate_text(estimated.epoch)}."
    return (
        estimate_text(estimated.training),
        f"Estimated from {source}: {limits}.{one_epoch * (spec.training.epochs > 1)}",
    )


def estimate_text(span: Span) -> str:
    """An estimate in words: ``"about 11 s"``, where it is unsure ``"25 to 120 s"``."""
    if span.high > _NARROW * span.low:
        return range_text(span)
    return f"about {time_text(span.mid)}"


def time_suffix(spec: RunSpec, count: int) -> str:
    """How long so many trainings take one after the other: ``", about 6 min"``, or nothing."""
    estimated = expected(spec)
    if estimated is None:
        return ""
    one = estimated.training
    return f", {estimate_text(Span(count * one.low, count * one.mid, count * one.high))}"


def range_text(span: Span) -> str:
    """Both ends of an estimate: ``"5 to 20 s"``, ``"25 s to 2 min"``, ``"1 to 3 h"``."""
    low, low_unit = _limit(span.low, floor)
    high, high_unit = _limit(span.high, ceil)
    if low_unit != high_unit:
        return f"{low} {low_unit} to {high} {high_unit}"
    return f"{low} to {max(high, low + 1)} {high_unit}"


def _limit(seconds: float, whole: Callable[[float], int]) -> tuple[int, str]:
    """A limit as a number of units, in steps of five where one more or less says nothing."""
    size, unit = (1, "s") if seconds < 90 else (60, "min") if seconds < 5400 else (3600, "h")
    step = 5 if seconds / size > 12 else 1
    return max(1, step * whole(seconds / size / step)), unit


def time_text(seconds: float) -> str:
    """Seconds rounded as an estimate deserves: ``"1 s"``, ``"80 s"``, ``"4 min"``, ``"1 h"``."""
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    if seconds < 87.5:
        return f"{5 * round(seconds / 5)} s"
    step = 60 if seconds < 3570 else 600
    return duration(step * max(round(seconds / step), 2 if step == 60 else 1))
