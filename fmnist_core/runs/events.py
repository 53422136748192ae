"""The events of a training (batches, epochs, rates), read from a metrics file that may still grow.

One grammar says what a line may be. The training writes by it, the reader leaves out what it does
not know, and an import that holds such a line is refused.
"""

from __future__ import annotations

import base64
import json
import os
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from itertools import accumulate, islice
from pathlib import Path
from typing import Annotated, Any, ClassVar, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from fmnist_core.dataset import CLASS_COUNT
from fmnist_core.dataset.probes import MOST_DRAWS, PROBE_COUNT
from fmnist_core.plain_files import MEBIBYTE, open_plain
from fmnist_core.runs.model import (
    LARGEST_LOSS,
    LAST_SECOND,
    MOST_FIRST_LAYERS,
    Attempt,
    Epoch,
    Loss,
    Multiplier,
    Position,
    RateChange,
    Seconds,
    Share,
)
from fmnist_core.runs.problems import describe_problem, describe_value
from fmnist_core.specs import MAX_EPOCHS

# Four lines a second for about fifteen hours; from then on only what ends an epoch is added.
LARGEST_METRICS = 32 * MEBIBYTE
_MAX_BATCH_BYTES = 31 * MEBIBYTE
# Then the curve alone goes on.
_MAX_PROBE_BYTES = 16 * MEBIBYTE
_LONGEST_LINE = MEBIBYTE
_LONGEST_PHASE = 500
# Twelve times ten bytes.
_PROBE_VALUES = r"^[A-Za-z0-9+/]{160}$"
# What adding up small numbers may cost.
_SLACK = 1e-3
_EXACT = ConfigDict(extra="forbid")
# Seconds since 1970 on the worker's clock.
_Clock = Annotated[float, Field(ge=0, le=LAST_SECOND, strict=True, allow_inf_nan=False)]
_Rate = Annotated[float, Field(ge=0, le=1e15, strict=True, allow_inf_nan=False)]


@dataclass(frozen=True)
class BatchEvent:
    """Loss and accuracy over the batches since the last event, about a quarter of a second.

    Attributes:
        epoch: the running epoch, from 1.
        position: epochs done so far, with a fraction: 2.5 is the middle of the third.
        elapsed: seconds of training since the run's first start.
        at: seconds since 1970 on the worker's clock, to measure how late a chart is.
        loss, accuracy: means over the images since the last event, in training mode.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _EXACT

    epoch: Epoch
    position: Position
    elapsed: Seconds
    at: _Clock
    loss: Loss
    accuracy: Share


@dataclass(frozen=True)
class EpochEvent:
    """A finished epoch; its checkpoint and predictions are on disk.

    ``train_*`` is Keras's running mean over the epoch, in training mode; validation and test are
    measured after the epoch, in inference mode. ``seconds`` is the time of the fit alone.
    ``memorised`` is the share of wrong training labels that the network repeats, where label
    noise was asked for.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _EXACT

    epoch: Epoch
    elapsed: Seconds
    at: _Clock
    seconds: Seconds
    learning_rate: _Rate
    images_per_second: _Rate
    train_loss: Loss
    train_accuracy: Share
    test_loss: Loss
    test_accuracy: Share
    validation_loss: Loss | None = None
    validation_accuracy: Share | None = None
    memorised: Share | None = None


@dataclass(frozen=True)
class RateEvent:
    """A visitor changed the learning rate: from here on it is the plan's times ``multiplier``."""

    __pydantic_config__: ClassVar[ConfigDict] = _EXACT

    position: Position
    elapsed: Seconds
    at: _Clock
    multiplier: Multiplier


@dataclass(frozen=True)
class StartEvent:
    """An attempt begins after so many finished epochs; what came later counts no more."""

    __pydantic_config__: ClassVar[ConfigDict] = _EXACT

    from_epoch: Annotated[int, Field(ge=0, le=MAX_EPOCHS, strict=True)]


@dataclass(frozen=True)
class PhaseEvent:
    """The phase that the worker is in, in a few words for the visitor."""

    __pydantic_config__: ClassVar[ConfigDict] = _EXACT

    text: Annotated[str, Field(max_length=_LONGEST_PHASE, strict=True)]


@dataclass(frozen=True)
class ProbeEvent:
    """The predictions of the probe images now, about twice a second.

    Attributes:
        position, elapsed, at: as in ``BatchEvent``.
        draw: which images they are, as in ``probe_indices``.
        values: (12, 10) probabilities in 255ths, uint8, row by row in base64.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _EXACT

    position: Position
    elapsed: Seconds
    at: _Clock
    draw: Annotated[int, Field(ge=0, le=MOST_DRAWS, strict=True)]
    values: Annotated[str, Field(pattern=_PROBE_VALUES, strict=True)]

    @property
    def probabilities(self) -> NDArray[np.uint8]:
        """The values as an array, (12, 10) uint8."""
        values = np.frombuffer(base64.b64decode(self.values), np.uint8)
        return values.reshape(PROBE_COUNT, CLASS_COUNT)


def probe_values(probabilities: NDArray[np.float32]) -> str:
    """The values of a ``ProbeEvent`` from probabilities (12, 10) between 0 and 1."""
    return base64.b64encode(np.rint(255 * probabilities).astype(np.uint8).tobytes()).decode()


@dataclass(frozen=True)
class FirstLayerEvent:
    """Pictures of the first layer as it is now; they are on disk, as ``arrays.FIRST_LAYER`` says.

    Attributes:
        position, elapsed, at: as in ``BatchEvent``.
        index: of their file, from 0.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _EXACT

    position: Position
    elapsed: Seconds
    at: _Clock
    index: Annotated[int, Field(ge=0, lt=MOST_FIRST_LAYERS, strict=True)]


