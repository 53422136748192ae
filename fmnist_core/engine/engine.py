"""The engine as pages see it: start, resume and stop trainings, request tasks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

from fmnist_core.config import SCHEDULER
from fmnist_core.engine.address import Cluster
from fmnist_core.engine.ahead import Ahead
from fmnist_core.engine.connection import Connection, LocalScheduler
from fmnist_core.engine.local_cluster import LocalCluster
from fmnist_core.engine.problems import ErrorLog
from fmnist_core.engine.queue import Queue
from fmnist_core.engine.supervisor import Supervisor
from fmnist_core.engine.tasks import Tasks
from fmnist_core.engine.workers import Workers
from fmnist_core.permissions import Actor
from fmnist_core.runs import Run, RunStore
from fmnist_core.runs.model import SHARED_FOLDER
from fmnist_core.specs import RunSpec
from fmnist_core.task_types import Arrays, EngineState, TaskRequest, TaskState


class Engine:
    """Hands queued run folders to Dask, one object for a dashboard process.

    A run is started by making its folder; a background thread, ``keep_warm``, hands every queued
    folder to the scheduler. So a click never waits for the engine, and a queue survives the death
    of the dashboard as well as of the scheduler.

    It is composed of the connection to the scheduler, its workers, the queue, the tasks, and the
    supervisor that works with all of them in that thread. Any thread may call any of its methods;
    none but ``keep_warm`` and ``ensure`` waits for Dask.

    Args:
        store: the run folders.
        scheduler: ``tls://…``, ``tcp://…`` or the path of a Dask scheduler file; by default the
            environment's ``FMNIST_SCHEDULER``, and without one an engine on this machine.
        ahead: the tasks that are worth being ready before anybody requests them, the most important
            first; they are run while there is nothing else to do.
    """

    def __init__(
        self,
        store: RunStore,
        scheduler: str | None = None,
        ahead: Callable[[], Iterable[TaskRequest]] = tuple,
    ) -> None:
        self.store = store
        named = scheduler or SCHEDULER.get() or None
        errors = ErrorLog()
        if named:
            self._local: LocalCluster | None = None
            self._connection = Connection(Cluster(named).connect)
        else:
            self._local = LocalCluster(store.root)
            self._connection = Connection(LocalScheduler(store, self._local, errors).connect)
        self._workers = Workers(store, self._local)
        self._queue = Queue(store)
        results = store.root.resolve() / SHARED_FOLDER / "cache"
        self._tasks = Tasks(results)
        self._supervisor = Supervisor(
            self._connection,
            self._workers,
            self._queue,
            self._tasks,
            Ahead(results, self._tasks, ahead),
            errors,
        )
        # One after the other: of two clicks at once both would find the last free place.
        self._queueing = threading.Lock()

    def state(self) -> EngineState:
        """Whether a training would start now; returns at once."""
        status = self._supervisor.status
        problem = status.problem or status.worker_problem
        if problem is not None:
            return EngineState("unavailable", problem)
        return EngineState("ready" if status.slots else "starting")

    def is_overdue(self, run_id: str) -> bool:
        """Whether a run waits although a slot is free for it; it is submitted anew."""
        return self._queue.is_overdue(run_id)

    def start(
        self, spec: RunSpec, run_id: str | None = None, name: str | None = None, *, by: Actor
    ) -> Run:
        """Create a run and let it be trained as soon as its turn comes.

        Args:
            spec: what to train.
            run_id: made when the form was shown, so that two clicks are one run.
            name: shown to visitors.
            by: who asks.

        Raises:
            NotAllowed, TooMuch: they may not, or not so often.
            QueueFull, TooManyOfYours: too many runs wait.
            RunsUnwritable: the run folder cannot be made.
        """
        with self._queueing:
            existing = next((run for run in self.store.list() if run.id == run_id), None)
            if existing is not None:
                return existing
            self._queue.check_limits(by)
            run = self.store.create(spec, run_id, name, by=by)
        self._supervisor.wake()
        return run

    def resume(self, run_id: str, *, by: Actor) -> Run:
        """Queue an ended run again, to go on after its last finished epoch.

        Raises:
            QueueFull, TooManyOfYours: too many runs wait.
        """
        with self._queueing:
            self._queue.check_limits(by)
            run = self.store.requeue(run_id, by=by)
        self._supervisor.wake()
        return run

    def train_longer(self, run_id: str, epochs: int, *, by: Actor) -> Run:
        """Queue an ended run again, for so many epochs more than it has finished.

        Raises:
            QueueFull, TooManyOfYours: too many runs wait.
        """
        with self._queueing:
            self._queue.check_limits(by)
            run = self.store.train_longer(run_id, epochs, by=by)
        self._supervisor.wake()
        return run

    def stop(self, run_id: str, after_epoch: bool = False, *, by: Actor) -> None:
        """Ask a waiting or running training to end; it keeps its finished epochs.

        Args:
            run_id: the run.
            after_epoch: let the epoch end that it is in, so that this one is kept, too.
            by: who asks.
        """
        self.store.request_stop(run_id, after_epoch, by=by)

    def request_task(
        self, key: str, function: Callable[..., Arrays], *arguments: object
    ) -> TaskState:
        """Request a background task of the engine; returns its state at once.

        The result is cached on disk under its key, and deleting it loses nothing. Call again to
        poll. Tasks run beside the trainings, at a lower priority.

        Args:
            key: lowercase letters, digits and hyphens; names the content, so that a cached result
                is never stale.
            function: of a module that the engine can import; called with a function that takes
                the share done and the phase in words, then with the arguments. It returns named
                arrays, and raises ``FmnistError`` where there is no result.
            arguments: small; large data the function reads by itself.

        Raises:
            ValueError: the key has other characters.
        """
        result = self._tasks.poll(key)
        if result is not None:
            return result
        problem = self._supervisor.status.problem
        if problem is not None:
            return TaskState(problem=problem)
        if self._tasks.add(key, function, arguments):
            self._supervisor.wake()
        return self._tasks.progress(key)

    def poll_task(self, key: str) -> TaskState | None:
        """The state of a background task that has ended; ``None`` where it still has to run.

        Nothing is requested by it.
        """
        return self._tasks.poll(key)

    def expect_tasks(self) -> None:
        """Start the worker for background tasks before the first is requested."""
        if self._tasks.expect():
            self._supervisor.wake()

    def ensure(self) -> None:
        """Find the scheduler, or start one here.

        Raises:
            EngineUnavailable: it cannot be reached or started.
        """
        self._connection.client()

    def keep_warm(self) -> None:
        """Keep the engine up and hand it every queued run, until ``close``; never raises."""
        self._supervisor.run()

    def close(self) -> None:
        """Let go of the engine; it goes on by itself."""
        self._supervisor.close()
        self._connection.close()

    def shutdown(self) -> None:
        """End the engine on this machine with everything it trains; let go of any other."""
        self._supervisor.close()
        if self._local is None:
            self._connection.close()
        else:
            self._connection.shutdown()
