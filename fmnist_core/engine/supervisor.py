"""The supervisor: the thread of the dashboard that keeps the engine up and hands it the work."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace

from distributed import Client

from fmnist_core import timeouts
from fmnist_core.engine.ahead import Ahead
from fmnist_core.engine.connection import Connection
from fmnist_core.engine.problems import ErrorLog
from fmnist_core.engine.queue import Queue
from fmnist_core.engine.tasks import Tasks
from fmnist_core.engine.workers import Workers
from fmnist_core.errors import FmnistError

_NO_ANSWER = "The training engine does not answer; it is being tried again."


@dataclass(frozen=True)
class Status:
    """The engine's status after a turn of the supervisor.

    Attributes:
        problem: why the engine cannot be used, in a sentence.
        worker_problem: why nothing can be trained, though the engine answers, likewise.
        slots: trainings that can run at once.
    """

    problem: str | None = None
    worker_problem: str | None = None
    slots: int = 0


class Supervisor:
    """Turn by turn connects, looks after the workers, and submits runs and tasks.

    ``run`` is for a thread of its own, and this thread alone uses the workers and submits. Any
    thread may call the rest. What pages are told is ``status``, which is never changed but
    replaced as a whole, so that nobody sees a half of one turn and a half of the next.

    Args:
        connection: to the scheduler.
        workers: of the scheduler.
        queue: of the runs.
        tasks: that pages request.
        ahead: tasks that are run before a page requests them.
        errors: the log of what went wrong.
    """

    def __init__(
        self,
        connection: Connection,
        workers: Workers,
        queue: Queue,
        tasks: Tasks,
        ahead: Ahead,
        errors: ErrorLog,
    ) -> None:
        self.status = Status()
        self._connection = connection
        self._workers = workers
        self._queue = queue
        self._tasks = tasks
        self._ahead = ahead
        self._errors = errors
        self._client: Client | None = None
        self._wake = threading.Event()
        self._closed = threading.Event()

    def run(self) -> None:
        """Take turns until ``close``; never raises."""
        while not self._closed.is_set():
            try:
                self.status = self._turn()
                self._errors.forget()
            except FmnistError as error:
                self.status = self._failure(str(error))
            except Exception as error:
                if not self._closed.is_set():
                    self._errors.log(error)
                self.status = self._failure(_NO_ANSWER)
            self._wake.wait(
                seconds_to_next_turn(
                    self.status.slots, self._queue.is_urgent, self._tasks.any_waits
                )
            )
            self._wake.clear()

    def wake(self) -> None:
        """Take the next turn now: there is something to hand over."""
        self._wake.set()

    def close(self) -> None:
        """End the thread after the turn that it is in, which starts no worker any more."""
        self._closed.set()
        self._wake.set()

    def _turn(self) -> Status:
        client = self._connection.client()
        if client is not self._client:
            # It may be another scheduler, so all is submitted anew.
            self._queue.forget()
            self._tasks.forget_futures()
            self._ahead.forget()
            self._client = client
        self._workers.read(client)
        if not self._closed.is_set():
            self._workers.keep(client, for_tasks=self._tasks.any_expected or self._ahead.runs)
        self._queue.submit_runs(client, self._workers.slots)
        self._tasks.submit(client, self._workers.have_one_for_tasks)
        is_ready = self._workers.slots > 0 and self._workers.have_one_for_tasks
        self._ahead.turn(client, is_ready and not self._queue.any_active)
        self._connection.contact()
        return Status(self._queue.refused, self._workers.problem, self._workers.slots)

    def _failure(self, problem: str) -> Status:
        return replace(self.status, problem=problem, slots=0)


def seconds_to_next_turn(slots: int, run_is_urgent: bool, task_waits: bool) -> float:
    """The supervisor's pace: sooner while a run could begin, soonest while a page waits.

    Args:
        slots: trainings that can run at once; without one the engine is being started or healed.
        run_is_urgent: whether a run waits though a slot is free for it.
        task_waits: whether a task has no result yet.
    """
    if task_waits:
        return timeouts.ENGINE_TASK_POLL_SECONDS
    if slots and not run_is_urgent:
        return timeouts.ENGINE_POLL_SECONDS
    return timeouts.ENGINE_SOON_SECONDS
