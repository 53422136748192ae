"""Files to take away: tables, reports, curves for TensorBoard, scripts."""

from __future__ import annotations

from typing import NamedTuple

from fmnist_core.runs import Run, RunEvents


class RunWithEvents(NamedTuple):
    """A run with the events of its training."""

    run: Run
    events: RunEvents
