"""The one hub of this dashboard, what its topics are about, and its end with the dashboard's."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Hashable, Mapping
from functools import cache, partial
from types import FrameType
from typing import Any, Literal, NamedTuple

from fmnist_core import timeouts
from fmnist_core.runs.model import is_run_id
from ui.live.connections import Connections
from ui.live.hub import MOST, Hub, Source
from ui.services import store

Kind = Literal["run", "bar", "ladder", "replicates", "folds"]
_OF_ALL: Mapping[str, Kind] = {"bar": "bar", "ladder": "ladder"}
_OF_A_RUN: Mapping[str, Kind] = {"bar": "bar", "replicates": "replicates", "folds": "folds"}
# A page has fewer.
_MOST_TOPICS = 8
# A page of Streamlit has a connection of its own, and each run a few files.
_FILES_BESIDE_STREAMS = 1_024


class Topic(NamedTuple):
    """What is told, and to whom: to those who may change something, or only look on.

    Attributes:
        kind: what it is about.
        run_id: of the run that it is about, or that its page shows; empty where there is none.
        may_change: whether the listeners may do more than look.
    """

    kind: Kind
    run_id: str
    may_change: bool


@cache
def hub() -> Hub:
    """The hub of all visitors."""
    return Hub(_source)


def spread_seconds() -> float:
    """Within how long those who watch ask for their page again, so that not all come at once."""
    return min(timeouts.LONGEST_SPREAD_SECONDS, timeouts.SPREAD_SECONDS * (hub().count - 1))


def _source(topic: Hashable) -> Source:
    # Loaded by the first who listens: the first page must not wait for it.
    from ui.live.parts_source import PartsSource
    from ui.live.run_source import RunSource
    from ui.mistakes.cross_validation import fold_parts
    from ui.overview.ladder_parts import ladder_parts
    from ui.train.live_parts import missing_parts, run_parts
    from ui.train.seed_replicates import replicate_parts
    from ui.training_bar import bar_parts

    assert isinstance(topic, Topic)
    run_id, may_change = topic.run_id, topic.may_change
    if topic.kind == "run":
        parts = partial(run_parts, may_change=may_change)
        return RunSource(store(), run_id, parts, missing_parts(), spread_seconds)
    makers: dict[Kind, tuple[Callable[[], Mapping[str, Any]], float]] = {
        "bar": (lambda: bar_parts(run_id, may_change), timeouts.TRAINING_BAR_SECONDS),
        "ladder": (lambda: ladder_parts(may_change), timeouts.LADDER_SECONDS),
        "replicates": (lambda: replicate_parts(run_id, may_change), timeouts.REPLICATES_SECONDS),
        "folds": (lambda: fold_parts(run_id), timeouts.CROSS_VALIDATION_SECONDS),
    }
    return PartsSource(*makers[topic.kind], spread_seconds)


def topics_of(text: str, may_change: bool) -> list[Topic]:
    """The topics that a browser names; what is none is left out.

    Args:
        text: separated by commas, such as ``"bar,replicates.ID"``.
        may_change: whether the browser's user may do more than look.
    """
    found = []
    for name in text.split(",")[:_MOST_TOPICS]:
        kind, _, run_id = name.partition(".")
        if kind in _OF_ALL and not run_id:
            found.append(Topic(_OF_ALL[kind], "", may_change))
        elif kind in _OF_A_RUN and is_run_id(run_id):
            found.append(Topic(_OF_A_RUN[kind], run_id, may_change))
    return list(dict.fromkeys(found))


def close_at_signals() -> None:
    """End all streams as soon as the dashboard is told to end, and a while later all connections.

    Uvicorn waits without limit for open responses, and only then ends the lifespan. By the time
    that begins, it has put its own handlers in place, which are called after ours.
    """
    loop = asyncio.get_running_loop()
    connections = Connections(signal.getsignal(signal.SIGTERM))
    hub().after_drop = connections.abort_closing

    def end() -> None:
        hub().close()
        loop.call_later(timeouts.LEAVE_SECONDS, connections.abort)

    for number in (signal.SIGTERM, signal.SIGINT):
        _chain(number, lambda: loop.call_soon_threadsafe(end))


def allow_many_streams() -> None:
    """Raise this process's limit of open files, as far as the system lets it: a stream is one."""
    try:
        import resource
    except ImportError:
        # Windows has no such limit.
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES_BESIDE_STREAMS + 2 * MOST
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    highest = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (highest, hard))


def _chain(number: signal.Signals, act: Callable[[], object]) -> None:
    before = signal.getsignal(number)

    def handle(received: int, frame: FrameType | None) -> None:
        act()
        if callable(before):
            before(received, frame)

    # Elsewhere than in the main thread there are no signals, and somebody else ends the server.
    try:
        signal.signal(number, handle)
    except ValueError:
        return
