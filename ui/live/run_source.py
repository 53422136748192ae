"""What the live channel tells of one run: its events, and the parts that they change."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Mapping
from typing import Any

from fmnist_core import timeouts
from fmnist_core.figures.training import rate_mark_text, thinned_batches
from fmnist_core.runs import Run, RunDamaged, RunEvents, RunNotFound, RunStore
from fmnist_core.runs.events import Event, event_fields, lines_between
from fmnist_core.runs.model import METRICS_FILE

# Who missed more than this gets the curve anew, thinned.
_LONGEST_GAP = 64 * 1024
Parts = Mapping[str, Any]


class RunSource:
    """A source of the hub: a run's events by their place in the metrics file, and its parts.

    Args:
        store: holds the run.
        run_id: may be of a run that is deleted, or damaged, or comes back.
        parts: what the page shows of the run, by name, as JSON can hold it.
        missing: the parts where there is no such run.
        spread: within how many seconds browsers may ask for the page again that has become another.
    """

    def __init__(
        self,
        store: RunStore,
        run_id: str,
        parts: Callable[[Run, RunEvents], Parts],
        missing: Parts,
        spread: Callable[[], float],
    ) -> None:
        self._store, self._run_id, self._make_parts, self._missing = store, run_id, parts, missing
        self._spread = spread
        self.seconds = timeouts.FOLLOW_SECONDS
        self._events = RunEvents()
        self._parts: Parts = {}
        self._run: Run | None = None
        self._made_at = -math.inf

    def greeting(self, after: int | None) -> bytes:
        """All parts, and the events after a place; without a place, all of them, thinned."""
        if not self._parts:
            self._events, self._parts = self._read()
        end = self._events.end
        if after is not None and end - _LONGEST_GAP <= after <= end:
            missed = self._between(after, end)
            if missed is not None:
                return self._message({"events": missed, "parts": self._parts})
        return self._message({"reset": _thinned(self._events), "parts": self._parts})

    def news(self) -> bytes | None:
        """The new events, and the parts that have changed."""
        before, parts_before = self._events, self._parts
        self._events, self._parts = self._read()
        changed = {
            name: part for name, part in self._parts.items() if parts_before.get(name) != part
        }
        message: dict[str, Any] = {"parts": changed} if changed else {}
        if "page" in changed:
            message["spread"] = self._spread()
        if self._events.end != before.end:
            added = self._between(before.end, self._events.end)
            if added is None:
                message["reset"] = _thinned(self._events)
            else:
                message["events"] = added
        # An id says a place once: what changes nothing of it leaves it as it was.
        has_moved = "events" in message or "reset" in message
        return self._message(message, has_moved) if message else None

    def _read(self) -> tuple[RunEvents, Parts]:
        try:
            run = self._store.get(self._run_id)
        except (RunNotFound, RunDamaged):
            self._run = None
            return self._events, self._missing
        events = self._store.events(self._run_id)
        # A curve goes on with each event; what stands beside it in words need not.
        at_once = run != self._run or len(events.epochs) != len(self._events.epochs)
        now = time.monotonic()
        if not at_once and now < self._made_at + timeouts.FOLLOW_PARTS_SECONDS:
            return events, self._parts
        self._run, self._made_at = run, now
        return events, self._make_parts(run, events)

    def _between(self, start: int, end: int) -> list[dict[str, Any]] | None:
        """The events of a part of the metrics file; ``None`` where they do not just go on.

        It may have become another file, and a start takes back the epochs that are repeated.
        """
        if not 0 <= start <= end:
            return None
        try:
            lines = lines_between(self._store.root / self._run_id / METRICS_FILE, start, end)
        except OSError:
            return None
        events = [{**_with_words(json.loads(line)), "end": end} for end, line in lines]
        going_on = events if start else events[1:]
        return None if any(event["event"] == "start" for event in going_on) else events

    def _message(self, content: dict[str, Any], has_moved: bool = True) -> bytes:
        place = self._events.end if has_moved else None
        return message({**content, "now": time.monotonic()}, place)


def message(content: Mapping[str, Any], place: int | None = None) -> bytes:
    """A server-sent event.

    Args:
        content: becomes one line of JSON.
        place: what a browser that comes back says it knows; ``None`` leaves that as it was.
    """
    head = "" if place is None else f"id: {place}\n"
    # A line feed would end the line; JSON writes it, and all that is not ASCII, as an escape.
    return f"{head}data: {json.dumps(content, separators=(',', ':'))}\n\n".encode()


def _thinned(events: RunEvents) -> list[dict[str, Any]]:
    """All events in the order of their kinds, as lines of the metrics file hold them."""
    batches = thinned_batches(events.batches)
    kept: list[Event] = [*batches, *events.epochs, *events.rates, *events.first_layers]
    if events.probe is not None:
        kept.append(events.probe)
    return [_with_words(event_fields(event)) for event in kept]


def _with_words(event: dict[str, Any]) -> dict[str, Any]:
    """An event with what its mark on the curve says."""
    if event["event"] != "rate":
        return event
    return {**event, "text": rate_mark_text(event["multiplier"])}
