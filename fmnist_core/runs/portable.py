"""A run as one zip file: written from a folder, and read back with suspicion."""

from __future__ import annotations

import hashlib
import io
import json
import math
import re
import shutil
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from pydantic import TypeAdapter, ValidationError

from fmnist_core.errors import FmnistError
from fmnist_core.permissions import Actor
from fmnist_core.runs import model
from fmnist_core.runs.events import BatchEvent, EpochEvent, RateEvent, can_be_changed
from fmnist_core.runs.files import sync_folder, write_json, write_whole
from fmnist_core.runs.model import Run, RunRecord, UserRecord, is_run_id, new_run_id
from fmnist_core.runs.store import RunStore

MEBIBYTE = 2**20
MAX_ZIP_BYTES = 64 * MEBIBYTE
_MAX_TEXT = MEBIBYTE
_MAX_METRICS = 32 * MEBIBYTE
_MAX_ARRAYS = 32 * MEBIBYTE
_MAX_TOTAL = 256 * MEBIBYTE
_MAX_FILES = 1_000
_MAX_LINES = 200_000
_TEST, _TRAIN, _CLASSES = 10_000, 60_000, 10
_EPOCH_FILE = re.compile(rf"{model.EPOCHS_FOLDER}/\d{{4}}\.npz")
_WRITTEN = (model.RUN_FILE, model.USER_FILE, model.METRICS_FILE, model.PREDICTIONS_FILE)
# Networks are taken along, but never taken in: opening one can run its writer's code.
_LEFT_OUT = (model.MODEL_FILE, model.CHECKPOINT_FILE, model.LOGITS_FILE)
_TAKEN_ALONG = (model.MODEL_FILE,)
_LINES: dict[str, TypeAdapter[Any]] = {
    "batch": TypeAdapter(BatchEvent),
    "epoch": TypeAdapter(EpochEvent),
    "rate": TypeAdapter(RateEvent),
}
_SHARES = {"f": (0.0, 1.0), "u": (0, 255), "i": (0, 255)}


class ImportRefused(FmnistError):
    """A file is no run that can be taken in; the message says what is wrong with it."""

    def __init__(self, why: str) -> None:
        super().__init__(f"This file was not imported. {why}")


def export_run(store: RunStore, run_id: str) -> bytes:
    """A run's folder as a zip file: description, curves, predictions and the trained network.

    Raises:
        RunNotFound: there is no such run.
        RunUnreadable: it is damaged.
    """
    run = store.get(run_id)
    paths = [run.path / name for name in (*_WRITTEN, *_TAKEN_ALONG)]
    paths += sorted((run.path / model.EPOCHS_FOLDER).glob("*.npz"))
    if run.record is None:
        raise model.RunUnreadable("description")
    buffer = io.BytesIO()
    # Arrays and networks are compressed already.
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path in paths:
            if path.is_file():
                archive.write(path, path.relative_to(run.path).as_posix())
    return buffer.getvalue()


def import_run(store: RunStore, content: bytes, *, by: Actor) -> Run:
    """Take in a run that ``export_run`` wrote, here or elsewhere; its network is left out.

    One that was deleted here a short while ago comes back as it was, network included.

    Nothing of the file is trusted: names come from a list, texts pass the models that every run
    folder passes, arrays must have the shapes and ranges that a training writes.

    Args:
        store: where it is to be.
        content: of the zip file.
        by: who asks.

    Raises:
        NotAllowed, TooMuch: they may not, or not so often.
        ImportRefused: it is no such file, or holds something that no run holds.
        RunsUnwritable: the folder is read-only or the disk is full.
    """
    by.may("import")
    if len(content) > MAX_ZIP_BYTES:
        raise ImportRefused(
            f"It is larger than {MAX_ZIP_BYTES // MEBIBYTE} MB, which no run's file is."
        )
    files = _unpack(content)
    record, user = _described(files)
    if is_run_id(record.id) and (store.root / record.id).exists():
        raise ImportRefused("This run is here already.")
    _check_metrics(files.get(model.METRICS_FILE, b""))
    for name, data in files.items():
        if name.endswith(".npz"):
            _check_arrays(name, data)
    record = _without_network(record, files)
    if any(run.id == record.id for run in store.deleted()):
        return store.restore(record.id, by=by)
    problem = store.writable_problem()
    if problem:
        raise model.RunsUnwritable(problem)
    _write(store.root, record, user, files)
    return store.get(record.id)


