"""The queue: hands waiting runs to Dask until each is trained, whatever Dask forgets."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from distributed import Client, Future, fire_and_forget

from fmnist_core.engine.claims import Claims
from fmnist_core.engine.training_worker import run_training
from fmnist_core.errors import FmnistError
from fmnist_core.runs import Run, RunStore
from fmnist_core.runs.failures import failure_reason

# A place is free, and nobody takes the run: so long is it left to the worker that was asked.
_OVERDUE_SECONDS = 4.0
_LONGEST_OVERDUE_SECONDS = 300.0
# What was handed over takes a moment to arrive.
_ARRIVAL_SECONDS = 2.0
_ANSWER_SECONDS = 5.0
_REFUSED_SECONDS = 10.0
_AT_WORK = {"waiting", "no-worker", "queued", "processing"}
_log = logging.getLogger("fmnist.engine")


@dataclass
class _HandedOver:
    """What Dask was given of a run.

    Attributes:
        attempt: of the run.
        future: the newest hand-over; Dask may hold older ones.
        at: when, in seconds of the monotonic clock.
        due: since when a place is free for it, likewise.
        patience: seconds until it is handed over anew where nobody takes it.
    """

    attempt: int
    future: Future[None]
    at: float
    due: float | None = None
    patience: float = _OVERDUE_SECONDS


class Queue:
    """The waiting runs of a folder, as one scheduler knows them.

    The folder says what waits, and a claim in it who has taken what. A hand-over is only a hint to
    Dask: it has a key of its own, so that no earlier one's fate is shared, and one too many does
    nothing.

    Args:
        store: the run folders.
    """

    def __init__(self, store: RunStore) -> None:
        self._store = store
        self._claims = Claims(store.root)
        self._handed: dict[str, _HandedOver] = {}
        self._refused = ""
        self._refused_at = float("-inf")
        self.hurries = False

    @property
    def refused(self) -> str | None:
        """Why the last hand-over came back, for a while, in words for the visitor."""
        lately = time.monotonic() - self._refused_at < _REFUSED_SECONDS
        return self._refused if lately else None

    def is_overdue(self, run_id: str) -> bool:
        """Whether a run waits although there was a place for it, longer than can be explained."""
        handed = self._handed.get(run_id)
        return handed is not None and handed.patience > _OVERDUE_SECONDS

    def forget(self) -> None:
        """Hand everything over anew: the scheduler is another one."""
        self._handed.clear()

    def hand_over(self, client: Client, places: int) -> None:
        """Give the scheduler every waiting run that it has not, or that nobody takes.

        Args:
            client: of the scheduler.
            places: trainings that its workers could do at once.
        """
        active = self._store.active()
        waiting = [run for run in active if run.state == "queued"]
        free = places - (len(active) - len(waiting))
        said = self._what_the_scheduler_says(client)
        kept = {}
        self.hurries = False
        for waiter in waiting:
            dead = self._claims.dead(waiter.id, waiter.attempt)
            run = self._take_back(waiter) if dead else waiter
            if dead is False or run.state != "queued":
                free -= 1
                self.hurries = True
                continue
            due, free = free > 0, free - 1
            self.hurries |= due
            kept[run.id] = self._look(client, run, due, said)
        self._handed = kept

    def _look(
        self, client: Client, run: Run, due: bool, said: Mapping[Any, str | None]
    ) -> _HandedOver:
        """Hand a run over, unless that was done and can still lead to something."""
        now, handed = time.monotonic(), self._handed.get(run.id)
        if handed is None or handed.attempt != run.attempt:
            return _HandedOver(run.attempt, self._submit(client, run), now, now if due else None)
        handed.due = (handed.due or now) if due else None
        if self._is_lost(handed, said):
            handed.future, handed.at = self._submit(client, run), now
        elif handed.due is not None and now - handed.due > handed.patience:
            _log.warning("run %s waits though a place is free; it is handed over anew", run.id)
            # The older one stays with Dask: on a very slow machine it may be about to begin.
            handed.future, handed.at, handed.due = self._submit(client, run), now, now
            handed.patience = min(2 * handed.patience, _LONGEST_OVERDUE_SECONDS)
        return handed

    def _is_lost(self, handed: _HandedOver, said: Mapping[Any, str | None]) -> bool:
        future = handed.future
        if future.status == "error":
            self._note_why(future.exception())
        if future.status != "pending":
            return True
        arrived = time.monotonic() - handed.at > _ARRIVAL_SECONDS
        return arrived and said.get(future.key) not in _AT_WORK

    def _note_why(self, error: BaseException | None) -> None:
        if isinstance(error, FmnistError) or (isinstance(error, OSError) and error.errno):
            self._refused, self._refused_at = failure_reason(error), time.monotonic()

    def _take_back(self, run: Run) -> Run:
        """The run's next attempt: whoever took this one is dead, or is told so by its number."""
        self._claims.remove(run.id, run.attempt)
        return self._store.start_over(run.id, run.attempt)

    def _what_the_scheduler_says(self, client: Client) -> Mapping[Any, str | None]:
        """The state of every hand-over whose end nobody has told us."""
        keys = [h.future.key for h in self._handed.values() if h.future.status == "pending"]
        if not keys:
            return {}
        assert client.scheduler is not None
        ask = client.scheduler.get_task_status
        said: dict[Any, str] = client.sync(ask, keys=keys, callback_timeout=_ANSWER_SECONDS)
        return said

    def _submit(self, client: Client, run: Run) -> Future[None]:
        future = client.submit(
            run_training,
            str(self._store.root.resolve()),
            run.id,
            run.attempt,
            key=f"train-{run.id}-{run.attempt}-{uuid.uuid4().hex}",
            resources={"train": 1},
            # Dask takes tasks that arrive within a tenth of a second in any order.
            priority=-int(run.queued_at.timestamp() * 1e6),
            retries=0,
            pure=False,
        )
        fire_and_forget(future)
        return future
