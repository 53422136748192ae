"""The queue: how many runs may wait, and how they reach Dask, whatever Dask forgets."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from distributed import Client, Future, fire_and_forget

from fmnist_core import timeouts
from fmnist_core.engine.claims import Claims
from fmnist_core.engine.problems import QueueFull, TooManyOfYours
from fmnist_core.engine.training_worker import run_training
from fmnist_core.errors import FmnistError
from fmnist_core.permissions import MOST_WAITING, Actor
from fmnist_core.runs import Run, RunStore
from fmnist_core.runs.failures import failure_reason

QUEUE_LIMIT = 50
_IN_PROGRESS = {"waiting", "no-worker", "queued", "processing"}
_log = logging.getLogger("fmnist.engine")


@dataclass
class _Submission:
    """The submission of a run's attempt to Dask.

    Attributes:
        attempt: of the run.
        future: of the newest submission; Dask may hold older ones.
        submitted_at: seconds of the monotonic clock.
        due_since: since when a slot is free for it, likewise; ``None`` where none is.
        patience: seconds until it is submitted anew where no worker takes it.
    """

    attempt: int
    future: Future[None]
    submitted_at: float
    due_since: float | None = None
    patience: float = timeouts.OVERDUE_SECONDS


class Queue:
    """The waiting runs of a folder, as one scheduler knows them.

    The folder says what waits, and a claim in it who has taken what. A submission is only a hint
    to Dask: it has a key of its own, so that no earlier one's fate is shared, and one too many does
    nothing.

    The supervisor's thread alone submits and forgets; any thread may look whether a run is overdue
    and whether another may wait. What both touch, the table of submissions, is replaced as a whole.

    Args:
        store: the run folders.
    """

    def __init__(self, store: RunStore) -> None:
        self._store = store
        self._claims = Claims(store.root)
        self._submissions: dict[str, _Submission] = {}
        self._refused = ""
        self._refused_at = float("-inf")
        self.is_urgent = False
        self.any_active = False

    def check_limits(self, by: Actor) -> None:
        """Check that one more run may wait.

        Raises:
            QueueFull, TooManyOfYours: too many runs wait, of all or of this visitor.
        """
        waiting = [run for run in self._store.active() if run.state == "queued"]
        if len(waiting) >= QUEUE_LIMIT:
            raise QueueFull(len(waiting))
        own = sum(run.record.started_by == by.id for run in waiting)
        if by.limits is not None and own >= MOST_WAITING:
            raise TooManyOfYours(own)

    @property
    def refused(self) -> str | None:
        """Why the last submission was refused, for a while, in a sentence for the visitor."""
        lately = time.monotonic() - self._refused_at < timeouts.REFUSED_SECONDS
        return self._refused if lately else None

    def is_overdue(self, run_id: str) -> bool:
        """Whether a run waits although a slot is free for it, longer than can be explained."""
        submission = self._submissions.get(run_id)
        return submission is not None and submission.patience > timeouts.OVERDUE_SECONDS

    def forget(self) -> None:
        """Forget all submissions: the scheduler is another one, so all are made anew."""
        self._submissions = {}

    def submit_runs(self, client: Client, slots: int) -> None:
        """Submit every waiting run that the scheduler does not have, or that no worker takes.

        Args:
            client: of the scheduler.
            slots: trainings that its workers can run at once.
        """
        active = self._store.active()
        self.any_active = bool(active)
        waiting = [run for run in active if run.state == "queued"]
        free = slots - (len(active) - len(waiting))
        task_states = self._task_states(client)
        submissions = {}
        self.is_urgent = False
        for waiting_run in waiting:
            dead = self._claims.dead(waiting_run.id, waiting_run.attempt)
            run = self._start_over(waiting_run) if dead else waiting_run
            if dead is False or run.state != "queued":
                free -= 1
                self.is_urgent = True
                continue
            has_slot, free = free > 0, free - 1
            self.is_urgent |= has_slot
            submissions[run.id] = self._submit_if_needed(client, run, has_slot, task_states)
        self._submissions = submissions

    def _submit_if_needed(
        self, client: Client, run: Run, has_slot: bool, task_states: Mapping[Any, str | None]
    ) -> _Submission:
        """Submit a run, unless an earlier submission can still lead to something."""
        now, submission = time.monotonic(), self._submissions.get(run.id)
        if submission is None or submission.attempt != run.attempt:
            return _Submission(
                run.attempt, self._submit(client, run), now, now if has_slot else None
            )
        submission.due_since = (submission.due_since or now) if has_slot else None
        if self._is_lost(submission, task_states):
            submission.future, submission.submitted_at = self._submit(client, run), now
        elif submission.due_since is not None and now - submission.due_since > submission.patience:
            _log.warning("run %s waits though a place is free; it is handed over anew", run.id)
            # The older one stays with Dask: on a very slow machine it may be about to begin.
            submission.future = self._submit(client, run)
            submission.submitted_at = submission.due_since = now
            submission.patience = min(2 * submission.patience, timeouts.LONGEST_OVERDUE_SECONDS)
        return submission

    def _is_lost(self, submission: _Submission, task_states: Mapping[Any, str | None]) -> bool:
        future = submission.future
        if future.status == "error":
            self._note_refusal(future.exception())
        if future.status != "pending":
            return True
        arrived = time.monotonic() - submission.submitted_at > timeouts.ARRIVAL_SECONDS
        return arrived and task_states.get(future.key) not in _IN_PROGRESS

    def _note_refusal(self, error: BaseException | None) -> None:
        if isinstance(error, FmnistError) or (isinstance(error, OSError) and error.errno):
            self._refused, self._refused_at = failure_reason(error), time.monotonic()

    def _start_over(self, run: Run) -> Run:
        """Start the run's next attempt: the worker that took this one is dead, or stops by it."""
        self._claims.remove(run.id, run.attempt)
        return self._store.start_over(run.id, run.attempt)

    def _task_states(self, client: Client) -> Mapping[Any, str | None]:
        """The scheduler's states of all submissions that have not ended, by their keys."""
        futures = [submission.future for submission in self._submissions.values()]
        keys = [future.key for future in futures if future.status == "pending"]
        if not keys:
            return {}
        assert client.scheduler is not None
        ask = client.scheduler.get_task_status
        states: dict[Any, str] = client.sync(
            ask, keys=keys, callback_timeout=timeouts.RESPONSE_SECONDS
        )
        return states

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
