"""RunStore, the dashboard's side of the run folders: create, list, follow, stop, delete."""

from __future__ import annotations

import errno
import os
import shutil
import threading
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from pydantic import ValidationError

from fmnist_core.errors import FmnistError
from fmnist_core.files import read_json, sha256, sync_folder, write_json
from fmnist_core.permissions import Actor
from fmnist_core.plain_files import NotPlain, kind_at, read_plain
from fmnist_core.presets import network_name
from fmnist_core.runs import model, trash
from fmnist_core.runs.arrays import FINAL, LARGEST_FILE, read_table
from fmnist_core.runs.events import LARGEST_METRICS, RunEvents, Tail
from fmnist_core.runs.liveness import Liveness
from fmnist_core.runs.model import (
    RateChange,
    Run,
    RunNotFound,
    RunRecord,
    RunsUnwritable,
    RunUnreadable,
    UserRecord,
    is_run_id,
    new_run_id,
)
from fmnist_core.runs.problems import describe_problem
from fmnist_core.runs.weights import LARGEST_WEIGHTS, read_weights
from fmnist_core.runs.writer import Control, read_epoch
from fmnist_core.specs import MAX_EPOCHS, RunSpec
from fmnist_core.text import cleaned, one_line

_Stamp = tuple[int, int] | None
_LARGEST_CLOCK_JUMP = timedelta(days=1)
# What messages call the files that a run wrote at its end, and how large each may be.
_ARTIFACTS = {
    model.PREDICTIONS_FILE: ("predictions", LARGEST_FILE),
    model.WEIGHTS_FILE: ("network", LARGEST_WEIGHTS),
    model.MODEL_FILE: ("network", model.LARGEST_MODEL),
}
_RECORD_FILES = (model.RUN_FILE, model.USER_FILE)
_STOPPED_AGAIN = "It was stopped before its training went on. Its finished epochs are kept."


