"""The worker's side of a run folder: the only writer once a run was submitted."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.runs import model
from fmnist_core.runs.events import BatchEvent, EpochEvent, RateEvent, RunEvents, Tail
from fmnist_core.runs.files import (
    move_whole,
    read_arrays,
    read_json,
    sha256,
    write_arrays,
    write_json,
)
from fmnist_core.runs.model import RunRecord, State, Summary
from fmnist_core.runs.seal import seal
from fmnist_core.specs import RunSpec

HEARTBEAT_SECONDS = 1.0
STALL_SECONDS = 120.0
_CONTROL_SECONDS = 0.1


class Superseded(Exception):
    """A newer attempt of this run exists: this worker must write no more."""


@dataclass(frozen=True)
class Control:
    """What a visitor asks of a running training; no multiplier leaves the rate as it is.

    ``stop_after_epoch`` lets the running epoch end first.
    """

    stop: bool = False
    stop_after_epoch: bool = False
    multiplier: float | None = None

    @classmethod
    def of(cls, asked: object, attempt: int) -> Control:
        """Read the content of ``control.json``; what is not for this attempt asks for nothing."""
        if not isinstance(asked, dict) or asked.get("attempt") != attempt:
            return cls()
        multiplier = asked.get("multiplier")
        sensible = (
            isinstance(multiplier, float)
            and model.LOWEST_MULTIPLIER <= multiplier <= model.HIGHEST_MULTIPLIER
        )
        return cls(
            asked.get("stop") is True,
            asked.get("stop_after_epoch") is True,
            multiplier if sensible else None,
        )


class RunWriter:
    """Writes one attempt of one run; a context manager that gives signs of life.

    A training that does not advance falls silent too: the thread that entered the context must
    write something, or ask for ``control``, at least every ``STALL_SECONDS``.

    Args:
        root: the runs folder.
        run_id: the run.
        attempt: the number that this worker was started for.

    Raises:
        Superseded: from every writing method, once the folder holds a newer attempt.
    """

    def __init__(self, root: Path, run_id: str, attempt: int) -> None:
        self.path = root / run_id
        self.attempt = attempt
        self.record = RunRecord.model_validate_json((self.path / model.RUN_FILE).read_bytes())
        self._known = (self.path / model.RUN_FILE).stat().st_mtime_ns
        self._check_attempt()
        self._tail = Tail(self.path / model.METRICS_FILE)
        self._ended = threading.Event()
        self._control = Control()
        self._control_read = 0.0
        self._advanced = time.monotonic()
        self._trainer = 0

    @property
    def spec(self) -> RunSpec:
        return self.record.spec

    @property
    def checkpoint(self) -> Path:
        return self.path / model.CHECKPOINT_FILE

    def __enter__(self) -> RunWriter:
        self._trainer = threading.get_ident()
        self._advance()
        threading.Thread(target=self._beat, name="heartbeat", daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()

    def past_events(self) -> RunEvents:
        """What this and earlier attempts reported."""
        return self._tail.read()

    def start(self, from_epoch: int, environment: Mapping[str, Any]) -> None:
        """Turn *queued* into *running*, going on after ``from_epoch`` finished epochs."""
        self._remove_left_over()
        # A reader that sees "running" must find a heartbeat, or it would say "interrupted".
        (self.path / model.HEARTBEAT_FILE).write_bytes(b"1")
        self._repair_last_line()
        self._append({"event": "start", "from_epoch": from_epoch}, durable=True)
        self._write_record(
            state="running",
            # Of what an earlier attempt trained after its last whole epoch nothing counts.
            rates=self.past_events().rate_changes,
            started_at=self.record.started_at or datetime.now(UTC),
            environment=dict(environment),
        )

    def describe(self, environment: Mapping[str, Any]) -> None:
        """Say more about where the run is trained than was known at its start."""
        self._write_record(environment=dict(environment))

    def phase(self, text: str) -> None:
        """Say in a few words what the worker is doing."""
        self._append({"event": "phase", "text": text})

    def batch(self, event: BatchEvent) -> None:
        self._append({"event": "batch", **asdict(event)})

    def rate(self, event: RateEvent) -> None:
        """Note that the learning rate follows another multiplier from here on."""
        self._append({"event": "rate", **asdict(event)})
        self._write_record(rates=self.past_events().rate_changes)

    def epoch(
        self,
        event: EpochEvent,
        predictions: Mapping[str, NDArray[Any]],
        logits: Mapping[str, NDArray[Any]],
    ) -> None:
        """Commit a finished epoch: first its files, then the line that makes it count.

        Args:
            event: what was measured.
            predictions: ``test_predictions`` (10000,) uint8, ``test_probabilities`` (10000, 10)
                uint8 in 255ths, and likewise for validation.
            logits: ``test_logits`` (10000, 10) float32, and likewise for validation; only those
                of the last epoch are kept, for the end of the run.
        """
        folder = self.path / model.EPOCHS_FOLDER
        folder.mkdir(exist_ok=True)
        write_arrays(model.epoch_file(self.path, event.epoch), predictions)
        write_arrays(self.path / model.LOGITS_FILE, {"epoch": np.array(event.epoch), **logits})
        self._append({"event": "epoch", **asdict(event)}, durable=True)

    def epoch_predictions(self, epochs: int) -> list[dict[str, NDArray[Any]]]:
        """What ``epoch`` stored, for the first so many epochs."""
        numbers = range(1, epochs + 1)
        return [read_arrays(model.epoch_file(self.path, epoch)) for epoch in numbers]

    def last_logits(self, epoch: int) -> dict[str, NDArray[Any]] | None:
        """The logits that ``epoch`` stored, if they are of that epoch."""
        try:
            arrays = read_arrays(self.path / model.LOGITS_FILE)
        except (OSError, ValueError):
            return None
        return arrays if int(arrays.pop("epoch", np.array(0))) == epoch else None

    def save_checkpoint(self, event: EpochEvent, save: Callable[[Path], object]) -> None:
        """Save the state after an epoch, and beside it the event that will commit the epoch.

        Args:
            event: of the epoch, given to ``epoch`` afterwards.
            save: writes the checkpoint to the path it is given.
        """
        write_json(self.path / model.PENDING_FILE, asdict(event))
        self._save(self.checkpoint, save)

    def pending_epoch(self) -> EpochEvent | None:
        """The epoch whose checkpoint was saved last; its line may be missing."""
        values = read_json(self.path / model.PENDING_FILE)
        try:
            return EpochEvent(**values)
        except TypeError:
            return None

    def _save(self, path: Path, save: Callable[[Path], object]) -> None:
        """Let ``save`` write a file beside its place, then move it there whole.

        Keras writes straight onto its target and wants its own ending.
        """
        beside = path.with_name(f".{os.getpid()}.{path.name}")
        try:
            save(beside)
            move_whole(beside, path)
        finally:
            beside.unlink(missing_ok=True)

    def finish(
        self,
        state: State,
        summary: Summary | None,
        reason: str | None = None,
        predictions: Mapping[str, NDArray[Any]] | None = None,
        save_model: Callable[[Path], object] | None = None,
    ) -> None:
        """Write the artifacts, then, last of all, how the run ended."""
        artifacts, sealed = dict(self.record.artifacts), self.record.model_seal
        if predictions is not None:
            write_arrays(self.path / model.PREDICTIONS_FILE, predictions)
            artifacts[model.PREDICTIONS_FILE] = sha256(self.path / model.PREDICTIONS_FILE)
        if save_model is not None:
            self._save(self.path / model.MODEL_FILE, save_model)
            artifacts[model.MODEL_FILE] = sha256(self.path / model.MODEL_FILE)
            sealed = seal((self.path / model.MODEL_FILE).read_bytes())
        self._write_record(
            state=state,
            summary=summary,
            reason=reason,
            artifacts=artifacts,
            model_seal=sealed,
            finished_at=datetime.now(UTC),
        )

    def control(self) -> Control:
        """What the visitor asks for now; looks at the disk at most ten times a second."""
        self._advance()
        if time.monotonic() - self._control_read >= _CONTROL_SECONDS:
            self._control_read = time.monotonic()
            asked = read_json(self.path / model.CONTROL_FILE)
            self._control = Control.of(asked, self.attempt)
        return self._control

    def _beat(self) -> None:
        heartbeat = self.path / model.HEARTBEAT_FILE
        while not self._ended.wait(HEARTBEAT_SECONDS):
            if time.monotonic() - self._advanced > STALL_SECONDS:
                continue
            try:
                os.utime(heartbeat)
            except OSError:
                # Before the start there is no file yet; on a broken disk silence is the truth.
                continue

    def _advance(self) -> None:
        """Note that the training goes on; what other threads do says nothing about it."""
        if threading.get_ident() == self._trainer:
            self._advanced = time.monotonic()

    def _check_attempt(self) -> None:
        if self.record.attempt != self.attempt:
            raise Superseded

    def _refresh(self) -> None:
        path = self.path / model.RUN_FILE
        stamp = path.stat().st_mtime_ns
        if stamp != self._known:
            self.record = RunRecord.model_validate_json(path.read_bytes())
            self._known = stamp
        self._check_attempt()

    def _write_record(self, **changes: Any) -> None:
        self._refresh()
        self.record = self.record.model_copy(update=changes)
        path = self.path / model.RUN_FILE
        write_json(path, self.record.model_dump(mode="json"))
        self._known = path.stat().st_mtime_ns

    def _remove_left_over(self) -> None:
        """Remove what a killed worker had not finished writing; the dashboard's files stay."""
        for folder in (self.path, self.path / model.EPOCHS_FOLDER):
            for path in folder.glob(".*"):
                if not any(name in path.name for name in (model.USER_FILE, model.CONTROL_FILE)):
                    path.unlink(missing_ok=True)

    def _repair_last_line(self) -> None:
        """End a line that a killed worker left half written, so that the next one counts."""
        path = self.path / model.METRICS_FILE
        if path.exists() and not path.read_bytes().endswith(b"\n"):
            with path.open("ab") as file:
                file.write(b"\n")

    def _append(self, line: dict[str, Any], durable: bool = False) -> None:
        self._advance()
        self._refresh()
        text = json.dumps({**line, "attempt": self.attempt}, allow_nan=False) + "\n"
        with (self.path / model.METRICS_FILE).open("ab", buffering=0) as file:
            file.write(text.encode())
            if durable:
                os.fsync(file.fileno())
