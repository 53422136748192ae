"""The reason of a failed training, in a sentence for visitors."""

from __future__ import annotations

import errno
from collections.abc import Iterator

from fmnist_core.errors import FmnistError

OUT_OF_MEMORY = "The memory ran out: choose a smaller network or batch."
DISK_FULL = "The disk is full: make room, then press Resume."
NOTHING_KEPT = (
    "Stopped before the first epoch had ended, so nothing is kept: what a network has learned is "
    "saved at the end of each epoch."
)
_DISK_FULL_ERRNOS = (errno.ENOSPC, errno.EDQUOT)
UNEXPECTED = "Something unexpected happened in the training; the log of the engine says what."


def failure_reason(error: BaseException) -> str:
    """The reason of a failure as a sentence: the error's own, where it has one for visitors.

    A full disk is named also where it only led to the error, such as a file that was not opened.
    """
    if any(
        isinstance(cause, OSError) and cause.errno in _DISK_FULL_ERRNOS
        for cause in _with_causes(error)
    ):
        return DISK_FULL
    if isinstance(error, FmnistError):
        return str(error)
    if isinstance(error, MemoryError):
        return OUT_OF_MEMORY
    return UNEXPECTED


def _with_causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__
