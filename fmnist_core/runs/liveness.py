"""Liveness: whether the worker of a run still writes its heartbeat."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from fmnist_core import timeouts


class Liveness:
    """Tells from heartbeat files whether their workers live, also when the wall clock jumps.

    A file touched within the limit means life. Where the wall clock says otherwise it may have
    jumped, or be another machine's; the monotonic clock decides: the file must be seen to change.
    """

    def __init__(self, limit: float = timeouts.INTERRUPTED_SECONDS) -> None:
        self._limit = limit
        self._seen: dict[Path, tuple[int, float]] = {}
        self._lock = threading.Lock()

    def alive(self, heartbeat: Path) -> bool:
        """Whether the heartbeat file was touched within the limit, in seconds."""
        try:
            # Not what a link leads to: that is another program's.
            modified = heartbeat.lstat().st_mtime_ns
        except OSError:
            return False
        age = time.time() - modified / 1e9
        now = time.monotonic()
        with self._lock:
            previous = self._seen.get(heartbeat)
            if 0 <= age <= self._limit:
                if previous is None or previous[0] != modified:
                    self._seen[heartbeat] = (modified, now - age)
                return True
            if previous is None or previous[0] != modified:
                # Seen for the first time it may be of a worker long dead: no sign of life yet.
                self._seen[heartbeat] = (modified, now if previous else now - 2 * self._limit)
                return previous is not None
            return now - previous[1] <= self._limit