Event = BatchEvent | EpochEvent | RateEvent | StartEvent | PhaseEvent | ProbeEvent | FirstLayerEvent
_EVENT_TYPES: dict[str, type[Event]] = {
    "batch": BatchEvent,
    "epoch": EpochEvent,
    "rate": RateEvent,
    "start": StartEvent,
    "phase": PhaseEvent,
    "probe": ProbeEvent,
    "first_layer": FirstLayerEvent,
}
_EVENT_NAMES = {kind: name for name, kind in _EVENT_TYPES.items()}
_ADAPTERS: dict[str, TypeAdapter[Event]] = {
    name: TypeAdapter(kind) for name, kind in _EVENT_TYPES.items()
}
_Event = TypeVar("_Event", BatchEvent, EpochEvent, RateEvent, FirstLayerEvent)
_ATTEMPT: TypeAdapter[int] = TypeAdapter(Attempt)


class InvalidLine(ValueError):
    """A line of a metrics file that no training writes; says why, without a full stop."""


class NotJson(InvalidLine):
    """A line that is no JSON, such as the half of one."""

    def __init__(self) -> None:
        super().__init__("it is no JSON")


def read_line(text: bytes) -> Event:
    """Decode a line of the metrics file.

    Raises:
        NotJson: it cannot be decoded.
        InvalidLine: no training writes it.
    """
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotJson from error
    kind = fields.pop("event", None) if isinstance(fields, dict) else None
    if not isinstance(kind, str) or kind not in _ADAPTERS:
        raise InvalidLine(f"it says none of the events {', '.join(_ADAPTERS)}")
    try:
        attempt = fields.pop("attempt", 1)
        _ATTEMPT.validate_python(attempt)
    except ValidationError as error:
        raise InvalidLine(f"attempt is {describe_value(attempt)}, which no training has") from error
    try:
        return _ADAPTERS[kind].validate_python(fields)
    except ValidationError as error:
        raise InvalidLine(describe_problem(error)) from error


def parse_epoch(values: object) -> EpochEvent | None:
    """The event of a finished epoch from its decoded fields; ``None`` where they are invalid."""
    try:
        event = _ADAPTERS["epoch"].validate_python(values)
    except ValidationError:
        return None
    return event if isinstance(event, EpochEvent) else None


def write_line(event: Event, attempt: int) -> bytes:
    """Encode an event as a line of the metrics file, as ``read_line`` reads it.

    Raises:
        ValueError: it is no event that a training can report.
    """
    fields = {**event_fields(_clamped(event)), "attempt": attempt}
    line = json.dumps(fields, allow_nan=False).encode()
    read_line(line)
    return line + b"\n"


def event_fields(event: Event) -> dict[str, Any]:
    """An event as the metrics file holds it, without its attempt; ``event`` names its kind."""
    return {"event": _EVENT_NAMES[type(event)], **asdict(event)}


def _clamped(event: Event) -> Event:
    """The event with accuracies and losses clamped to the range that rounding errors left."""
    clamped: dict[str, float] = {}
    for name, value in vars(event).items():
        high = 1.0 if name.endswith("accuracy") else LARGEST_LOSS if name.endswith("loss") else None
        if high is not None and value is not None and -_SLACK <= value <= high + _SLACK:
            clamped[name] = min(max(0.0, value), high)
    return replace(event, **clamped)  # type: ignore[arg-type]


