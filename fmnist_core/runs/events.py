"""What a training reported so far, read from a file that may still grow."""

from __future__ import annotations

import json
import math
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from fmnist_core.runs.model import (
    HIGHEST_MULTIPLIER,
    LAST_POSITION,
    LOWEST_MULTIPLIER,
    RateChange,
)


@dataclass(frozen=True)
class BatchEvent:
    """The pictures since the event before, a quarter of a second or so.

    Attributes:
        epoch: the running epoch, from 1.
        position: epochs done so far, with a fraction: 2.5 is the middle of the third.
        elapsed: seconds of training since the run's first start.
        at: seconds since 1970 on the worker's clock, to measure how fresh a picture is.
        loss, accuracy: means over the pictures since the last event, in training mode.
    """

    epoch: int
    position: float
    elapsed: float
    at: float
    loss: float
    accuracy: float


@dataclass(frozen=True)
class EpochEvent:
    """A finished epoch; its checkpoint and predictions are on disk.

    ``train_*`` is Keras's running mean over the epoch, in training mode; validation and test are
    measured after the epoch, in inference mode. ``seconds`` is the time of the fit alone.
    ``memorised`` is the share of wrong training labels that the network repeats, where label
    noise was asked for.
    """

    epoch: int
    elapsed: float
    at: float
    seconds: float
    learning_rate: float
    images_per_second: float
    train_loss: float
    train_accuracy: float
    test_loss: float
    test_accuracy: float
    validation_loss: float | None = None
    validation_accuracy: float | None = None
    memorised: float | None = None


@dataclass(frozen=True)
class RateEvent:
    """A visitor changed the learning rate: from here on it is the plan's times ``multiplier``."""

    position: float
    elapsed: float
    at: float
    multiplier: float


_Event = TypeVar("_Event", BatchEvent, EpochEvent, RateEvent)


@dataclass
class RunEvents:
    """All events of a run in order; of an epoch trained again, only the last time counts."""

    batches: list[BatchEvent] = field(default_factory=list)
    epochs: list[EpochEvent] = field(default_factory=list)
    rates: list[RateEvent] = field(default_factory=list)
    phase: str = ""

    @property
    def elapsed(self) -> float:
        """Seconds of training up to the last event."""
        last = [events[-1].elapsed for events in (self.batches, self.epochs) if events]
        return max(last, default=0.0)

    @property
    def best_epoch(self) -> EpochEvent | None:
        """The finished epoch with the lowest validation loss; without validation there is none."""
        judged = [event for event in self.epochs if event.validation_loss is not None]
        return min(judged, key=lambda event: event.validation_loss or 0.0, default=None)

    @property
    def multiplier(self) -> float:
        """What the planned learning rate is multiplied with since a visitor changed it last."""
        return self.rates[-1].multiplier if self.rates else 1.0

    @property
    def rate_changes(self) -> tuple[RateChange, ...]:
        """Where a visitor changed the learning rate, as the run's description says it."""
        return tuple(
            RateChange(position=event.position, multiplier=event.multiplier)
            for event in self.rates
            if can_be_changed(event)
        )

    def _forget_after(self, epoch: int) -> None:
        self.batches = [event for event in self.batches if event.epoch <= epoch]
        self.epochs = [event for event in self.epochs if event.epoch <= epoch]
        self.rates = [event for event in self.rates if event.position <= epoch]

    def take(self, line: dict[str, Any]) -> None:
        """Add one decoded line of the metrics file; a line that makes no sense is left out."""
        values = {key: value for key, value in line.items() if key not in ("event", "attempt")}
        try:
            if line.get("event") == "batch":
                self.batches.append(_finite(BatchEvent(**values)))
            elif line.get("event") == "epoch":
                event = _finite(EpochEvent(**values))
                self._forget_epoch(event.epoch)
                self.epochs.append(event)
            elif line.get("event") == "rate":
                self.rates.append(_finite(RateEvent(**values)))
            elif line.get("event") == "start":
                self._forget_after(int(values["from_epoch"]))
            elif line.get("event") == "phase":
                self.phase = str(values["text"])
        except (TypeError, KeyError, ValueError, OverflowError):
            return

    def _forget_epoch(self, epoch: int) -> None:
        self.epochs = [event for event in self.epochs if event.epoch < epoch]


def can_be_changed(event: RateEvent) -> bool:
    """Whether a training can have reported this; a file may say anything."""
    at, times = event.position, event.multiplier
    return (
        isinstance(at, int | float)
        and isinstance(times, int | float)
        and 0 <= at <= LAST_POSITION
        and LOWEST_MULTIPLIER <= times <= HIGHEST_MULTIPLIER
    )


def _finite(event: _Event) -> _Event:
    for value in vars(event).values():
        if value is not None and not math.isfinite(value):
            raise ValueError("not a finite number")
    return event


class Tail:
    """Reads a metrics file as it grows; each line is decoded once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self._inode = 0
        self._events = RunEvents()
        self._lock = threading.Lock()

    def read(self) -> RunEvents:
        """The events so far, as lists of their own that the caller may keep."""
        with self._lock:
            self._advance()
            events = self._events
            return RunEvents(
                list(events.batches), list(events.epochs), list(events.rates), events.phase
            )

    def _advance(self) -> None:
        try:
            with self._path.open("rb") as file:
                status = self._path.stat()
                if status.st_ino != self._inode or status.st_size < self._offset:
                    self._inode, self._offset, self._events = status.st_ino, 0, RunEvents()
                file.seek(self._offset)
                new = file.read()
        except OSError:
            return
        whole = new[: new.rfind(b"\n") + 1]
        self._offset += len(whole)
        for text in whole.splitlines():
            try:
                line = json.loads(text)
            except (ValueError, RecursionError):
                continue
            if isinstance(line, dict):
                self._events.take(line)