def _unpack(content: bytes) -> dict[str, bytes]:
    """Every known file by its name; unknown names, and more than a run needs, are refused."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len(entries) > _MAX_FILES:
                raise ImportRefused(f"It holds {len(entries):,} files, more than a run has.")
            names = [entry.filename for entry in entries]
            if len(set(names)) < len(names):
                raise ImportRefused("It holds two files of the same name.")
            files: dict[str, bytes] = {}
            left = _MAX_TOTAL
            for entry in entries:
                if entry.filename in _LEFT_OUT:
                    continue
                limit = min(left, _limit(entry.filename))
                with archive.open(entry) as file:
                    # The size that the zip names may be a lie: what counts is what comes out.
                    data = file.read(limit + 1)
                if len(data) > limit:
                    raise ImportRefused("One of its files is larger than any that a run has.")
                files[entry.filename] = data
                left -= len(data)
            return files
    except FmnistError:
        raise
    except Exception as error:
        # Each decompressor raises errors of its own, which have no common base.
        raise ImportRefused("It is no zip file, or is damaged.") from error


def _limit(name: str) -> int:
    if name in (model.RUN_FILE, model.USER_FILE):
        return _MAX_TEXT
    if name == model.METRICS_FILE:
        return _MAX_METRICS
    if name == model.PREDICTIONS_FILE or _EPOCH_FILE.fullmatch(name):
        return _MAX_ARRAYS
    raise ImportRefused("It holds a file that no run has. Import what “Download a run” wrote.")


def _described(files: dict[str, bytes]) -> tuple[RunRecord, UserRecord]:
    if model.RUN_FILE not in files:
        raise ImportRefused(
            "It is no run: its description is missing. Import what “Download a run” wrote."
        )
    try:
        record = RunRecord.model_validate_json(files[model.RUN_FILE])
        user = UserRecord.model_validate_json(files.get(model.USER_FILE, b"{}"))
        json.dumps(record.environment, allow_nan=False)
    except (ValidationError, ValueError, RecursionError) as error:
        raise ImportRefused("Its description makes no sense.") from error
    if not is_run_id(record.id):
        raise ImportRefused("Its description makes no sense.")
    if record.state in ("queued", "running"):
        raise ImportRefused("Its training had not ended. Wait for that, then download it again.")
    if record.state == "done" and (
        record.summary is None or model.PREDICTIONS_FILE not in record.artifacts
    ):
        raise ImportRefused("It says that it has finished, but has no result.")
    summary = record.summary
    if summary is not None:
        shares = (
            summary.train_accuracy,
            summary.train_accuracy_true,
            summary.validation_accuracy,
            summary.test_accuracy,
        )
        if any(share is not None and not 0 <= share <= 1 for share in shares):
            raise ImportRefused("Its result makes no sense: an accuracy lies from 0 to 1.")
        counts = (
            summary.epochs,
            summary.parameters,
            summary.train_pictures,
            summary.validation_pictures,
        )
        if any(not 0 <= count < 10**9 for count in counts) or not 0 <= summary.seconds < 1e9:
            raise ImportRefused("Its result makes no sense: a count or a time is out of range.")
    reason = None if record.reason is None else record.reason[:500]
    return record.model_copy(update={"reason": reason}), user


def _without_network(record: RunRecord, files: dict[str, bytes]) -> RunRecord:
    """The record as it is kept here: only what came along, and matches, counts as an artifact."""
    artifacts = {}
    if model.PREDICTIONS_FILE in record.artifacts:
        digest = hashlib.sha256(files.get(model.PREDICTIONS_FILE, b"")).hexdigest()
        if digest != record.artifacts[model.PREDICTIONS_FILE]:
            raise ImportRefused("Its predictions are missing or were changed.")
        artifacts[model.PREDICTIONS_FILE] = digest
    changes = {"artifacts": artifacts, "imported_at": datetime.now(UTC), "started_by": ""}
    return record.model_copy(update=changes)


def _check_metrics(text: bytes) -> None:
    lines = text.splitlines()
    if len(lines) > _MAX_LINES:
        raise ImportRefused("Its curves have more points than a training reports.")
    try:
        for line in lines:
            said = json.loads(line)
            kind = said.pop("event")
            said.pop("attempt", None)
            if kind == "start":
                _check_number(said["from_epoch"])
            elif kind == "phase":
                if not isinstance(said["text"], str):
                    raise ValueError
            else:
                event = _LINES[kind].validate_json(json.dumps(said), strict=True)
                for value in vars(event).values():
                    _check_number(value)
                if isinstance(event, RateEvent) and not can_be_changed(event):
                    raise ValueError
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ImportRefused("Its curves make no sense.") from error


def _check_number(value: object) -> None:
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError
    if isinstance(value, int) and abs(value) > 10**15:
        raise ValueError
    if not math.isfinite(value):
        raise ValueError


def _check_arrays(name: str, data: bytes) -> None:
    """Look at the headers first: a false shape would ask for any amount of memory."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for entry in archive.infolist():
                with archive.open(entry) as file:
                    _check_array(entry.filename.removesuffix(".npy"), file)
    except FmnistError:
        raise
    except Exception as error:
        raise ImportRefused(f"Its {_words(name)} cannot be read.") from error


