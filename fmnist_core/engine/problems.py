"""The engine's errors: sentences for the visitor, and what the log tells of the others."""

from __future__ import annotations

import logging

from fmnist_core.errors import FmnistError

_log = logging.getLogger("fmnist.engine")


class EngineUnavailable(FmnistError):
    """Nothing can be trained now; the message says why and what to do."""


class QueueFull(FmnistError):
    """Too many trainings wait already."""

    def __init__(self, waiting: int) -> None:
        super().__init__(
            f"{waiting} trainings already wait, which is as many as fit in the queue. "
            "Stop one, or come back when some have ended."
        )


class TooManyOfYours(FmnistError):
    """One visitor has too many trainings that wait."""

    def __init__(self, waiting: int) -> None:
        super().__init__(
            f"{waiting} trainings of yours already wait, which is as many as one visitor may have. "
            "Stop one, or come back when one has begun."
        )


class ErrorLog:
    """Logs an error unless it is the last one again: the engine is tried twice a second."""

    def __init__(self) -> None:
        self._last = ""

    def log(self, error: Exception) -> None:
        """Log an error with its traceback, if it is another than the last one."""
        message = f"{type(error).__name__}: {error}"
        if message != self._last:
            self._last = message
            _log.error("the engine could not be reached", exc_info=error)

    def forget(self) -> None:
        """Forget the last error, because all went well since: it is news when it comes again."""
        self._last = ""
