"""The model of a run: its states, records and file names on disk."""

from __future__ import annotations

import re
import uuid
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from fmnist_core.dataset import TRAIN_SIZE
from fmnist_core.errors import FmnistError
from fmnist_core.specs import MAX_EPOCHS, RunSpec
from fmnist_core.text import cleaned, cleaned_values, one_line

State = Literal["queued", "running", "done", "stopped", "failed", "diverged"]
DisplayedState = State | Literal["interrupted"]
# A run in one of these states has its final summary.
SETTLED: frozenset[str] = frozenset({"done", "stopped", "failed", "diverged"})
ENDED: frozenset[str] = SETTLED | {"interrupted"}
_ID = re.compile(r"[0-9a-f]{32}")

RUN_FILE = "run.json"
USER_FILE = "user.json"
CONTROL_FILE = "control.json"
METRICS_FILE = "metrics.jsonl"
HEARTBEAT_FILE = "heartbeat"
PREDICTIONS_FILE = "predictions.npz"
PENDING_FILE = "pending.json"
CHECKPOINT_FILE = "checkpoint.npz"
WEIGHTS_FILE = "weights.npz"
MODEL_FILE = "model.keras"
# Of the first versions, whose networks were not kept as plain arrays; never opened.
OLD_CHECKPOINT_FILE = "checkpoint.keras"
LOGITS_FILE = "logits.npz"
EPOCHS_FOLDER = "epochs"
WEIGHTS_FOLDER = "weights"
FIRST_LAYER_FOLDER = "first_layer"
# The folders of the run itself above the file of an epoch.
EPOCH_FILE_DEPTH = 2
# 20 million parameters of four bytes, in a checkpoint four times: the optimizer's two moments and
# the weights of the best epoch lie beside them.
LARGEST_MODEL = 2**29
SHARED_FOLDER = ".shared"
# Pictures of its first layer: one after each epoch, and more in the first seconds of each start.
MOST_FIRST_LAYERS = 4 * MAX_EPOCHS
KINDS_IN_A_RUN = {
    **dict.fromkeys(
        (
            RUN_FILE,
            USER_FILE,
            CONTROL_FILE,
            METRICS_FILE,
            HEARTBEAT_FILE,
            PREDICTIONS_FILE,
            PENDING_FILE,
            CHECKPOINT_FILE,
            WEIGHTS_FILE,
            MODEL_FILE,
            OLD_CHECKPOINT_FILE,
            LOGITS_FILE,
        ),
        "a file",
    ),
    **dict.fromkeys((EPOCHS_FOLDER, WEIGHTS_FOLDER, FIRST_LAYER_FOLDER), "a folder"),
}
MAX_NAME, MAX_TAG, MAX_TAGS, MAX_NOTES = 80, 24, 12, 4_000
MAX_ATTEMPTS = 1_000_000
# More than there will ever be colours that people can tell apart.
MAX_COLOR = 99
LOWEST_MULTIPLIER, HIGHEST_MULTIPLIER = 0.01, 100.0
LAST_POSITION = 10_000
# A little more than the largest number of a loss as Keras computes it, which has 32 bits.
LARGEST_LOSS = 1e39
LONGEST_SECONDS = 1e9
# The year 2200: what comes later is a mistake, and near the year 9999 no time zone can be applied.
LAST_SECOND = 7_258_118_400

# The types of the fields of events and summaries.
Share = Annotated[float, Field(ge=0, le=1, strict=True, allow_inf_nan=False)]
Loss = Annotated[float, Field(ge=0, le=LARGEST_LOSS, strict=True, allow_inf_nan=False)]
Seconds = Annotated[float, Field(ge=0, le=LONGEST_SECONDS, strict=True, allow_inf_nan=False)]
Epoch = Annotated[int, Field(ge=1, le=MAX_EPOCHS, strict=True)]
Position = Annotated[float, Field(ge=0, le=LAST_POSITION, strict=True, allow_inf_nan=False)]
Multiplier = Annotated[
    float,
    Field(ge=LOWEST_MULTIPLIER, le=HIGHEST_MULTIPLIER, strict=True, allow_inf_nan=False),
]
Attempt = Annotated[int, Field(ge=1, le=MAX_ATTEMPTS, strict=True)]
_ImageCount = Annotated[int, Field(ge=0, le=TRAIN_SIZE, strict=True)]


def _within_supported_years(time: datetime) -> datetime:
    if not 0 <= time.timestamp() <= LAST_SECOND:
        raise ValueError("should lie between the years 1970 and 2200")
    return time


_Moment = Annotated[AwareDatetime, AfterValidator(_within_supported_years)]
_Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
_Key = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$")]
_EnvironmentValue = Annotated[str, Field(max_length=1_000)] | int | float | bool | None
# The machine that trained a run, and in a group of its own the execution mode.
_Environment = Annotated[
    dict[_Key, _EnvironmentValue | dict[_Key, _EnvironmentValue]], Field(max_length=64)
]


