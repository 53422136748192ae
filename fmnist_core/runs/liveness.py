"""Liveness: whether the worker of a run still writes its heartbeat."""

from __future__ import annotations

import threading
import time
from pathlib import Path

SILENCE_LIMIT = 8.0


class Liveness:
    """Judges heartbeat files, also when the wall clock jumps.

    A file touched within the limit means life. Where the wall clock says otherwise it may have
    jumped, or be another machine's; the monotonic clock decides: the file must be seen to change.
    """

    def __init__(self, limit: float = SILENCE_LIMIT) -> None:
        self._limit = limit
        self._seen: dict[Path, tuple[int, float]] = {}
        self._lock = threading.Lock()

    def alive(self, heartbeat: Path) -> bool:
        """Whether the file was touched within the limit, in seconds."""
        try:
            # Not what a link leads to: that is another program's.
            touched = heartbeat.lstat().st_mtime_ns
        except OSError:
            return False
        age = time.time() - touched / 1e9
        now = time.monotonic()
        with self._lock:
            before = self._seen.get(heartbeat)
            if 0 <= age <= self._limit:
                if before is None or before[0] != touched:
                    self._seen[heartbeat] = (touched, now - age)
                return True
            if before is None or before[0] != touched:
                # Seen for the first time it may be of a worker long dead: no sign of life yet.
                self._seen[heartbeat] = (touched, now if before else now - 2 * self._limit)
                return before is not None
            return now - before[1] <= self._limit
