"""RunWriter, the worker's side of a run folder: the only writer once a run was submitted."""

from __future__ import annotations

import os
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core import timeouts
from fmnist_core.dataset.probes import MOST_DRAWS
from fmnist_core.files import (
    move_whole,
    packed,
    read_json,
    sha256,
    write_content,
    write_json,
    write_whole,
)
from fmnist_core.plain_files import kind_at, open_plain, read_plain
from fmnist_core.runs import model
from fmnist_core.runs.arrays import (
    AFTER_EPOCH,
    FINAL,
    FIRST_LAYER,
    KEPT_LOGITS,
    LARGEST_FILE,
    LARGEST_FIRST_LAYER,
    Table,
    check_table,
    read_table,
)
from fmnist_core.runs.events import (
    BatchEvent,
    EpochEvent,
    Event,
    FirstLayerEvent,
    PhaseEvent,
    ProbeEvent,
    RateEvent,
    RunEvents,
    StartEvent,
    Tail,
    append_line,
    parse_epoch,
)
from fmnist_core.runs.model import RunRecord, RunUnreadable, State, Summary
from fmnist_core.runs.weights import (
    Weights,
    as_snapshot,
    check_weights,
    snapshot_epochs,
)
from fmnist_core.specs import RunSpec, parameter_count


class Superseded(Exception):
    """A newer attempt of this run exists: this worker must write no more."""