class RunStore:
    """All runs in one folder. Holds no state but caches: two stores on a folder agree.

    Args:
        root: the runs folder; made when the first run is.
        liveness: judges heartbeats; tests pass a faster one.
    """

    def __init__(self, root: Path | str, liveness: Liveness | None = None) -> None:
        self.root = Path(root)
        self._liveness = liveness or Liveness()
        self._cache: dict[str, tuple[tuple[_Stamp, ...], Run]] = {}
        self._tails: dict[str, Tail] = {}
        self._lock = threading.Lock()

    # -- reading ---------------------------------------------------------------------------

    def list(self) -> list[Run]:
        """All runs, newest first, damaged ones last; never raises for odd files in the folder."""
        try:
            names = [entry.name for entry in os.scandir(self.root) if is_run_id(entry.name)]
        except OSError:
            return []
        runs = [run for name in names if (run := self._read(name)) is not None]
        for removed_id in set(self._cache) - set(names):
            self._cache.pop(removed_id, None)
            self._tails.pop(removed_id, None)
        return _newest_first(runs)

    def get(self, run_id: str) -> Run:
        """The run of an id.

        Raises:
            RunNotFound: for an unknown id and for any text that is no id.
        """
        run = self._read(run_id) if is_run_id(run_id) else None
        if run is None:
            raise RunNotFound
        return run

    def events(self, run_id: str) -> RunEvents:
        """The events that the training of a run has reported so far."""
        with self._lock:
            tail = self._tails.setdefault(run_id, Tail(self._folder(run_id) / model.METRICS_FILE))
        return tail.read()

    def artifact(self, run_id: str, name: str) -> bytes:
        """The content of a file that a run wrote at its end, checked against its sha256.

        Args:
            run_id: the run.
            name: ``predictions.npz``, ``weights.npz`` or ``model.keras``.

        Raises:
            RunUnreadable: missing, no plain file, or its sha256 is not the recorded one; or no
                training writes a file of that name at its end.
        """
        run = self.get(run_id)
        expected_digest = run.record.artifacts.get(name) if run.record else None
        part, limit = _ARTIFACTS.get(name, ("file", 0))
        try:
            content = read_plain(run.path / name, limit)
        except OSError as error:
            raise RunUnreadable(part) from error
        if sha256(content) != expected_digest:
            raise RunUnreadable(part)
        return content

    def predictions(self, run_id: str) -> dict[str, NDArray[Any]]:
        """The arrays of a finished run's ``predictions.npz``, as ``arrays.FINAL`` says.

        Raises:
            RunUnreadable: missing, its sha256 is not the recorded one, or no training writes them.
        """
        content = self.artifact(run_id, model.PREDICTIONS_FILE)
        summary = self.get(run_id).summary
        try:
            return read_table(FINAL, content, summary.epochs if summary else None)
        except ValueError as error:
            raise RunUnreadable("predictions") from error

    def weights(self, run_id: str) -> dict[str, NDArray[Any]]:
        """The weights of a finished run's network, as ``weights.weights_table`` says, float32.

        Raises:
            RunUnreadable: missing, its sha256 is not the recorded one, or they are not the weights
                of its specification.
        """
        content = self.artifact(run_id, model.WEIGHTS_FILE)
        try:
            return read_weights(self.get(run_id).spec, content)
        except ValueError as error:
            raise RunUnreadable("network") from error

    def epoch_predictions(self, run_id: str, epoch: int) -> dict[str, NDArray[Any]]:
        """The arrays that a run stored after an epoch (from 1), as ``arrays.AFTER_EPOCH`` says.

        Raises:
            RunUnreadable: missing or damaged.
        """
        return read_epoch(self.get(run_id).path, epoch)

    def control(self, run_id: str) -> Control:
        """The requests of visitors to the run's current attempt: stop, learning rate."""
        run = self.get(run_id)
        return _control(run) if run.record is not None else Control()

    def active(self) -> Sequence[Run]:
        """The runs that train, then those that wait, in the order in which they will train."""
        return sorted(
            (run for run in self.list() if run.active),
            key=lambda run: (run.state != "running", run.queued_at, run.id),
        )

    def writable_problem(self) -> str | None:
        """Why no run can be written here, in a sentence; ``None`` where one can."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            probe = self.root / f".probe-{new_run_id()}"
            probe.write_bytes(b"x")
            probe.unlink()
        except OSError as error:
            return str(_unwritable(error))
        return None

    # -- writing ---------------------------------------------------------------------------

    def create(
        self, spec: RunSpec, run_id: str | None = None, name: str | None = None, *, by: Actor
    ) -> Run:
        """Make a run folder in the state *queued*; for an id that exists, return that run.

        Args:
            spec: what to train.
            run_id: made by the form, so that two clicks are one run.
            name: shown to visitors; by default the network's.
            by: who asks.

        Raises:
            NotAllowed, TooMuch: they may not, or not so often.
            RunsUnwritable: the folder is read-only or the disk is full.
        """
        run_id = run_id or new_run_id()
        if not is_run_id(run_id):
            raise FmnistError("A run's id is 32 hexadecimal digits in lower case.")
        by.require("start")
        now = self._next_queue_time()
        record = RunRecord(
            id=run_id, state="queued", spec=spec, created_at=now, queued_at=now, started_by=by.id
        )
        user = UserRecord(name=(name or network_name(spec))[: model.MAX_NAME])
        hidden = self.root / f".new-{run_id}-{new_run_id()}"
        try:
            hidden.mkdir(parents=True)
            write_json(hidden / model.USER_FILE, user.model_dump(mode="json"))
            write_json(hidden / model.RUN_FILE, record.model_dump(mode="json"))
            hidden.rename(self._folder(run_id))
            sync_folder(self.root)
        except OSError as error:
            shutil.rmtree(hidden, ignore_errors=True)
            if not os.path.lexists(self._folder(run_id)):
                raise _unwritable(error) from error
        return self.get(run_id)

    def requeue(self, run_id: str, *, by: Actor) -> Run:
        """Queue an ended run again as its next attempt, to go on from its last epoch.

        Raises:
            FmnistError: it is finished, still waits or trains, or cannot be read.
        """
        run = self.get(run_id)
        if run.record is None or run.active or run.state == "done":
            raise FmnistError("Only a training that ended before its last epoch can be resumed.")
        _refuse_without_checkpoint(run, run.record)
        by.require("start")
        return self._queue_again(run.id, run.record, started_by=by.id)

    def train_longer(self, run_id: str, epochs: int, *, by: Actor) -> Run:
        """Queue an ended run again, for so many epochs more than it has finished.

        Raises:
            FmnistError: it has no finished epoch or has not ended, or has too many epochs then.
        """
        run = self.get(run_id)
        if run.record is None or run.state not in ("done", "stopped") or run.summary is None:
            raise FmnistError("Only a training that ended after an epoch can be trained longer.")
        _refuse_without_checkpoint(run, run.record)
        finished, training = run.summary.epochs, run.spec.training
        if not 1 <= epochs <= MAX_EPOCHS - finished:
            raise FmnistError(
                f"A training has at most {MAX_EPOCHS} epochs, and this one has {finished}: "
                f"choose at most {MAX_EPOCHS - finished} more, not {epochs}."
            )
        longer_training = training.model_copy(update={"epochs": finished + epochs})
        by.require("start")
        return self._queue_again(
            run.id,
            run.record,
            started_by=by.id,
            spec=run.spec.model_copy(update={"training": longer_training}),
            planned_epochs=run.record.planned_epochs or training.epochs,
            longer_since=finished,
        )

    def start_over(self, run_id: str, attempt: int) -> Run:
        """Make a waiting run wait as its next attempt, in its old place; requests to it stay.

        A worker that had taken the attempt before, and is not as dead as it seems, finds the higher
        number and stops.

        Args:
            run_id: the run.
            attempt: that was taken; where the run is at another one, or began, nothing is done.
        """
        with self._lock:
            run = self.get(run_id)
            if run.record is None or run.state != "queued" or run.attempt != attempt:
                return run
            request = {"attempt": attempt + 1, **asdict(_control(run))}
            record = run.record.model_copy(update={"attempt": attempt + 1})
            self._write(run_id, model.RUN_FILE, record.model_dump(mode="json"))
            self._write(run_id, model.CONTROL_FILE, request)
        return self.get(run_id)

    def request_stop(self, run_id: str, after_epoch: bool = False, *, by: Actor) -> None:
        """Ask the run's current attempt to stop, at once or after its epoch; the worker obeys."""
        by.require("change")
        self._request(run_id, **{"stop_after_epoch" if after_epoch else "stop": True})

    def set_multiplier(self, run_id: str, multiplier: float, *, by: Actor) -> None:
        """Ask the run's current attempt to train at so many times the planned learning rate."""
        by.require("change")
        lowest, highest = model.LOWEST_MULTIPLIER, model.HIGHEST_MULTIPLIER
        if not lowest <= multiplier <= highest:
            raise FmnistError(
                f"The learning rate can be multiplied with {lowest:g} to {highest:g}, "
                f"not with {multiplier:g}."
            )
        self._request(run_id, multiplier=float(multiplier))

    def describe(
        self,
        run_id: str,
        *,
        name: str | None = None,
        tags: Sequence[str] | None = None,
        notes: str | None = None,
        by: Actor,
    ) -> Run:
        """Change the name, tags and notes of a run: all of them, or where one is refused none.

        Args:
            run_id: the run.
            name: of 1 to 80 characters.
            tags: each counts once, at most 12 of at most 24 characters.
            notes: of at most 4,000 characters.
            by: who asks.

        Raises:
            NotAllowed, TooMuch: they may not, or not so often.
            FmnistError: something is too long, with a sentence for each thing that is.
        """
        changes: dict[str, object] = {}
        problems: list[str] = []
        if name is not None:
            changes["name"] = name = one_line(name)
            problems += _name_problems(name)
        if tags is not None:
            texts = (one_line(tag) for tag in tags)
            changes["tags"] = unique_tags = tuple(dict.fromkeys(tag for tag in texts if tag))
            problems += _tag_problems(unique_tags)
        if notes is not None:
            changes["notes"] = notes = cleaned(notes).strip()
            problems += _note_problems(notes)
        if problems:
            raise FmnistError(" ".join(problems))
        by.require("change")
        return self._describe(run_id, **changes)

    def pin(self, run_id: str, pinned: bool = True, *, by: Actor) -> Run:
        """Pin a run, so that it comes first, or unpin it."""
        by.require("change")
        return self._describe(run_id, pinned=pinned)

    def delete(self, run_id: str, *, by: Actor) -> None:
        """Remove a run that has ended; ``restore`` brings it back for a while."""
        run = self.get(run_id)
        if run.active:
            raise FmnistError("This run waits or trains: stop it before you delete it.")
        by.require("change")
        try:
            if not trash.throw_away(self.root, run_id):
                raise FmnistError(
                    "This run was deleted a short while ago, and what was deleted then can still "
                    "be brought back. It is kept; delete it again a little later."
                )
        except OSError as error:
            raise _unwritable(error) from error

    def restore(self, run_id: str, *, by: Actor) -> Run:
        """Bring back a run that was deleted a short while ago.

        Raises:
            RunNotFound: it was never there, or is gone for good.
            FmnistError: there is such a run again.
        """
        if not is_run_id(run_id):
            raise RunNotFound
        if os.path.lexists(self._folder(run_id)):
            raise FmnistError("This run is here already, so nothing was brought back over it.")
        by.require("change")
        try:
            if not trash.bring_back(self.root, run_id):
                raise RunNotFound
        except OSError as error:
            raise _unwritable(error) from error
        return self.get(run_id)

    def deleted(self) -> Sequence[Run]:
        """The runs that ``restore`` can bring back, the last deleted first."""
        return [_load(run_id, folder) for run_id, folder in trash.restorable(self.root)]

    # -- inside ----------------------------------------------------------------------------

    def _describe(self, run_id: str, **changes: object) -> Run:
        """Change fields of a run's ``user.json``; the others stay."""
        with self._lock:
            run = self.get(run_id)
            if run.record is None:
                raise RunUnreadable("description")
            user = run.user.model_copy(update=changes)
            self._write(run_id, model.USER_FILE, user.model_dump(mode="json"))
        return self.get(run_id)

    def _request(self, run_id: str, **changes: object) -> None:
        """Change fields of an active run's ``control.json``; earlier requests stay."""
        with self._lock:
            run = self.get(run_id)
            if run.active:
                request = {"attempt": run.attempt, **asdict(_control(run)), **changes}
                self._write(run_id, model.CONTROL_FILE, request)

    def _queue_again(self, run_id: str, record: RunRecord, **changes: object) -> Run:
        changes |= {
            "state": "queued",
            "attempt": record.attempt + 1,
            "queued_at": self._next_queue_time(),
            "finished_at": None,
            "reason": None,
        }
        record = record.model_copy(update=changes)
        self._write(run_id, model.RUN_FILE, record.model_dump(mode="json"))
        return self.get(run_id)

    def _next_queue_time(self) -> datetime:
        """The queue time of a run queued now: the latest, also where the clock jumped back."""
        now = datetime.now(UTC)
        queue_times = [run.queued_at for run in self.list() if run.record]
        newest = max(
            (time for time in queue_times if time < now + _LARGEST_CLOCK_JUMP), default=now
        )
        return max(now, newest + timedelta(microseconds=1))

    def _folder(self, run_id: str) -> Path:
        return self.root / run_id

    def _write(self, run_id: str, name: str, value: Any) -> None:
        try:
            write_json(self._folder(run_id) / name, value)
        except OSError as error:
            raise _unwritable(error) from error

    def _read(self, run_id: str) -> Run | None:
        folder = self._folder(run_id)
        # The folder's own changes when something comes under a name, or goes.
        folder_path, *file_paths = (
            os.fspath(folder),
            *(f"{folder}/{name}" for name in _RECORD_FILES),
        )
        stamps = (_stamp(folder_path), *(_stamp(path) for path in file_paths))
        cached = self._cache.get(run_id)
        if cached is None or cached[0] != stamps:
            if stamps[0] is None:
                return None
            cached = (stamps, _load(run_id, folder))
            self._cache[run_id] = cached
        return self._with_displayed_state(cached[1])

    def _with_displayed_state(self, run: Run) -> Run:
        if run.record is None:
            return run
        if run.state == "running" and not self._liveness.alive(run.path / model.HEARTBEAT_FILE):
            return Run(
                run.id,
                run.path,
                "interrupted",
                run.name,
                "The program that trained it ended without a word. Its finished epochs are kept.",
                run.record,
                run.user,
            )
        if run.state == "queued" and _control(run).stop:
            had_started = run.record.started_at is not None
            reason = _STOPPED_AGAIN if had_started else "It was stopped before its training began."
            return Run(run.id, run.path, "stopped", run.name, reason, run.record, run.user)
        return run