def _check_array(name: str, file: IO[bytes]) -> None:
    version = npy.read_magic(file)
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, _, dtype = read(file)
    if not _plausible(name, shape) or dtype.kind not in "fui" or dtype.itemsize > 8:
        raise ImportRefused("Its predictions have a shape that no training writes.")
    size = math.prod(shape) * dtype.itemsize
    values = np.frombuffer(file.read(size), dtype)
    if not np.isfinite(values).all():
        raise ImportRefused("Its predictions hold what is no number.")
    low, high = _range(name, dtype.kind)
    if values.size and not (low <= values.min() and values.max() <= high):
        raise ImportRefused("Its predictions hold numbers out of range.")


def _plausible(name: str, shape: tuple[int, ...]) -> bool:
    split, _, what = name.partition("_")
    if name in ("train_index", "noisy_index", "noisy_labels", "validation_index"):
        return len(shape) == 1 and shape[0] <= _TRAIN
    if split not in ("test", "validation"):
        return False

    def counts(count: int) -> bool:
        return count == _TEST if split == "test" else 0 <= count <= _TRAIN

    if what in ("logits", "probabilities"):
        return len(shape) == 2 and counts(shape[0]) and shape[1] == _CLASSES
    if what == "predictions":
        return len(shape) == 1 and counts(shape[0])
    if what == "predictions_by_epoch":
        return len(shape) == 2 and shape[0] <= _MAX_FILES and counts(shape[1])
    return False


def _range(name: str, kind: str) -> tuple[float, float]:
    if name.endswith("_index"):
        return 0, _TRAIN - 1
    if name.endswith("_logits"):
        return -1e30, 1e30
    if name.endswith("_probabilities"):
        return _SHARES[kind] if kind != "f" else (-1e-5, 1 + 1e-5)
    return 0, _CLASSES - 1


def _words(name: str) -> str:
    return "predictions" if name == model.PREDICTIONS_FILE else "predictions after an epoch"


def _put(path: Path, data: bytes) -> None:
    write_whole(path, lambda file: file.write(data))


def _write(root: Path, record: RunRecord, user: UserRecord, files: dict[str, bytes]) -> None:
    """Make the folder out of sight, then give it its name."""
    hidden = root / f".new-{record.id}-{new_run_id()}"
    try:
        (hidden / model.EPOCHS_FOLDER).mkdir(parents=True)
        for name, data in files.items():
            if name not in (model.RUN_FILE, model.USER_FILE):
                _put(hidden / name, data)
        write_json(hidden / model.USER_FILE, user.model_dump(mode="json"))
        write_json(hidden / model.RUN_FILE, record.model_dump(mode="json"))
        hidden.rename(root / record.id)
        sync_folder(root)
    except OSError as error:
        shutil.rmtree(hidden, ignore_errors=True)
        if (root / record.id).is_dir():
            raise ImportRefused("This run is here already.") from error
        raise model.RunsUnwritable(
            "The run could not be written: the disk is full or read-only."
        ) from error
