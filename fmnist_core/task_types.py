"""What pages and the engine exchange: the engine's state, and the tasks that it runs for them.

It loads at once, unlike the engine itself, which takes Dask along.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from numpy.typing import NDArray

# Called with the share that is done, 0 to 1, and a sentence about what is being computed.
Report = Callable[[float, str], None]
# What a task returns, by name; kept on disk as an ``.npz`` file.
Arrays = dict[str, NDArray[Any]]


class TaskRequest(NamedTuple):
    """What ``Engine.request_task`` is called with.

    Attributes:
        key: lowercase letters, digits and hyphens; names the content.
        function: computes it, in the engine.
        arguments: of the function, after the one that reports progress.
    """

    key: str
    function: Callable[..., Arrays]
    arguments: tuple[object, ...]


@dataclass(frozen=True)
class EngineState:
    """``ready`` trains at once; ``starting`` will soon; ``unavailable`` says why in ``problem``."""

    state: Literal["starting", "ready", "unavailable"]
    problem: str | None = None


@dataclass(frozen=True)
class TaskState:
    """The state of a background task.

    Attributes:
        arrays: the result, once the task is done.
        share: the progress, 0 to 1.
        phase: of the work, in words for the visitor.
        problem: why there is no result, in a sentence.
    """

    arrays: Arrays | None = None
    share: float = 0.0
    phase: str = "Waiting for the engine"
    problem: str | None = None