class RunNotFound(FmnistError):
    """There is no run of that id."""

    def __init__(self) -> None:
        super().__init__("This run does not exist. It may have been deleted.")


class RunUnreadable(FmnistError):
    """A file of a run is missing, or is not what the run wrote."""

    def __init__(self, part: str) -> None:
        super().__init__(f"This run's {part} cannot be read: the file is missing or was changed.")


class RunsUnwritable(FmnistError):
    """The runs folder takes no new run."""


def new_run_id() -> str:
    """A fresh id: 32 lowercase hexadecimal digits."""
    return uuid.uuid4().hex


def epoch_file(folder: Path, epoch: int) -> Path:
    """The path of a run's predictions after an epoch (from 1)."""
    return folder / EPOCHS_FOLDER / f"{epoch:04d}.npz"


def snapshot_file(folder: Path, epoch: int) -> Path:
    """The path of a run's weights after an epoch (from 1)."""
    return folder / WEIGHTS_FOLDER / f"{epoch:04d}.npz"


def first_layer_file(folder: Path, index: int) -> Path:
    """The path of the pictures of a run's first layer, by their place among all (from 0)."""
    return folder / FIRST_LAYER_FOLDER / f"{index:04d}.npz"


def is_run_id(text: str) -> bool:
    """Whether a text has the form of a run's id."""
    return _ID.fullmatch(text) is not None


class Summary(BaseModel):
    """The results of a run. Accuracies are shares between 0 and 1, losses mean cross-entropies.

    ``train_accuracy`` is measured after the training, in inference mode, on the training images
    and the labels trained on; where label noise replaced some of these, ``train_accuracy_true`` is
    measured on the dataset's own. ``None`` stands for a figure that was not measured, such as
    validation without a share.

    ``epochs`` is how many were trained, ``best_epoch`` that with the lowest validation loss, and
    ``kept_epoch`` that whose network the figures are of: the best one with early stopping, else the
    last.
    validation without a share. The numbers of pictures follow from the configuration; they are
    for who reads the file without this project.
    """

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    epochs: Epoch
    parameters: Annotated[int, Field(ge=0, le=10**12, strict=True)]
    seconds: Seconds
    train_pictures: _ImageCount
    validation_pictures: _ImageCount
    best_epoch: Epoch | None = None
    # None in runs of versions that kept the last epoch always.
    kept_epoch: Epoch | None = None
    train_accuracy: Share | None = None
    train_accuracy_true: Share | None = None
    train_loss: Loss | None = None
    validation_accuracy: Share | None = None
    validation_loss: Loss | None = None
    test_accuracy: Share | None = None
    test_loss: Loss | None = None

    @property
    def result_epoch(self) -> int:
        """The epoch whose network, predictions and figures are the result of the run."""
        return min(self.kept_epoch or self.epochs, self.epochs)


class RateChange(BaseModel):
    """A visitor's change of the learning rate: from here on the planned one was multiplied.

    Attributes:
        position: epochs done, with a fraction.
        multiplier: 1 is as planned.
    """

    model_config = ConfigDict(frozen=True)

    position: Position
    multiplier: Multiplier


class RunRecord(BaseModel):
    """The content of ``run.json``.

    A run that was trained longer keeps the learning-rate plan of its first ``planned_epochs``
    epochs and stays at that plan's last rate; early stopping counts from ``longer_since`` on.
    """

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    format: Literal[1] = 1
    id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    state: State
    spec: RunSpec
    attempt: Attempt = 1
    created_at: _Moment
    queued_at: _Moment
    started_at: _Moment | None = None
    finished_at: _Moment | None = None
    reason: Annotated[str, Field(max_length=1_000), AfterValidator(one_line)] | None = None
    environment: Annotated[_Environment, AfterValidator(cleaned_values)] = {}
    summary: Summary | None = None
    artifacts: Annotated[dict[_Key, _Digest], Field(max_length=64)] = {}
    planned_epochs: Epoch | None = None
    longer_since: Annotated[int, Field(ge=0, le=MAX_EPOCHS, strict=True)] = 0
    # None in runs of versions that said it in the metrics file alone.
    rates: Annotated[tuple[RateChange, ...], Field(max_length=10_000)] | None = None
    # Set by the import alone: such a run brings no checkpoint, so it cannot go on.
    imported_at: _Moment | None = None
    # An index into RUN_COLORS, for good. None in imported runs, and those of versions without it.
    color: Annotated[int, Field(ge=0, le=MAX_COLOR, strict=True)] | None = None
    # Whose training it is where many may train; nothing follows from it but how many may wait.
    started_by: Annotated[str, Field(max_length=200)] = ""


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
