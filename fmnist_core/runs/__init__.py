"""The run folder: the only code that knows its file names."""

from fmnist_core.runs.events import BatchEvent, EpochEvent, RateEvent, RunEvents
from fmnist_core.runs.model import (
    ENDED,
    RunNotFound,
    RunsUnwritable,
    RunUnreadable,
    State,
    Summary,
    new_run_id,
)
from fmnist_core.runs.run import DamagedRun, Run, RunDamaged
from fmnist_core.runs.store import RunStore
from fmnist_core.runs.writer import Control, RunWriter, Superseded

__all__ = [
    "ENDED",
    "BatchEvent",
    "Control",
    "DamagedRun",
    "EpochEvent",
    "RateEvent",
    "Run",
    "RunDamaged",
    "RunEvents",
    "RunNotFound",
    "RunStore",
    "RunUnreadable",
    "RunWriter",
    "RunsUnwritable",
    "State",
    "Summary",
    "Superseded",
    "new_run_id",
]