def _name_problems(name: str) -> list[str]:
    if 1 <= len(name) <= model.MAX_NAME:
        return []
    return [f"A name has 1 to {model.MAX_NAME} characters; this one has {len(name)}."]


def _tag_problems(tags: Sequence[str]) -> list[str]:
    if len(tags) > model.MAX_TAGS:
        return [f"A run has at most {model.MAX_TAGS} tags, not {len(tags)}."]
    too_long = next((tag for tag in tags if len(tag) > model.MAX_TAG), None)
    if too_long is None:
        return []
    return [
        f"A tag has at most {model.MAX_TAG} characters; “{too_long[:20]}…” has {len(too_long)}."
    ]


def _note_problems(notes: str) -> list[str]:
    if len(notes) <= model.MAX_NOTES:
        return []
    return [f"Notes have at most {model.MAX_NOTES:,} characters; these have {len(notes):,}."]


def _refuse_without_checkpoint(run: Run, record: RunRecord) -> None:
    """Refuse to go on with a run whose training left no state that can be read."""
    if kind_at(run.path / model.OLD_CHECKPOINT_FILE) and not kind_at(
        run.path / model.CHECKPOINT_FILE
    ):
        raise FmnistError(
            "This run was trained with an earlier version, and the state of its training can no "
            "longer be opened. Train it again from its configuration instead."
        )
    if record.imported_at is not None:
        raise FmnistError(
            "This run was imported, and the state of its training did not come along. Train it "
            "again from its configuration instead."
        )


