"""The curves of runs as event files for TensorBoard."""

from __future__ import annotations

import io
import re
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from fmnist_core.export import RunWithEvents
from fmnist_core.runs import EpochEvent, Run, RunEvents
from fmnist_core.specs import steps_per_epoch


def tensorboard_zip(runs: Sequence[RunWithEvents]) -> bytes:
    """TensorBoard event files of runs as a zip: a folder a run, with one for each split.

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
        measured = [event for event in events.epochs if getattr(event, f"{split}_loss") is not None]
        if not measured:
            continue
        with SummaryWriter(str(folder / split)) as writer:
            for event in measured:
                for tag, value in _scalars(event, split).items():
                    writer.add_scalar(tag, value, event.epoch * steps, walltime=event.at)


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
