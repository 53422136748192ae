"""Export and import of a run as one zip file, read back with suspicion."""

from __future__ import annotations

import io
import json
import os
import zipfile
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from fmnist_core.files import sha256
from fmnist_core.permissions import Actor
from fmnist_core.plain_files import MEBIBYTE, read_plain
from fmnist_core.runs import model
from fmnist_core.runs.arrays import (
    AFTER_EPOCH,
    FINAL,
    FIRST_LAYER,
    LARGEST_FILE,
    LARGEST_FIRST_LAYER,
    read_table,
)
from fmnist_core.runs.events import InvalidLine, NotJson, RunEvents, read_line
from fmnist_core.runs.folder import make_folder
from fmnist_core.runs.model import RunRecord, UserRecord, new_run_id
from fmnist_core.runs.problems import describe_problem
from fmnist_core.runs.run import Run
from fmnist_core.runs.store import RunStore
from fmnist_core.runs.unzip import FILE_LIMITS, IMPORT_HINT, MAX_ZIP_BYTES, ImportRefused, unzip
from fmnist_core.runs.weights import read_weights
from fmnist_core.specs import MAX_EPOCHS, SpecError, parse_spec

__all__ = ["MAX_ZIP_BYTES", "MEBIBYTE", "ImportRefused", "export_run", "import_run"]

_MAX_LINES = 300_000
_LONGEST_REASON = 500
_DESCRIPTIONS = (model.RUN_FILE, model.USER_FILE)
# Reserved for the central directory at the end of the zip file.
_ZIP_DIRECTORY_BYTES = MEBIBYTE


def export_run(store: RunStore, run_id: str) -> bytes:
    """A run's folder as a zip file: description, curves, predictions and the trained network.

    Networks that would make it larger than what can be taken in again are left out.

    Raises:
        RunNotFound: there is no such run.
        RunDamaged: its folder makes no sense.
        RunUnreadable: under the name of one of its files lies something else.
    """
    run = store.get(run_id)
    buffer = io.BytesIO()
    # Arrays and networks are compressed already.
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, limit in FILE_LIMITS.items():
            _add_file(archive, run.path, run.path / name, limit, 1)
        for epoch in range(1, MAX_EPOCHS + 1):
            path = model.epoch_file(run.path, epoch)
            _add_file(archive, run.path, path, LARGEST_FILE, model.EPOCH_FILE_DEPTH)
        for event in store.events(run_id).first_layers:
            path = model.first_layer_file(run.path, event.index)
            _add_file(archive, run.path, path, LARGEST_FIRST_LAYER, model.EPOCH_FILE_DEPTH)
        _add_if_it_fits(archive, buffer, run.path, run.path / model.WEIGHTS_FILE, 1)
        for epoch in range(1, MAX_EPOCHS + 1):
            path = model.snapshot_file(run.path, epoch)
            _add_if_it_fits(archive, buffer, run.path, path, model.EPOCH_FILE_DEPTH)
        # Taken along for plain Keras, but never taken in: such a file can hold code.
        _add_if_it_fits(archive, buffer, run.path, run.path / model.MODEL_FILE, 1)
    return buffer.getvalue()


def _add_if_it_fits(
    archive: zipfile.ZipFile, buffer: io.BytesIO, folder: Path, path: Path, depth: int
) -> None:
    """Add a file of a network, unless the zip file could not be taken in again with it."""
    remaining = MAX_ZIP_BYTES - _ZIP_DIRECTORY_BYTES - buffer.tell()
    if (size := _size(path)) is not None and size <= remaining:
        _add_file(archive, folder, path, remaining, depth)


def _size(path: Path) -> int | None:
    """The size in bytes of what lies under a path; ``None`` where nothing does."""
    try:
        return path.lstat().st_size
    except OSError:
        return None


def _add_file(archive: zipfile.ZipFile, folder: Path, path: Path, limit: int, depth: int) -> None:
    name = path.relative_to(folder).as_posix()
    try:
        archive.writestr(name, read_plain(path, limit, depth))
    except FileNotFoundError:
        return
    except OSError as error:
        raise model.RunUnreadable(f"file {name}") from error


def import_run(store: RunStore, content: bytes, *, by: Actor) -> Run:
    """Take in a run that ``export_run`` wrote, here or elsewhere.

    The folder of a run that was zipped by hand will do as well. One that was deleted here a short
    while ago comes back as it was, its checkpoint included.

    Nothing of the file is trusted: names come from a list, texts pass the models that every run
    folder passes, arrays and events are such as a training writes, and weights are numbers of the
    shapes that the specification has.

    Args:
        store: takes the run in.
        content: of the zip file.
        by: who asks.

    Raises:
        NotAllowed, TooMuch: they may not, or not so often.
        ImportRefused: it is no such file, or holds something that no run holds.
        RunsUnwritable: the folder is read-only or the disk is full.
    """
    by.require("import")
    files = unzip(content)
    record, user = _parse_records(files)
    if os.path.lexists(store.root / record.id):
        raise ImportRefused("This run is here already.")
    _check_metrics(files.get(model.METRICS_FILE, b""))
    for name, data in files.items():
        if name.endswith(".npz"):
            _check_arrays(name, data, record)
    record = _with_checked_artifacts(record, files)
    if any(run.id == record.id for run in store.deleted() if isinstance(run, Run)):
        store.restore(record.id, by=by)
        return store.get(record.id)
    problem = store.writable_problem()
    if problem:
        raise model.RunsUnwritable(problem)
    others = {name: data for name, data in files.items() if name not in _DESCRIPTIONS}
    hidden = store.root / f".new-{record.id}-{new_run_id()}"
    if not make_folder(hidden, store.root / record.id, record, user, others):
        raise ImportRefused("This run is here already.")
    return store.get(record.id)


