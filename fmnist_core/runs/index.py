"""RunIndex: all runs of one folder, from a scan and a cache keyed by when each was changed."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from fmnist_core.runs import model
from fmnist_core.runs.events import RunEvents, Tail
from fmnist_core.runs.liveness import Liveness
from fmnist_core.runs.model import RunNotFound, is_run_id
from fmnist_core.runs.reading import read_control, read_folder
from fmnist_core.runs.run import DamagedRun, Run, RunDamaged

_Stamp = tuple[int, int] | None
_RECORD_FILES = (model.RUN_FILE, model.USER_FILE)
_DIED = "The program that trained it ended without a word. Its finished epochs are kept."
_STOPPED_AT_FIRST = "It was stopped before its training began."
_STOPPED_AGAIN = "It was stopped before its training went on. Its finished epochs are kept."


class Scan(NamedTuple):
    """All folders with the name of a run: the runs, newest first, and those that make no sense."""

    runs: list[Run]
    damaged: list[DamagedRun]

    @property
    def entries(self) -> list[Run | DamagedRun]:
        """All of them, the damaged ones last."""
        return [*self.runs, *self.damaged]


class RunIndex:
    """Finds the runs of one folder; what has not changed is not read again.

    Args:
        root: the runs folder; it need not exist.
        liveness: judges heartbeats; tests pass a faster one.
    """

    def __init__(self, root: Path | str, liveness: Liveness | None = None) -> None:
        self.root = Path(root)
        self._liveness = liveness or Liveness()
        self._cache: dict[str, tuple[tuple[_Stamp, ...], Run | DamagedRun]] = {}
        self._tails: dict[str, Tail] = {}
        self._tails_lock = threading.Lock()

    def scan(self) -> Scan:
        """All runs and the damaged ones; never raises for odd files in the folder."""
        try:
            names = [entry.name for entry in os.scandir(self.root) if is_run_id(entry.name)]
        except OSError:
            return Scan([], [])
        found = [run for name in names if (run := self._read(name)) is not None]
        for removed_id in set(self._cache) - set(names):
            self._cache.pop(removed_id, None)
            self._tails.pop(removed_id, None)
        runs = [run for run in found if isinstance(run, Run)]
        runs.sort(key=lambda run: (run.created_at, run.id), reverse=True)
        return Scan(runs, [run for run in found if isinstance(run, DamagedRun)])

    def list(self) -> list[Run]:
        """All runs that make sense, newest first."""
        return self.scan().runs

    def active(self) -> Sequence[Run]:
        """The runs that train, then those that wait, in the order in which they will train."""
        return sorted(
            (run for run in self.list() if run.active),
            key=lambda run: (run.state != "running", run.queued_at, run.id),
        )

    def get(self, run_id: str) -> Run:
        """The run of an id.

        Raises:
            RunNotFound: for an unknown id and for any text that is no id.
            RunDamaged: its folder makes no sense.
        """
        run = self._find(run_id)
        if isinstance(run, DamagedRun):
            raise RunDamaged(run)
        return run

    def events(self, run_id: str) -> RunEvents:
        """The events that the training of a run has reported so far."""
        with self._tails_lock:
            tail = self._tails.setdefault(run_id, Tail(self.root / run_id / model.METRICS_FILE))
        return tail.read()

    def _find(self, run_id: str) -> Run | DamagedRun:
        run = self._read(run_id) if is_run_id(run_id) else None
        if run is None:
            raise RunNotFound
        return run

    def _read(self, run_id: str) -> Run | DamagedRun | None:
        folder = self.root / run_id
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
            cached = (stamps, read_folder(run_id, folder))
            self._cache[run_id] = cached
        run = cached[1]
        return self._with_displayed_state(run) if isinstance(run, Run) else run

    def _with_displayed_state(self, run: Run) -> Run:
        if run.state == "running" and not self._liveness.alive(run.path / model.HEARTBEAT_FILE):
            return replace(run, state="interrupted", reason=_DIED)
        if run.state == "queued" and read_control(run).stop:
            had_started = run.record.started_at is not None
            reason = _STOPPED_AGAIN if had_started else _STOPPED_AT_FIRST
            return replace(run, state="stopped", reason=reason)
        return run


def _stamp(path: str) -> _Stamp:
    try:
        status = os.lstat(path)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ino
