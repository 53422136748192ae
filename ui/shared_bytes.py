"""Bytes that many visitors get at once, held in memory once."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable


class SharedBytes:
    """The contents that were used last, as many as fit into a number of bytes."""

    def __init__(self, most: int) -> None:
        """``most``: the bytes of all of them; what alone is larger is not kept."""
        self._most = most
        self._kept: OrderedDict[Hashable, bytes] = OrderedDict()
        self._lock = threading.Lock()
        # Reading takes a multiple of the memory of what comes of it, so one reads at a time.
        self._reading = threading.Lock()

    def get(self, key: Hashable, read: Callable[[], bytes]) -> bytes:
        """The content of a key, the same object for all; raises what ``read`` raises."""
        known = self._known(key)
        if known is not None:
            return known
        with self._reading:
            # Whoever waited for the same one finds it here.
            known = self._known(key)
            if known is not None:
                return known
            content = read()
            self._keep(key, content)
        return content

    def _known(self, key: Hashable) -> bytes | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def _keep(self, key: Hashable, content: bytes) -> None:
        if len(content) > self._most:
            return
        with self._lock:
            self._kept[key] = content
            while sum(map(len, self._kept.values())) > self._most:
                self._kept.popitem(last=False)
