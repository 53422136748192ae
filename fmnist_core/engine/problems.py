"""The engine's errors for the visitor: why nothing can be trained now."""

from __future__ import annotations

from fmnist_core.errors import FmnistError


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