def _parse_records(files: dict[str, bytes]) -> tuple[RunRecord, UserRecord]:
    record = _parse_record(files[model.RUN_FILE])
    try:
        user = UserRecord.model_validate_json(files.get(model.USER_FILE, b"{}"))
    except ValidationError as error:
        raise ImportRefused(
            f"Its {model.USER_FILE} is wrong: {describe_problem(error)}."
        ) from error
    _check_result(record)
    reason = None if record.reason is None else record.reason[:_LONGEST_REASON]
    return record.model_copy(update={"reason": reason}), user


def _parse_record(text: bytes) -> RunRecord:
    try:
        return RunRecord.model_validate_json(text)
    except ValidationError as error:
        problem = _spec_problem(text) or describe_problem(error)
        raise ImportRefused(f"Its {model.RUN_FILE} is wrong: {problem}.") from error


def _spec_problem(text: bytes) -> str | None:
    """The problem of a record's spec, with the range of the field but without what was received."""
    try:
        parse_spec(json.loads(text)["spec"])
    except SpecError as error:
        problem = error.details[0]
        return None if problem.received is None else problem.rule
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return None


def _check_result(record: RunRecord) -> None:
    """See that a run has ended, and its result is one of its configuration."""
    summary = record.summary
    if record.state in ("queued", "running"):
        raise ImportRefused(
            "Its training had not ended. Wait for its end, or where it was interrupted resume it, "
            "then download it again."
        )
    if record.state == "done" and (
        summary is None or model.PREDICTIONS_FILE not in record.artifacts
    ):
        raise ImportRefused(
            f"Its {model.RUN_FILE} is wrong: it says that it has finished, but has no result."
        )
    if summary is not None and (summary.kept_epoch or 1) > summary.epochs:
        raise ImportRefused(
            f"Its {model.RUN_FILE} is wrong: summary.kept_epoch is {summary.kept_epoch}, but it "
            f"trained {summary.epochs}."
        )
    if summary is not None and summary.epochs > record.spec.training.epochs:
        raise ImportRefused(
            f"Its {model.RUN_FILE} is wrong: summary.epochs is {summary.epochs}, but its "
            f"configuration trains {record.spec.training.epochs}."
        )


def _with_checked_artifacts(record: RunRecord, files: dict[str, bytes]) -> RunRecord:
    """The record as it is kept here: only what came along, and matches, counts as an artifact."""
    artifacts = {}
    for name in (model.PREDICTIONS_FILE, model.WEIGHTS_FILE):
        if name in record.artifacts and name in files:
            if sha256(files[name]) != record.artifacts[name]:
                raise ImportRefused(f"Its {name} was changed after the training.")
            artifacts[name] = record.artifacts[name]
        elif name in record.artifacts and name == model.PREDICTIONS_FILE:
            raise ImportRefused(f"Its {name} is missing. {IMPORT_HINT}")
    changes = {
        "artifacts": artifacts,
        "imported_at": datetime.now(UTC),
        # Given out where it was trained, among other runs than those here.
        "color": None,
        "started_by": "",
    }
    return record.model_copy(update=changes)


def _check_metrics(text: bytes) -> None:
    lines = text.splitlines()
    if len(lines) > _MAX_LINES:
        raise ImportRefused(f"Its {model.METRICS_FILE} has more lines than a training writes.")
    events = RunEvents()
    for line_number, line in enumerate(lines, 1):
        try:
            events.add(read_line(line))
        except NotJson:
            # What a killed worker left half written; the reader leaves it out, too.
            continue
        except InvalidLine as error:
            raise ImportRefused(
                f"Its {model.METRICS_FILE} is wrong in line {line_number:,}: {error}."
            ) from error


def _check_arrays(name: str, data: bytes, record: RunRecord) -> None:
    epochs = record.summary.epochs if record.summary else None
    try:
        if name == model.WEIGHTS_FILE:
            read_weights(record.spec, data)
        elif name.startswith(f"{model.WEIGHTS_FOLDER}/"):
            read_weights(record.spec, data, "float16")
        elif name.startswith(f"{model.FIRST_LAYER_FOLDER}/"):
            read_table(FIRST_LAYER, data)
        else:
            read_table(FINAL if name == model.PREDICTIONS_FILE else AFTER_EPOCH, data, epochs)
    except ValueError as error:
        raise ImportRefused(f"Its {name} is wrong: {error}.") from error