def _control(run: Run) -> Control:
    return Control.parse(read_json(run.path / model.CONTROL_FILE), run.attempt)


def _newest_first(runs: list[Run]) -> list[Run]:
    return sorted(
        (run for run in runs if run.record), key=lambda run: (run.created_at, run.id), reverse=True
    ) + [run for run in runs if not run.record]


def _stamp(path: str) -> _Stamp:
    try:
        status = os.lstat(path)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ino


def _load(run_id: str, folder: Path) -> Run:
    try:
        record = _record(run_id, folder)
    except _Damaged as error:
        return Run(run_id, folder, "damaged", f"Damaged run {run_id[:6]}", str(error))
    if record.rates is None:
        record = record.model_copy(update={"rates": _rates_from_metrics(folder)})
    try:
        user = UserRecord.model_validate(read_json(folder / model.USER_FILE) or {})
    except ValidationError:
        user = UserRecord()
    name = user.name or network_name(record.spec)
    return Run(run_id, folder, record.state, name, record.reason, record, user)


class _Damaged(Exception):
    """Why a folder is no run, in a sentence."""


def _record(run_id: str, folder: Path) -> RunRecord:
    _refuse_unexpected_kinds(folder)
    try:
        record = RunRecord.model_validate_json(read_plain(folder / model.RUN_FILE))
    except FileNotFoundError as error:
        raise _Damaged("Its description is missing.") from error
    except NotPlain as error:
        raise _Damaged(f"Its description, {model.RUN_FILE}, is {error}.") from error
    except ValidationError as error:
        raise _Damaged(f"Its description makes no sense: {describe_problem(error)}.") from error
    except OSError as error:
        raise _Damaged("Its description cannot be read.") from error
    if record.id != run_id:
        raise _Damaged("Its description is another run's.")
    return record


