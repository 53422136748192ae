"""What a run is, on disk and to the rest of the program."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from fmnist_core.errors import FmnistError
from fmnist_core.specs import RunSpec
from fmnist_core.text import cleaned, cleaned_values, one_line

State = Literal["queued", "running", "done", "stopped", "failed", "diverged"]
ShownState = State | Literal["interrupted", "damaged"]
# What stands in its summary is what the run is.
SETTLED: frozenset[str] = frozenset({"done", "stopped", "failed", "diverged"})
ENDED: frozenset[str] = SETTLED | {"interrupted", "damaged"}
_ID = re.compile(r"[0-9a-f]{32}")

RUN_FILE = "run.json"
USER_FILE = "user.json"
CONTROL_FILE = "control.json"
METRICS_FILE = "metrics.jsonl"
HEARTBEAT_FILE = "heartbeat"
PREDICTIONS_FILE = "predictions.npz"
PENDING_FILE = "pending.json"
CHECKPOINT_FILE = "checkpoint.keras"
MODEL_FILE = "model.keras"
LOGITS_FILE = "logits.npz"
EPOCHS_FOLDER = "epochs"
SHARED_FOLDER = ".shared"
MAX_NAME, MAX_TAG, MAX_TAGS, MAX_NOTES = 80, 24, 12, 4_000


class RunNotFound(FmnistError):
    """There is no run of that id."""

    def __init__(self) -> None:
        super().__init__("This run does not exist. It may have been deleted.")


class RunUnreadable(FmnistError):
    """A file of a run is missing, or is not what the run wrote."""

    def __init__(self, what: str) -> None:
        super().__init__(f"This run's {what} cannot be read: the file is missing or was changed.")


class RunsUnwritable(FmnistError):
    """The runs folder takes no new run."""


def new_run_id() -> str:
    """A fresh id: 32 lowercase hexadecimal digits."""
    return uuid.uuid4().hex


def epoch_file(folder: Path, epoch: int) -> Path:
    """Where a run keeps its predictions after an epoch (from 1)."""
    return folder / EPOCHS_FOLDER / f"{epoch:04d}.npz"


def is_run_id(text: str) -> bool:
    """Whether a text has the form of a run's id."""
    return _ID.fullmatch(text) is not None


class Summary(BaseModel):
    """What a run reached. Accuracies are shares between 0 and 1, losses mean cross-entropies.

    ``train_accuracy`` is measured after the training, in inference mode, on the pictures trained
    on and their labels as they were given; where some of these were made wrong on purpose,
    ``train_accuracy_true`` is measured on the dataset's own. ``None`` stands for a figure that was
    not measured, such as validation without a share.
    """

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    epochs: int
    parameters: int
    seconds: float
    train_pictures: int
    validation_pictures: int
    best_epoch: int | None = None
    train_accuracy: float | None = None
    train_accuracy_true: float | None = None
    train_loss: float | None = None
    validation_accuracy: float | None = None
    validation_loss: float | None = None
    test_accuracy: float | None = None
    test_loss: float | None = None


LOWEST_MULTIPLIER, HIGHEST_MULTIPLIER = 0.01, 100.0
LAST_POSITION = 10_000


class RateChange(BaseModel):
    """From here on the planned learning rate was multiplied.

    Attributes:
        position: epochs done, with a fraction.
        multiplier: 1 is as planned.
    """

    model_config = ConfigDict(frozen=True)

    position: Annotated[float, Field(ge=0, le=LAST_POSITION)]
    multiplier: Annotated[float, Field(ge=LOWEST_MULTIPLIER, le=HIGHEST_MULTIPLIER)]


class RunRecord(BaseModel):
    """The content of ``run.json``.

    A run that was trained longer keeps the learning-rate plan of its first ``planned_epochs``
    epochs and stays at that plan's last rate; early stopping counts from ``longer_since`` on.
    ``model_seal`` shows that this installation wrote ``model.keras``; see ``seal``.
    """

    model_config = ConfigDict(frozen=True)

    format: Literal[1] = 1
    id: str
    state: State
    spec: RunSpec
    attempt: int = 1
    created_at: AwareDatetime
    queued_at: AwareDatetime
    started_at: AwareDatetime | None = None
    finished_at: AwareDatetime | None = None
    reason: Annotated[str, AfterValidator(one_line)] | None = None
    environment: Annotated[dict[str, Any], AfterValidator(cleaned_values)] = {}
    summary: Summary | None = None
    artifacts: dict[str, str] = {}
    model_seal: str | None = None
    planned_epochs: int | None = None
    longer_since: int = 0
    # None in runs of versions that said it in the metrics file alone.
    rates: tuple[RateChange, ...] | None = None
    # Set by the import alone: such a run brings no network, so it cannot go on.
    imported_at: AwareDatetime | None = None
    # Whose training it is where many may train; nothing follows from it but how many may wait.
    started_by: str = ""


class UserRecord(BaseModel):
    """The content of ``user.json``: what visitors add to a run."""

    model_config = ConfigDict(frozen=True)

    name: Annotated[str, AfterValidator(one_line), Field(max_length=MAX_NAME)] = ""
    tags: Annotated[
        tuple[Annotated[str, AfterValidator(one_line), Field(max_length=MAX_TAG)], ...],
        Field(max_length=MAX_TAGS),
    ] = ()
    notes: Annotated[str, AfterValidator(cleaned), Field(max_length=MAX_NOTES)] = ""
    pinned: bool = False


@dataclass(frozen=True)
class Run:
    """A run as pages see it; ``state`` already takes a dead worker and a pending stop in."""

    id: str
    path: Path
    state: ShownState
    name: str
    reason: str | None = None
    record: RunRecord | None = None
    user: UserRecord = field(default_factory=UserRecord)

    @property
    def spec(self) -> RunSpec:
        """The configuration; a damaged run has none and raises ``RunUnreadable``."""
        return self.valid_record.spec

    @property
    def attempt(self) -> int:
        return self.valid_record.attempt

    @property
    def created_at(self) -> datetime:
        return self.valid_record.created_at

    @property
    def queued_at(self) -> datetime:
        return self.valid_record.queued_at

    @property
    def summary(self) -> Summary | None:
        return self.record.summary if self.record else None

    @property
    def active(self) -> bool:
        """Whether it waits or trains."""
        return self.state not in ENDED

    @property
    def settled(self) -> bool:
        """Whether its summary is about all of its training: it does not go on, nor was it cut."""
        return self.state in SETTLED

    @property
    def valid_record(self) -> RunRecord:
        """Its description; a damaged run has none and raises ``RunUnreadable``."""
        if self.record is None:
            raise RunUnreadable("description")
        return self.record
