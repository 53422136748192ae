"""What clients keep of what they get: a record of it, and the frontend's cache of messages."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg


@dataclass(frozen=True)
class Recorded:
    """A piece that a viewer got: ``kind`` is ``ws`` for a message, ``live`` for part of a body."""

    at: float
    viewer: int
    kind: str
    payload: bytes


class Recorder:
    """Keeps what all viewers get while it is on, to be fed to them again."""

    def __init__(self) -> None:
        self.is_on = False
        self.begun_at = 0.0
        self.pieces: list[Recorded] = []

    def begin(self) -> None:
        self.is_on, self.begun_at, self.pieces = True, time.time(), []

    def add(self, viewer: int, kind: str, payload: bytes) -> None:
        if self.is_on:
            self.pieces.append(Recorded(time.time(), viewer, kind, payload))


class MessageCache:
    """The frontend's cache of large messages, whose hashes it names in every request."""

    def __init__(self) -> None:
        self._runs = 0
        self._last_used: dict[str, tuple[int, str]] = {}

    def hashes(self) -> list[str]:
        return list(self._last_used)

    def add(self, message: ForwardMsg) -> None:
        if message.WhichOneof("type") == "ref_hash":
            _, fragment_id = self._last_used.get(message.ref_hash, (0, ""))
            self._last_used[message.ref_hash] = self._runs, fragment_id
        elif message.metadata.cacheable:
            _, fragment_id = self._last_used.get(message.hash, (0, message.delta.fragment_id))
            self._last_used[message.hash] = self._runs, fragment_id

    def end_run(self, fragment_ids: Collection[str], oldest_age: int) -> None:
        """Forget what was not used in so many runs; a run of fragments ages only what is theirs."""
        self._runs += 1
        self._last_used = {
            name: (used, fragment_id)
            for name, (used, fragment_id) in self._last_used.items()
            if self._runs - used <= oldest_age or (fragment_ids and fragment_id not in fragment_ids)
        }