@dataclass(frozen=True)
class Control:
    """The requests of visitors to a running training; no multiplier leaves the rate as it is.

    ``stop_after_epoch`` lets the running epoch end first. ``draw`` says which probe images are
    wanted, as in ``probe_indices``.
    """

    stop: bool = False
    stop_after_epoch: bool = False
    multiplier: float | None = None
    draw: int = 0

    @classmethod
    def parse(cls, request: object, attempt: int) -> Control:
        """Parse the content of ``control.json``; one for another attempt requests nothing."""
        if not isinstance(request, dict) or request.get("attempt") != attempt:
            return cls()
        multiplier = request.get("multiplier")
        in_range = (
            isinstance(multiplier, float)
            and model.LOWEST_MULTIPLIER <= multiplier <= model.HIGHEST_MULTIPLIER
        )
        draw = request.get("draw")
        return cls(
            request.get("stop") is True,
            request.get("stop_after_epoch") is True,
            multiplier if in_range else None,
            draw if type(draw) is int and 0 <= draw <= MOST_DRAWS else 0,
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
        self.record = RunRecord.model_validate_json(read_plain(self.path / model.RUN_FILE))
        self._record_mtime = (self.path / model.RUN_FILE).lstat().st_mtime_ns
        self._check_attempt()
        self._tail = Tail(self.path / model.METRICS_FILE)
        self._ended = threading.Event()
        self._control = Control()
        self._control_read_at = 0.0
        self._advanced_at = time.monotonic()
        self._training_thread = 0

    @property
    def spec(self) -> RunSpec:
        return self.record.spec

    def checkpoint(self, table: Table) -> dict[str, NDArray[Any]] | None:
        """The arrays of the last checkpoint; ``None`` where no epoch has left one.

        Args:
            table: what they must be.

        Raises:
            RunUnreadable: it is no plain file, is damaged, or holds something else.
        """
        try:
            content = read_plain(self.path / model.CHECKPOINT_FILE, model.LARGEST_MODEL)
            return read_table(table, content, limit=model.LARGEST_MODEL)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise RunUnreadable("saved state") from error

    def __enter__(self) -> RunWriter:
        self._training_thread = threading.get_ident()
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
        """The events that this and earlier attempts reported."""
        return self._tail.read()

    def start(self, from_epoch: int, environment: Mapping[str, Any]) -> None:
        """Turn *queued* into *running*, going on after ``from_epoch`` finished epochs."""
        self._remove_temporary_files()
        # A reader that sees "running" must find a heartbeat, or it would say "interrupted".
        write_content(self.path / model.HEARTBEAT_FILE, b"1")
        self._repair_last_line()
        self._append(StartEvent(from_epoch), durable=True)
        self._write_record(
            state="running",
            # Of what an earlier attempt trained after its last whole epoch nothing counts.
            rates=self.past_events().rate_changes,
            started_at=self.record.started_at or datetime.now(UTC),
            environment=dict(environment),
        )

    def describe(self, environment: Mapping[str, Any]) -> None:
        """Replace the environment in the run's description, once its execution mode is measured."""
        self._write_record(environment=dict(environment))

    def report_phase(self, text: str) -> None:
        """Report the phase that the worker is in, in a few words for the visitor."""
        self._append(PhaseEvent(text))

    def report_batch(self, event: BatchEvent) -> None:
        self._append(event)

    def report_probe(self, event: ProbeEvent) -> None:
        self._append(event)

    def report_first_layer(
        self, event: FirstLayerEvent, pictures: Mapping[str, NDArray[np.int8]]
    ) -> None:
        """Keep pictures of the first layer, as ``arrays.FIRST_LAYER`` says; then report them.

        A power cut may take the last ones: nothing but their drawing depends on them.
        """
        self._refresh()
        check_table(FIRST_LAYER, pictures)
        path = model.first_layer_file(self.path, event.index)
        path.parent.mkdir(exist_ok=True)
        write_content(path, packed(pictures), model.EPOCH_FILE_DEPTH, durable=False)
        self._append(event)

    def report_rate(self, event: RateEvent) -> None:
        """Report that the learning rate follows another multiplier from here on."""
        self._append(event)
        self._write_record(rates=self.past_events().rate_changes)

    def commit_epoch(
        self,
        event: EpochEvent,
        predictions: Mapping[str, NDArray[Any]],
        weights: Weights,
        logits: Mapping[str, NDArray[Any]] | None,
    ) -> None:
        """Commit a finished epoch: first its files, then the line that makes it count.

        Args:
            event: the losses and accuracies of the epoch; its time becomes that of the line.
            predictions: as ``arrays.AFTER_EPOCH`` says.
            weights: of the network, as ``weights.weights_table`` says.
            logits: ``test_logits`` (10000, 10) float32, and likewise for validation, for the end
                of the run; ``None`` where the run keeps an earlier epoch so far.
        """
        self._refresh()
        check_table(AFTER_EPOCH, predictions)
        check_weights(self.spec, weights)
        _write_epoch_file(model.epoch_file(self.path, event.epoch), packed(predictions))
        self._write_snapshot(event, weights)
        if logits is not None:
            kept_logits = {"epoch": np.array(event.epoch, np.int64), **logits}
            check_table(KEPT_LOGITS, kept_logits)
            write_content(self.path / model.LOGITS_FILE, packed(kept_logits, compress=False))
        # Nobody can see an epoch before it counts.
        self._append(replace(event, at=time.time()), durable=True)

    def _write_snapshot(self, event: EpochEvent, weights: Weights) -> None:
        """Keep the weights of an epoch for looking inside, and those of the steepest before it."""
        earlier = self.past_events().epochs[: event.epoch - 1]
        accuracies = [epoch.train_accuracy for epoch in (*earlier, event)]
        kept_epochs = snapshot_epochs(accuracies, parameter_count(self.spec))
        content = packed(as_snapshot(weights), compress=False)
        _write_epoch_file(model.snapshot_file(self.path, event.epoch), content)
        for epoch in set(range(1, event.epoch)) - kept_epochs:
            model.snapshot_file(self.path, epoch).unlink(missing_ok=True)

    def epoch_predictions(self, epochs: int) -> list[dict[str, NDArray[Any]]]:
        """The predictions that ``commit_epoch`` stored, for the first ``epochs`` epochs.

        Raises:
            RunUnreadable: a file is missing or damaged.
        """
        return [read_epoch(self.path, epoch) for epoch in range(1, epochs + 1)]

    def kept_logits(self, epoch: int) -> dict[str, NDArray[Any]] | None:
        """The logits that ``commit_epoch`` stored last, if they are of that epoch."""
        try:
            content = read_plain(self.path / model.LOGITS_FILE, LARGEST_FILE)
            arrays = read_table(KEPT_LOGITS, content)
        except (OSError, ValueError):
            return None
        return arrays if int(arrays.pop("epoch")) == epoch else None

    def save_checkpoint(self, event: EpochEvent, state: Mapping[str, NDArray[Any]]) -> None:
        """Save the checkpoint of an epoch, and beside it the event that will commit the epoch.

        Args:
            event: of the epoch, given to ``commit_epoch`` afterwards.
            state: all that the training needs to go on from here.
        """
        self._refresh()
        write_json(self.path / model.PENDING_FILE, asdict(event))
        write_whole(
            self.path / model.CHECKPOINT_FILE,
            lambda file: np.savez(file, allow_pickle=False, **dict(state)),
        )

    def pending_epoch(self) -> EpochEvent | None:
        """The epoch whose checkpoint was saved last; its line may be missing."""
        return parse_epoch(read_json(self.path / model.PENDING_FILE))

    def _save(self, path: Path, save: Callable[[Path], object]) -> None:
        """Let ``save`` write a file beside its place, then move it there whole.

        Keras writes straight onto its target and wants its own ending.
        """
        # Keras would follow a link; nobody can have put one under a name that nobody can guess.
        temporary = path.with_name(f".{secrets.token_hex(8)}.{path.name}")
        try:
            save(temporary)
            move_whole(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)

    def finish(
        self,
        state: State,
        summary: Summary | None,
        reason: str | None = None,
        predictions: Mapping[str, NDArray[Any]] | None = None,
        weights: Weights | None = None,
        save_model: Callable[[Path], object] | None = None,
    ) -> None:
        """Write the artifacts, then, last of all, how the run ended.

        Args:
            state: how it ended.
            summary: its results; ``None`` without a finished epoch.
            reason: why it ended so, in a sentence.
            predictions: as ``arrays.FINAL`` says.
            weights: of the network, as ``weights.weights_table`` says.
            save_model: writes the network for plain Keras to the path it is given.
        """
        artifacts = dict(self.record.artifacts)
        if predictions is not None:
            check_table(FINAL, predictions)
            content = packed(predictions)
            write_content(self.path / model.PREDICTIONS_FILE, content)
            artifacts[model.PREDICTIONS_FILE] = sha256(content)
        if weights is not None:
            check_weights(self.spec, weights)
            content = packed(weights, compress=False)
            write_content(self.path / model.WEIGHTS_FILE, content)
            artifacts[model.WEIGHTS_FILE] = sha256(content)
        if save_model is not None:
            self._save(self.path / model.MODEL_FILE, save_model)
            network = read_plain(self.path / model.MODEL_FILE, model.LARGEST_MODEL)
            artifacts[model.MODEL_FILE] = sha256(network)
        self._write_record(
            state=state,
            summary=summary,
            reason=reason,
            artifacts=artifacts,
            finished_at=datetime.now(UTC),
        )

    def control(self) -> Control:
        """The requests of visitors, read from the disk at most ten times a second."""
        self._advance()
        if time.monotonic() - self._control_read_at >= timeouts.CONTROL_SECONDS:
            self._control_read_at = time.monotonic()
            request = read_json(self.path / model.CONTROL_FILE)
            self._control = Control.parse(request, self.attempt)
        return self._control

    def _beat(self) -> None:
        heartbeat = self.path / model.HEARTBEAT_FILE
        while not self._ended.wait(timeouts.HEARTBEAT_SECONDS):
            if time.monotonic() - self._advanced_at > timeouts.STALL_SECONDS:
                continue
            try:
                os.utime(heartbeat, follow_symlinks=False)
            except OSError:
                # Before the start there is no file yet; on a broken disk silence is the truth.
                continue

    def _advance(self) -> None:
        """Note that the training goes on; what other threads do says nothing about it."""
        if threading.get_ident() == self._training_thread:
            self._advanced_at = time.monotonic()

    def _check_attempt(self) -> None:
        if self.record.attempt != self.attempt:
            raise Superseded

    def _refresh(self) -> None:
        path = self.path / model.RUN_FILE
        stamp = path.lstat().st_mtime_ns
        if stamp != self._record_mtime:
            self.record = RunRecord.model_validate_json(read_plain(path))
            self._record_mtime = stamp
        self._check_attempt()

    def _write_record(self, **changes: Any) -> None:
        self._refresh()
        self.record = self.record.model_copy(update=changes)
        path = self.path / model.RUN_FILE
        write_json(path, self.record.model_dump(mode="json"))
        self._record_mtime = path.lstat().st_mtime_ns

    def _remove_temporary_files(self) -> None:
        """Remove temporary files of a killed worker; the dashboard's stay."""
        for folder in (
            self.path,
            self.path / model.EPOCHS_FOLDER,
            self.path / model.WEIGHTS_FOLDER,
            self.path / model.FIRST_LAYER_FOLDER,
        ):
            for path in folder.glob(".*") if kind_at(folder) == "a folder" else ():
                if any(name in path.name for name in (model.USER_FILE, model.CONTROL_FILE)):
                    continue
                if kind_at(path) == "a folder":
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    path.unlink(missing_ok=True)

    def _repair_last_line(self) -> None:
        """End a line that a killed worker left half written, so that the next one counts."""
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT
        with os.fdopen(open_plain(self.path / model.METRICS_FILE, flags), "r+b", 0) as file:
            size = os.fstat(file.fileno()).st_size
            if size and os.pread(file.fileno(), 1, size - 1) != b"\n":
                file.write(b"\n")

    def _append(self, event: Event, durable: bool = False) -> None:
        self._advance()
        self._refresh()
        append_line(self.path / model.METRICS_FILE, event, self.attempt, durable)


def _write_epoch_file(path: Path, content: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    write_content(path, content, model.EPOCH_FILE_DEPTH)


def read_first_layer(folder: Path, index: int) -> dict[str, NDArray[np.int8]]:
    """The pictures of a run's first layer by their index, as ``arrays.FIRST_LAYER`` says.

    Raises:
        RunUnreadable: the file is missing or damaged.
    """
    path = model.first_layer_file(folder, index)
    try:
        content = read_plain(path, LARGEST_FIRST_LAYER, model.EPOCH_FILE_DEPTH)
        return read_table(FIRST_LAYER, content)
    except (OSError, ValueError) as error:
        raise RunUnreadable("first layer") from error


def read_epoch(folder: Path, epoch: int) -> dict[str, NDArray[Any]]:
    """The arrays of a run after an epoch (from 1), as ``arrays.AFTER_EPOCH`` says.

    Raises:
        RunUnreadable: the file is missing or damaged.
    """
    try:
        content = read_plain(model.epoch_file(folder, epoch), LARGEST_FILE, model.EPOCH_FILE_DEPTH)
        return read_table(AFTER_EPOCH, content)
    except (OSError, ValueError) as error:
        raise RunUnreadable("predictions") from error