def _refuse_unexpected_kinds(folder: Path) -> None:
    """Refuse a folder in which a link, a pipe or the like has the name of a file of a run.

    Nothing is opened or followed.
    """
    if (kind := kind_at(folder)) not in ("a folder", None):
        raise _Damaged(f"It is {kind}. A run is a folder, and nothing else is opened.")
    for name, expected in model.KINDS_IN_A_RUN.items():
        if (kind := kind_at(f"{folder}/{name}")) not in (expected, None):
            raise _Damaged(f"Its {name} is {kind}, not {expected}, and was not opened.")


def _rates_from_metrics(folder: Path) -> tuple[RateChange, ...]:
    """The learning-rate changes of a run of an older version, whose description lacks them."""
    path = folder / model.METRICS_FILE
    try:
        # A thousand runs are listed at once: only those with such a line are decoded.
        if b'"rate"' in read_plain(path, LARGEST_METRICS):
            return Tail(path).read().rate_changes
    except OSError:
        return ()
    return ()


def _unwritable(error: OSError) -> RunsUnwritable:
    if error.errno == errno.ENOSPC:
        return RunsUnwritable("The disk is full: make room, then try again. Nothing was lost.")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return RunsUnwritable(
            "The folder for runs cannot be written, so nothing can be trained here. Browsing and "
            "comparing still work. Set FMNIST_RUNS_DIR to a folder that can be written."
        )
    return RunsUnwritable(f"The run could not be written: {os.strerror(error.errno or 0)}.")
