"""What is taken away from runs: their figures as a table, and their curves for TensorBoard."""

from __future__ import annotations

import io
import re
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from fmnist_core.runs import EpochEvent, Run, RunEvents
from fmnist_core.runs.identity import changes, identity
from fmnist_core.specs import steps_per_epoch
from fmnist_core.table import csv_file

# Column of the table: figure of an epoch.
_FIGURES = {
    "accuracy_while_training": "train_accuracy",
    "loss_while_training": "train_loss",
    "validation_accuracy": "validation_accuracy",
    "validation_loss": "validation_loss",
    "test_accuracy": "test_accuracy",
    "test_loss": "test_loss",
    "learning_rate": "learning_rate",
    "pictures_per_second_of_fit": "images_per_second",
}


class Followed(NamedTuple):
    """A run with what its training reported."""

    run: Run
    events: RunEvents


def metrics_csv(runs: Sequence[Followed]) -> bytes:
    """One row for each epoch of each run; what was not measured is empty.

    Accuracies are shares from 0 to 1, losses mean cross-entropies, times seconds. While training
    means Keras's running mean over an epoch, with dropout at work; the speed leaves testing out.
    """
    rows = []
    for run, events in runs:
        steps = steps_per_epoch(run.spec.training)
        named = [run.id, run.name, "; ".join(changes(identity(run)))]
        for event in events.epochs:
            values = [getattr(event, name) for name in _FIGURES.values()]
            rows.append([*named, event.epoch, event.epoch * steps, event.elapsed, *values])
    head = ["run", "name", "changed", "epoch", "step", "seconds", *_FIGURES]
    # As objects, so that what was not measured turns no whole numbers into fractions.
    return csv_file(pd.DataFrame(rows, columns=head, dtype=object))


def tensorboard_zip(runs: Sequence[Followed]) -> bytes:
    """A folder of event files for each run, training, validation and test apart, as one zip.

    ``tensorboard --logdir`` of the unpacked folder shows them.
    """
    buffer = io.BytesIO()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for run, events in runs:
            _write_events(folder / _folder_name(run), run, events)
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(folder.rglob("*")):
                if path.is_file():
                    archive.write(path, path.relative_to(folder).as_posix())
    return buffer.getvalue()


def _write_events(folder: Path, run: Run, events: RunEvents) -> None:
    # Imported only where it is needed: it loads protobuf.
    from tensorboardX import SummaryWriter

    steps = steps_per_epoch(run.spec.training)
    for split in ("train", "validation", "test"):
        known = [event for event in events.epochs if getattr(event, f"{split}_loss") is not None]
        if not known:
            continue
        with SummaryWriter(str(folder / split)) as writer:
            for event in known:
                for what, value in _scalars(event, split).items():
                    writer.add_scalar(what, value, event.epoch * steps, walltime=event.at)


def _scalars(event: EpochEvent, split: str) -> dict[str, float]:
    scalars = {
        "accuracy": getattr(event, f"{split}_accuracy"),
        "loss": getattr(event, f"{split}_loss"),
    }
    if split == "train":
        scalars |= {"learning_rate": event.learning_rate}
    return scalars


def _folder_name(run: Run) -> str:
    readable = re.sub(r"[^A-Za-z0-9]+", "-", run.name).strip("-").lower()
    return f"{readable or 'run'}-{run.id[:6]}"
