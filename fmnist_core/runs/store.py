"""RunStore, the dashboard's side of the run folders: create, list, follow, stop, delete."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from fmnist_core.colors import RUN_COLORS
from fmnist_core.dataset.probes import MOST_DRAWS
from fmnist_core.errors import FmnistError
from fmnist_core.files import sha256, write_json
from fmnist_core.permissions import Actor
from fmnist_core.plain_files import kind_at, read_plain
from fmnist_core.presets import network_name
from fmnist_core.runs import model, trash
from fmnist_core.runs.arrays import FINAL, LARGEST_FILE, read_table
from fmnist_core.runs.description import checked_description
from fmnist_core.runs.folder import make_folder, told_if_unwritable, unwritable
from fmnist_core.runs.index import RunIndex
from fmnist_core.runs.liveness import Liveness
from fmnist_core.runs.model import (
    RunNotFound,
    RunRecord,
    RunUnreadable,
    UserRecord,
    is_run_id,
    new_run_id,
)
from fmnist_core.runs.reading import read_control, read_folder
from fmnist_core.runs.run import DamagedRun, Run
from fmnist_core.runs.weights import LARGEST_WEIGHTS, read_weights
from fmnist_core.runs.writer import Control, read_epoch, read_first_layer
from fmnist_core.specs import MAX_EPOCHS, RunSpec

_LARGEST_CLOCK_JUMP = timedelta(days=1)
# What messages call the files that a run wrote at its end, and how large each may be.
_ARTIFACTS = {
    model.PREDICTIONS_FILE: ("predictions", LARGEST_FILE),
    model.WEIGHTS_FILE: ("network", LARGEST_WEIGHTS),
    model.MODEL_FILE: ("network", model.LARGEST_MODEL),
}


class RunStore(RunIndex):
    """All runs in one folder. Holds no state but caches: two stores on a folder agree.

    Args:
        root: the runs folder; made when the first run is.
        liveness: judges heartbeats; tests pass a faster one.
    """

    def __init__(self, root: Path | str, liveness: Liveness | None = None) -> None:
        super().__init__(root, liveness)
        self._lock = threading.Lock()

    # -- reading ---------------------------------------------------------------------------

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
        expected_digest = run.record.artifacts.get(name)
        limit = LARGEST_FILE if name == model.PREDICTIONS_FILE else model.LARGEST_MODEL
        part = "predictions" if name == model.PREDICTIONS_FILE else "network"
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
            FmnistError: it kept none that can be opened; says why.
            RunUnreadable: missing, its sha256 is not the recorded one, or they are not the weights
                of its specification.
        """
        run = self.get(run_id)
        if run.network_problem is not None:
            raise FmnistError(run.network_problem)
        content = self.artifact(run_id, model.WEIGHTS_FILE)
        try:
            return read_weights(run.spec, content)
        except ValueError as error:
            raise RunUnreadable("network") from error

    def snapshot(self, run_id: str, epoch: int) -> dict[str, NDArray[Any]]:
        """The weights that a run kept of an epoch (from 1), as ``weights_table`` says, float16.

        Raises:
            RunNotFound: there is no such run.
            RunUnreadable: missing, or they are not weights of its specification.
        """
        run = self.get(run_id)
        path = model.snapshot_file(run.path, epoch)
        try:
            content = read_plain(path, LARGEST_WEIGHTS, model.EPOCH_FILE_DEPTH)
            return read_weights(run.spec, content, "float16")
        except (OSError, ValueError) as error:
            raise RunUnreadable("network") from error

    def epoch_predictions(self, run_id: str, epoch: int) -> dict[str, NDArray[Any]]:
        """The arrays that a run stored after an epoch (from 1), as ``arrays.AFTER_EPOCH`` says.

        Raises:
            RunUnreadable: missing or damaged.
        """
        return read_epoch(self.get(run_id).path, epoch)

    def first_layer(self, run_id: str, index: int) -> dict[str, NDArray[Any]]:
        """The pictures of a run's first layer by their index, as ``arrays.FIRST_LAYER`` says.

        Raises:
            RunNotFound: there is no such run.
            RunUnreadable: the file is missing or damaged.
        """
        return read_first_layer(self.get(run_id).path, index)

    def control(self, run_id: str) -> Control:
        """The requests of visitors to the run's attempt: stop, learning rate, probe images."""
        return read_control(self.get(run_id))

    def writable_problem(self) -> str | None:
        """Why no run can be written here, in a sentence; ``None`` where one can."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            probe = self.root / f".probe-{new_run_id()}"
            probe.write_bytes(b"x")
            probe.unlink()
        except OSError as error:
            return str(unwritable(error))
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
        runs = self.list()
        now = _next_queue_time(runs)
        record = RunRecord(
            id=run_id,
            state="queued",
            spec=spec,
            created_at=now,
            queued_at=now,
            color=_least_used_color(runs),
            started_by=by.id,
        )
        user = UserRecord(name=(name or network_name(spec))[: model.MAX_NAME])
        hidden = self.root / f".new-{run_id}-{new_run_id()}"
        make_folder(hidden, self._folder(run_id), record, user)
        return self.get(run_id)

    def requeue(self, run_id: str, *, by: Actor) -> Run:
        """Queue an ended run again as its next attempt, to go on from its last epoch.

        Raises:
            FmnistError: it is finished, still waits or trains, or cannot be read.
        """
        run = self.get(run_id)
        if run.active or run.state == "done":
            raise FmnistError("Only a training that ended before its last epoch can be resumed.")
        _refuse_without_checkpoint(run)
        by.require("start")
        return self._queue_again(run.id, run.record, started_by=by.id)

    def train_longer(self, run_id: str, epochs: int, *, by: Actor) -> Run:
        """Queue an ended run again, for so many epochs more than it has finished.

        Raises:
            FmnistError: it has no finished epoch or has not ended, or has too many epochs then.
        """
        run = self.get(run_id)
        if run.summary is None or not run.has_predictions:
            raise FmnistError("Only a training that ended after an epoch can be trained longer.")
        _refuse_without_checkpoint(run)
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
            if run.state != "queued" or run.attempt != attempt:
                return run
            request = {"attempt": attempt + 1, **asdict(read_control(run))}
            record = run.record.model_copy(update={"attempt": attempt + 1})
            self._write(run_id, model.RUN_FILE, record.model_dump(mode="json"))
            self._write(run_id, model.CONTROL_FILE, request)
        return self.get(run_id)

    def request_stop(self, run_id: str, after_epoch: bool = False, *, by: Actor) -> None:
        """Ask the run's current attempt to stop, at once or after its epoch; the worker obeys."""
        by.require("change")
        self._request(run_id, lambda _: {"stop_after_epoch" if after_epoch else "stop": True})

    def set_multiplier(self, run_id: str, multiplier: float, *, by: Actor) -> None:
        """Ask the run's current attempt to train at so many times the planned learning rate."""
        by.require("change")
        lowest, highest = model.LOWEST_MULTIPLIER, model.HIGHEST_MULTIPLIER
        if not lowest <= multiplier <= highest:
            raise FmnistError(
                f"The learning rate can be multiplied with {lowest:g} to {highest:g}, "
                f"not with {multiplier:g}."
            )
        self._request(run_id, lambda _: {"multiplier": float(multiplier)})

    def shuffle_probes(self, run_id: str, *, by: Actor) -> None:
        """Ask the run's current attempt for its predictions of other probe images."""
        by.require("change")
        self._request(run_id, lambda last: {"draw": (last.draw + 1) % MOST_DRAWS})

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

        Raises:
            NotAllowed, TooMuch: they may not, or not so often.
            FmnistError: something is too long; see ``checked_description``.
        """
        changes = checked_description(name, tags, notes)
        by.require("change")
        return self._describe(run_id, **changes)

    def pin(self, run_id: str, pinned: bool = True, *, by: Actor) -> Run:
        """Pin a run, so that it comes first, or unpin it."""
        by.require("change")
        return self._describe(run_id, pinned=pinned)

    def delete(self, run_id: str, *, by: Actor) -> None:
        """Remove a run that has ended or is damaged; ``restore`` brings it back for a while."""
        run = self._find(run_id)
        if isinstance(run, Run) and run.active:
            raise FmnistError("This run waits or trains: stop it before you delete it.")
        by.require("change")
        with told_if_unwritable():
            thrown_away = trash.throw_away(self.root, run_id)
        if not thrown_away:
            raise FmnistError(
                "This run was deleted a short while ago, and what was deleted then can still be "
                "brought back. It is kept; delete it again a little later."
            )

    def restore(self, run_id: str, *, by: Actor) -> None:
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
        with told_if_unwritable():
            brought_back = trash.bring_back(self.root, run_id)
        if not brought_back:
            raise RunNotFound

    def deleted(self) -> Sequence[Run | DamagedRun]:
        """The runs that ``restore`` can bring back, the last deleted first."""
        return [read_folder(run_id, folder) for run_id, folder in trash.restorable(self.root)]

    # -- inside ----------------------------------------------------------------------------

    def _describe(self, run_id: str, **changes: object) -> Run:
        """Change fields of a run's ``user.json``; the others stay."""
        with self._lock:
            run = self.get(run_id)
            user = run.user.model_copy(update=changes)
            self._write(run_id, model.USER_FILE, user.model_dump(mode="json"))
        return self.get(run_id)

    def _request(self, run_id: str, changes: Callable[[Control], dict[str, object]]) -> None:
        """Change fields of an active run's ``control.json``; earlier requests stay.

        Args:
            run_id: the run.
            changes: what changes, by the requests before.
        """
        with self._lock:
            run = self.get(run_id)
            if run.active:
                last = read_control(run)
                request = {"attempt": run.attempt, **asdict(last), **changes(last)}
                self._write(run_id, model.CONTROL_FILE, request)

    def _queue_again(self, run_id: str, record: RunRecord, **changes: object) -> Run:
        changes |= {
            "state": "queued",
            "attempt": record.attempt + 1,
            "queued_at": _next_queue_time(self.list()),
            "finished_at": None,
            "reason": None,
        }
        record = record.model_copy(update=changes)
        self._write(run_id, model.RUN_FILE, record.model_dump(mode="json"))
        return self.get(run_id)

    def _folder(self, run_id: str) -> Path:
        return self.root / run_id

    def _write(self, run_id: str, name: str, value: Any) -> None:
        with told_if_unwritable():
            write_json(self._folder(run_id) / name, value)


def _next_queue_time(runs: Sequence[Run]) -> datetime:
    """The queue time of a run queued now: the latest, also where the clock jumped back."""
    now = datetime.now(UTC)
    queue_times = [run.queued_at for run in runs]
    newest = max((time for time in queue_times if time < now + _LARGEST_CLOCK_JUMP), default=now)
    return max(now, newest + timedelta(microseconds=1))


def _least_used_color(runs: Sequence[Run]) -> int:
    """The colour that the fewest of the runs have; of several the first."""
    used = [run.color for run in runs]
    return min(range(len(RUN_COLORS)), key=used.count)


def _refuse_without_checkpoint(run: Run) -> None:
    """Refuse to go on with a run whose training left no state that can be read."""
    if kind_at(run.path / model.OLD_CHECKPOINT_FILE) and not kind_at(
        run.path / model.CHECKPOINT_FILE
    ):
        raise FmnistError(
            "This run was trained with an earlier version, and the state of its training can no "
            "longer be opened. Train it again from its configuration instead."
        )
    if run.record.imported_at is not None:
        raise FmnistError(
            "This run was imported, and the state of its training did not come along. Train it "
            "again from its configuration instead."
        )