@dataclass
class RunEvents:
    """All events of a run in order; of an epoch trained again, only the last time counts.

    Attributes:
        probe: the newest predictions of the probe images.
        end: how many bytes of the metrics file they are; what is reported later stands there.
    """

    batches: list[BatchEvent] = field(default_factory=list)
    epochs: list[EpochEvent] = field(default_factory=list)
    rates: list[RateEvent] = field(default_factory=list)
    first_layers: list[FirstLayerEvent] = field(default_factory=list)
    probe: ProbeEvent | None = None
    phase: str = ""
    end: int = field(default=0, compare=False)

    @property
    def elapsed(self) -> float:
        """Seconds of training up to the last event."""
        last = [events[-1].elapsed for events in (self.batches, self.epochs) if events]
        return max(last, default=0.0)

    @property
    def best_epoch(self) -> EpochEvent | None:
        """The finished epoch with the lowest validation loss; without validation there is none."""
        validated = [event for event in self.epochs if event.validation_loss is not None]
        return min(validated, key=lambda event: event.validation_loss or 0.0, default=None)

    @property
    def multiplier(self) -> float:
        """The current multiplier of the planned learning rate, as a visitor set it last."""
        return self.rates[-1].multiplier if self.rates else 1.0

    @property
    def rate_changes(self) -> tuple[RateChange, ...]:
        """The visitors' changes of the learning rate, in the form of the run's description."""
        return tuple(
            RateChange(position=event.position, multiplier=event.multiplier) for event in self.rates
        )

    def add(self, event: Event) -> None:
        """Add the next event; one that goes back in time replaces all from its time on.

        Raises:
            InvalidLine: an epoch is left out before this one.
        """
        if isinstance(event, BatchEvent):
            _drop_later(self.batches, lambda last: last.position > event.position)
            self.batches.append(event)
        elif isinstance(event, RateEvent):
            _drop_later(self.rates, lambda last: last.position > event.position)
            self.rates.append(event)
        elif isinstance(event, StartEvent):
            _drop_later(self.batches, lambda last: last.epoch > event.from_epoch)
            _drop_later(self.epochs, lambda last: last.epoch > event.from_epoch)
            _drop_later(self.rates, lambda last: last.position > event.from_epoch)
            _drop_later(self.first_layers, lambda last: last.position > event.from_epoch)
        elif isinstance(event, ProbeEvent):
            self.probe = event
        elif isinstance(event, FirstLayerEvent):
            _drop_later(self.first_layers, lambda last: last.index >= event.index)
            self.first_layers.append(event)
        elif isinstance(event, PhaseEvent):
            self.phase = event.text
        else:
            if event.epoch > len(self.epochs) + 1:
                raise InvalidLine(f"epoch {event.epoch} comes after epoch {len(self.epochs)}")
            _drop_later(self.epochs, lambda last: last.epoch >= event.epoch)
            self.epochs.append(event)


def _drop_later(events: list[_Event], is_later: Callable[[_Event], bool]) -> None:
    """Drop the later events from the end of a list that is in order."""
    while events and is_later(events[-1]):
        events.pop()


class Tail:
    """Reads a metrics file as it grows; each line is decoded once.

    What is no plain file, or larger than any training makes it, has no events.
    """

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
                list(events.batches),
                list(events.epochs),
                list(events.rates),
                list(events.first_layers),
                events.probe,
                events.phase,
                self._offset,
            )

    def _advance(self) -> None:
        try:
            with os.fdopen(open_plain(self._path), "rb") as file:
                status = os.fstat(file.fileno())
                if status.st_ino != self._inode or status.st_size < self._offset:
                    self._inode, self._offset, self._events = status.st_ino, 0, RunEvents()
                if status.st_size > LARGEST_METRICS:
                    return
                file.seek(self._offset)
                content = file.read(LARGEST_METRICS)
        except OSError:
            return
        end = content.rfind(b"\n") + 1
        # What never ends is no line, and not read again and again.
        lines = content[:end] if len(content) - end <= _LONGEST_LINE else content
        self._offset += len(lines)
        for text in lines.splitlines():
            try:
                self._events.add(read_line(text))
            except InvalidLine:
                continue


def lines_between(path: Path, start: int, end: int) -> list[tuple[int, bytes]]:
    """The valid lines of a part of a metrics file, each with the place in bytes where it ends.

    Args:
        path: the metrics file.
        start: a place in it, in bytes, where a line begins.
        end: another one, after it.

    Raises:
        OSError: it is gone, or no plain file.
    """
    with os.fdopen(open_plain(path), "rb") as file:
        file.seek(start)
        content = file.read(max(0, end - start))
    lines = content.splitlines(keepends=True)
    ends = accumulate((len(line) for line in lines), initial=start)
    return [
        (end, line)
        for end, line in zip(islice(ends, 1, None), lines, strict=True)
        if _is_event(line)
    ]


def _is_event(line: bytes) -> bool:
    try:
        read_line(line)
    except InvalidLine:
        return False
    return True


def append_line(path: Path, event: Event, attempt: int, durable: bool = False) -> None:
    """Append an event to a metrics file; of a very large one, batches and probes are left out.

    Args:
        path: the metrics file.
        event: to be appended.
        attempt: of the run.
        durable: it must survive a power cut.

    Raises:
        OSError: the disk is full, or the file is no plain one.
        ValueError: it is no event that a training can report.
    """
    line = write_line(event, attempt)
    with os.fdopen(open_plain(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT), "ab", 0) as file:
        limit = _MAX_PROBE_BYTES if isinstance(event, ProbeEvent) else _MAX_BATCH_BYTES
        is_left_out = isinstance(event, BatchEvent | ProbeEvent)
        if is_left_out and os.fstat(file.fileno()).st_size > limit:
            return
        file.write(line)
        if durable:
            os.fsync(file.fileno())
