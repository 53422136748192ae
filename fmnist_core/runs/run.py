"""A run as pages show it, and the folder that makes no sense as one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

from fmnist_core.colors import RUN_COLORS
from fmnist_core.errors import FmnistError
from fmnist_core.runs.model import (
    ENDED,
    MODEL_FILE,
    PREDICTIONS_FILE,
    SETTLED,
    WEIGHTS_FILE,
    DisplayedState,
    RunRecord,
    RunUnreadable,
    Summary,
    UserRecord,
)
from fmnist_core.specs import RunSpec, training_size, validation_size


@dataclass(frozen=True)
class Run:
    """A run as pages display it; ``state`` accounts for a dead worker and a pending stop."""

    id: str
    path: Path
    state: DisplayedState
    name: str
    record: RunRecord
    reason: str | None = None
    user: UserRecord = field(default_factory=UserRecord)

    @property
    def spec(self) -> RunSpec:
        return self.record.spec

    @property
    def attempt(self) -> int:
        return self.record.attempt

    @property
    def created_at(self) -> datetime:
        return self.record.created_at

    @property
    def queued_at(self) -> datetime:
        return self.record.queued_at

    @property
    def summary(self) -> Summary | None:
        return self.record.summary

    @property
    def test_accuracy(self) -> float | None:
        """The final test accuracy, from 0 to 1; ``None`` without a result."""
        return self.summary.test_accuracy if self.summary else None

    @property
    def color(self) -> int:
        """Its colour for good, an index into ``RUN_COLORS``; by its id where it was given none."""
        color = self.record.color
        return (int(self.id, 16) if color is None else color) % len(RUN_COLORS)

    @property
    def active(self) -> bool:
        """Whether it waits or trains."""
        return self.state not in ENDED

    @property
    def settled(self) -> bool:
        """Whether its summary is final: the training does not go on, nor was it interrupted."""
        return self.state in SETTLED

    @property
    def has_predictions(self) -> bool:
        """Whether its training ended with predictions for all test images."""
        return self.summary is not None and self.state in ("done", "stopped")

    @property
    def predictions_digest(self) -> str:
        """The sha256 of its final predictions; empty before they are written."""
        return self.record.artifacts.get(PREDICTIONS_FILE, "")

    @property
    def network_problem(self) -> str | None:
        """Why its trained network cannot be opened, in words; ``None`` where it can."""
        if WEIGHTS_FILE in self.record.artifacts:
            return None
        if self.has_keras_model:
            return (
                "This run was trained with an earlier version, whose networks can no longer be "
                "opened. Its answers and curves are kept. Train it again to ask its network."
            )
        return "This run kept only its answers and not its network, so it cannot be asked."

    @property
    def network_digest(self) -> str:
        """The sha256 of its trained network's weights; empty without them."""
        return self.record.artifacts.get(WEIGHTS_FILE, "")

    @property
    def network_stamp(self) -> str:
        """The first 16 digits of ``network_digest``, which name a network in addresses and keys."""
        return self.network_digest[:16]

    @property
    def has_keras_model(self) -> bool:
        """Whether its network can be downloaded for plain Keras; an imported run's cannot."""
        return MODEL_FILE in self.record.artifacts

    @property
    def training_size(self) -> int:
        """How many images it trains on."""
        return training_size(self.spec.training)

    @property
    def validation_size(self) -> int:
        """How many images it keeps aside for validation."""
        return validation_size(self.spec.training)


@dataclass(frozen=True)
class DamagedRun:
    """A folder with the name of a run that makes no sense; ``reason`` says why, in a sentence."""

    id: str
    path: Path
    reason: str

    @property
    def name(self) -> str:
        return f"Damaged run {self.id[:6]}"

    @property
    def state(self) -> Literal["damaged"]:
        """What lists of all runs show and filter by."""
        return "damaged"


class RunDamaged(RunUnreadable):
    """The folder of a run makes no sense.

    Attributes:
        run: the damaged run, with the reason.
    """

    def __init__(self, run: DamagedRun) -> None:
        # Not one part cannot be read, but all of it.
        FmnistError.__init__(
            self, f"This run is damaged. {run.reason} Its folder is left as it is."
        )
        self.run = run
