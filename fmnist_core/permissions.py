"""Permissions and rate limits: every core function that writes is told who asks for it."""

from __future__ import annotations

import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from fmnist_core import timeouts
from fmnist_core.errors import FmnistError

Act = Literal["start", "change", "annotate", "import"]
# How many trainings of one visitor may wait at once.
MOST_WAITING = 3
_MOST_REMEMBERED = 10_000
_WORDS: dict[Act, str] = {
    "start": "trainings were started",
    "change": "changes were made",
    "annotate": "verdicts and notes were given",
    "import": "runs were imported",
}


class NotAllowed(FmnistError):
    """Whoever asks may only look."""

    def __init__(self) -> None:
        super().__init__(
            "You are looking on: only the presenter can start, change or delete anything here."
        )


class TooMuch(FmnistError):
    """A limit is reached; the message says which."""


class Ceiling(NamedTuple):
    """How often something may be done within an hour."""

    visitor: int
    address: int
    all: int


CEILINGS: dict[Act, Ceiling] = {
    "start": Ceiling(20, 25, 200),
    "change": Ceiling(300, 900, 3_000),
    "annotate": Ceiling(300, 900, 3_000),
    "import": Ceiling(10, 30, 100),
}


class Limits:
    """Counts what visitors do, so that none of them can fill the queue or the disk.

    Args:
        ceilings: how often each thing may be done.
        clock: seconds that never go back.
    """

    def __init__(
        self,
        ceilings: dict[Act, Ceiling] = CEILINGS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ceilings = ceilings
        self._clock = clock
        self._done: defaultdict[tuple[Act, str], deque[float]] = defaultdict(deque)
        self._lock = threading.Lock()

    def spend(self, act: Act, visitor: str, address: str) -> None:
        """Count one act.

        Args:
            act: what is done.
            visitor: the id of who does it.
            address: from where, or empty where nobody can tell.

        Raises:
            TooMuch: a limit is reached; then it does not count.
        """
        now, ceiling = self._clock(), self._ceilings[act]
        counted = [
            (f"visitor {visitor}", ceiling.visitor, "by you"),
            ("all", ceiling.all, "here"),
        ]
        if address:
            counted.append((f"address {address}", ceiling.address, "from your address"))
        with self._lock:
            for counter, limit, whose in counted:
                times = self._done.get((act, counter), deque())
                while times and times[0] <= now - timeouts.WINDOW_SECONDS:
                    times.popleft()
                if len(times) >= limit:
                    oldest = times[0] if times else now
                    minutes = max(1, round((oldest + timeouts.WINDOW_SECONDS - now) / 60))
                    raise TooMuch(
                        f"{limit} {_WORDS[act]} {whose} within the last hour, which is the limit. "
                        f"The next is possible in {minutes} min."
                    )
            for counter, _, _ in counted:
                self._done[act, counter].append(now)
            self._forget()

    def _forget(self) -> None:
        """Drop visitors without a recent act: anybody can come under as many names as they like."""
        if len(self._done) > _MOST_REMEMBERED:
            old = self._clock() - timeouts.WINDOW_SECONDS
            for key in [key for key, times in self._done.items() if not times or times[-1] <= old]:
                del self._done[key]


@dataclass(frozen=True)
class Actor:
    """Who asks for something, and what they may.

    Attributes:
        id: names a visitor; the runs that they start remember it.
        may_change: whether they may do more than look.
        address: where they are, as far as that can be told.
        limits: what counts their acts; without it there are none.
    """

    id: str
    may_change: bool
    address: str = ""
    limits: Limits | None = None

    @classmethod
    def owner(cls) -> Actor:
        """Whoever sits at this computer: may do everything, as often as they like."""
        return cls("owner", True)

    def require(self, act: Act) -> None:
        """Require that this actor may do something, and count it.

        Raises:
            NotAllowed: they may only look.
            TooMuch: they, their address or all together did it too often.
        """
        if not self.may_change:
            raise NotAllowed
        if self.limits is not None:
            self.limits.spend(act, self.id, self.address)
