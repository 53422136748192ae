"""Figures of the load benchmark from what was noted: speeds, delays, medians with intervals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import comb
from statistics import median
from typing import NamedTuple

from fmnist_core.runs import BatchEvent

CONFIDENCE = 0.95


class Interval(NamedTuple):
    """A median and the interval that it lies in.

    Attributes:
        coverage: the chance that an interval made like this holds the true median.
    """

    middle: float
    low: float
    high: float
    coverage: float


def median_interval(values: Iterable[float]) -> Interval:
    """The median and its interval by order statistics, which assumes no distribution.

    The narrowest symmetric interval that covers at least 95 %; of fewer than six values the widest
    there is, which covers less.
    """
    ordered = sorted(values)
    count = len(ordered)
    # The chance that at most `rank` of the values lie below the median.
    tail, rank = 0.5**count, 0
    while rank + 1 < count - rank - 2:
        longer_tail = tail + comb(count, rank + 1) * 0.5**count
        if 1 - 2 * longer_tail < CONFIDENCE:
            break
        tail, rank = longer_tail, rank + 1
    return Interval(median(ordered), ordered[rank], ordered[count - 1 - rank], 1 - 2 * tail)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of the values do not exceed."""
    ordered = sorted(values)
    rank = -(-len(ordered) * round(share * 1000) // 1000)
    return ordered[max(0, rank - 1)]


def training_speed(batches: Sequence[BatchEvent], begin: float, end: float, images: int) -> float:
    """Images a second between two times, by the batch events; ``nan`` where there are too few.

    Only the time between two events of the same epoch counts: what comes after an epoch (tests,
    files) falls into some windows and not into others.

    Args:
        batches: in order.
        begin: seconds since 1970.
        end: the same.
        images: of one epoch.
    """
    epochs = seconds = 0.0
    for earlier, later in pairwise(batches):
        if earlier.at >= begin and later.at <= end and earlier.epoch == later.epoch:
            epochs += later.position - earlier.position
            seconds += later.at - earlier.at
    return images * epochs / seconds if seconds else float("nan")


class Delays(NamedTuple):
    """How late events came to a client.

    Attributes:
        seconds: of each event; one that did not come counts up to the last moment, at least.
        missing: how many did not come.
    """

    seconds: list[float]
    missing: int


def delays(
    event_times: Sequence[float], arrivals: Sequence[tuple[float, float]], until: float
) -> Delays:
    """Seconds from each event to the first arrival that shows it or a newer one.

    Args:
        event_times: seconds since 1970, in order.
        arrivals: the time of the newest event that a message shows, and when it arrived.
        until: the last moment that counts.
    """
    seconds: list[float] = []
    place = missing = 0
    for event_time in event_times:
        while place < len(arrivals) and arrivals[place][0] < event_time:
            place += 1
        has_come = place < len(arrivals) and arrivals[place][1] <= until
        missing += not has_come
        seconds.append((arrivals[place][1] if has_come else until) - event_time)
    return Delays(seconds, missing)


@dataclass(frozen=True)
class Window:
    """A stretch of time, and how many cores were used in it by whom.

    Attributes:
        rest: all that is neither the dashboard, the engine, the clients nor the stub.
        speed: images a second of the training.
    """

    begin: float
    end: float
    dashboard: float
    engine: float
    clients: float
    stub: float
    rest: float
    speed: float


def line(name: str, value: str, reached: bool | None = None, aim: str = "") -> None:
    """Print a row of a table: the figure, and beside it the aim and whether it is reached."""
    outcome = {None: "", True: f"{aim}: reached", False: f"{aim}: NOT reached"}[reached]
    print(f"  {name:<58}{value:>34}  {outcome}".rstrip(), flush=True)


def compared(
    name: str, values: Iterable[float], text: Callable[[float], str], aim: float, aim_text: str
) -> None:
    """Print a row with a median, its interval, and whether the median reaches the aim."""
    interval = median_interval(values)
    line(name, _spread(interval, text), interval.middle <= aim, aim_text)


def told_interval(name: str, values: Iterable[float], text: Callable[[float], str]) -> None:
    """Print a row with a median and its interval."""
    line(name, _spread(median_interval(values), text))


def _spread(interval: Interval, text: Callable[[float], str]) -> str:
    return f"{text(interval.middle)}  [{text(interval.low)}, {text(interval.high)}]"


def told_seconds(name: str, seconds: Sequence[float]) -> None:
    """Print a row with the median and the slowest, if there are any."""
    if seconds:
        line(f"{name}: median, slowest", f"{median(seconds):.2f} s, {max(seconds):.2f} s")


def told_cores(name: str, windows: Sequence[Window]) -> None:
    """Print what used the processors: if the rest is much, the figures beside it are in doubt."""
    parts = ("dashboard", "engine", "clients", "stub", "rest")
    cores = {part: median(getattr(window, part) for window in windows) for part in parts}
    text = ", ".join(f"{part} {value:.2f}" for part, value in cores.items())
    print(f"  cores {name}: {text}", flush=True)
