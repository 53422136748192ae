"""What the live channel tells of parts of a page that are about several runs."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from ui.live.run_source import message


class PartsSource:
    """A source of the hub: parts of a page, each told when it has changed.

    Args:
        parts: makes them, by name, as JSON can hold them.
        seconds: between two looks whether they have changed.
        spread: within how many seconds browsers may ask for a page again that has become another.
    """

    def __init__(
        self, parts: Callable[[], Mapping[str, Any]], seconds: float, spread: Callable[[], float]
    ) -> None:
        self._make_parts, self.seconds, self._spread = parts, seconds, spread
        self._parts: Mapping[str, Any] = {}

    def greeting(self, after: int | None) -> bytes:
        """All parts as they were told last."""
        if not self._parts:
            self._parts = self._make_parts()
        return self._message(self._parts)

    def news(self) -> bytes | None:
        """The parts that have changed."""
        before, self._parts = self._parts, self._make_parts()
        changed = {name: part for name, part in self._parts.items() if before.get(name) != part}
        return self._message(changed) if changed else None

    def _message(self, parts: Mapping[str, Any]) -> bytes:
        content = {"topic": "parts", "parts": parts, "spread": self._spread()}
        return message({**content, "now": time.monotonic()})
