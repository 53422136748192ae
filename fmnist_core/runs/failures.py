"""The reason of a failed training, in a sentence for visitors."""

from __future__ import annotations

import errno

from fmnist_core.errors import FmnistError

OUT_OF_MEMORY = "The memory ran out: choose a smaller network or batch."
DISK_FULL = "The disk is full: make room, then press Resume."
NOTHING_KEPT = (
    "Stopped before the first epoch had ended, so nothing is kept: what a network has learned is "
    "saved at the end of each epoch."
)
UNEXPECTED = "Something unexpected happened in the training; the log of the engine says what."


def why_it_failed(error: BaseException) -> str:
    """A sentence for an error: its own, where it has one for visitors."""
    if isinstance(error, FmnistError):
        return str(error)
    if isinstance(error, MemoryError):
        return OUT_OF_MEMORY
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DISK_FULL
    return UNEXPECTED
