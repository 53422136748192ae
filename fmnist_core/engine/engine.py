"""The engine: the dashboard's connection to Dask, to start, resume and stop trainings."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from distributed import Client

from fmnist_core.config import SCHEDULER
from fmnist_core.engine.address import Cluster, connect
from fmnist_core.engine.local_cluster import LocalCluster
from fmnist_core.engine.problems import EngineUnavailable, QueueFull, TooManyOfYours
from fmnist_core.engine.queue import Queue
from fmnist_core.engine.tasks import RESOURCE, Tasks, TaskState
from fmnist_core.engine.training_worker import METRIC
from fmnist_core.errors import FmnistError
from fmnist_core.permissions import MOST_WAITING, Actor
from fmnist_core.runs import Run, RunStore
from fmnist_core.runs.model import SHARED_FOLDER
from fmnist_core.specs import RunSpec
from fmnist_core.task_types import Arrays

QUEUE_LIMIT = 50
_CONNECT_SECONDS = 3.0
# A scheduler whose process lives is only busy.
_BUSY_CONNECT_SECONDS = 15.0
_START_CONNECT_SECONDS = 30.0
_CLOSE_SECONDS = 1.0
_POLL_SECONDS = 2.0
_SOON_SECONDS = 0.5
_TASK_POLL_SECONDS = 0.2
_CONTACT_SECONDS = 600.0
_ASSUMED_STATUS = {"warm": True, "problem": None}
_NOT_STARTED = (
    "The training engine could not be started on this machine. Its log, engine.log in the runs "
    "folder, says why."
)
_log = logging.getLogger("fmnist.engine")

_Workers = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class EngineState:
    """``ready`` trains at once; ``starting`` will soon; ``unavailable`` says why in ``problem``."""

    state: Literal["starting", "ready", "unavailable"]
    problem: str | None = None


class Engine:
    """Hands queued run folders to Dask, one object for a dashboard process.

    A run is started by making its folder; a background thread, ``keep_warm``, hands every queued
    folder to the scheduler. So a click never waits for the engine, and a queue survives the death
    of the dashboard as well as of the scheduler.

    Args:
        store: the run folders.
        scheduler: ``tls://…``, ``tcp://…`` or the path of a Dask scheduler file; by default the
            environment's ``FMNIST_SCHEDULER``, and without one an engine on this machine.
    """

    def __init__(self, store: RunStore, scheduler: str | None = None) -> None:
        self.store = store
        named = scheduler or SCHEDULER.get() or None
        self._cluster = Cluster(named) if named else None
        self._local = LocalCluster(store.root)
        self._queue = Queue(store)
        self._tasks = Tasks(store.root.resolve() / SHARED_FOLDER / "cache")
        self._tasks_expected = False
        self._client: Client | None = None
        self._problem: str | None = None
        self._worker_problem: str | None = None
        self._workers: _Workers = {}
        self._task_workers: _Workers = {}
        self._slots = 0
        self._connected_before = False
        self._logged = ""
        self._connecting = threading.Lock()
        self._wake = threading.Event()
        self._closed = threading.Event()

    def state(self) -> EngineState:
        """Whether a training would start now; returns at once."""
        problem = self._problem or self._worker_problem
        if problem is not None:
            return EngineState("unavailable", problem)
        return EngineState("ready" if self._slots else "starting")

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
        existing = next((run for run in self.store.list() if run.id == run_id), None)
        if existing is not None:
            return existing
        self._check_queue(by)
        run = self.store.create(spec, run_id, name, by=by)
        self._wake.set()
        return run

    def _check_queue(self, by: Actor) -> None:
        waiting = [run for run in self.store.active() if run.state == "queued"]
        if len(waiting) >= QUEUE_LIMIT:
            raise QueueFull(len(waiting))
        own = sum(run.valid_record.started_by == by.id for run in waiting)
        if by.limits is not None and own >= MOST_WAITING:
            raise TooManyOfYours(own)

    def resume(self, run_id: str, *, by: Actor) -> Run:
        """Queue an ended run again, to go on after its last finished epoch.

        Raises:
            QueueFull, TooManyOfYours: too many runs wait.
        """
        self._check_queue(by)
        run = self.store.requeue(run_id, by=by)
        self._wake.set()
        return run

    def train_longer(self, run_id: str, epochs: int, *, by: Actor) -> Run:
        """Queue an ended run again, for so many epochs more than it has finished.

        Raises:
            QueueFull, TooManyOfYours: too many runs wait.
        """
        self._check_queue(by)
        run = self.store.train_longer(run_id, epochs, by=by)
        self._wake.set()
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
        if self._problem is not None:
            return TaskState(problem=self._problem)
        if self._tasks.add(key, function, arguments):
            self._wake.set()
        return self._tasks.progress(key)

    def expect_tasks(self) -> None:
        """Start the worker for background tasks before the first is requested."""
        if not self._tasks_expected:
            self._tasks_expected = True
            self._wake.set()

    def ensure(self) -> None:
        """Find the scheduler, or start one here.

        Raises:
            EngineUnavailable: it cannot be reached or started.
        """
        with self._connecting:
            if self._client is not None and self._client.status == "running":
                return
            if self._client is not None:
                self._client.close(timeout=_CLOSE_SECONDS)
                self._client = None
            self._queue.forget()
            self._tasks.forget_futures()
            if self._cluster:
                self._client = self._cluster.connect(_CONNECT_SECONDS)
            else:
                self._client = self._connect_local()

    def keep_warm(self) -> None:
        """Keep the engine up and hand it every queued run, until ``close``; never raises."""
        contacted_at = time.monotonic()
        while not self._closed.is_set():
            try:
                self.ensure()
                self._read_workers()
                self._keep_workers()
                self._queue.submit_runs(self._running_client(), self._slots)
                self._submit_tasks()
                if time.monotonic() - contacted_at > _CONTACT_SECONDS:
                    # A task now and then tells the scheduler that somebody may still need it.
                    contacted_at = time.monotonic()
                    self._running_client().submit(int, pure=False)
                self._problem = self._queue.refused
                self._logged = ""
            except FmnistError as error:
                self._problem, self._slots = str(error), 0
            except Exception as error:
                self._log_once(error)
                self._problem = "The training engine does not answer; it is being tried again."
                self._slots = 0
            self._wake.wait(self._seconds_to_next_poll())
            self._wake.clear()

    def _log_once(self, error: Exception) -> None:
        """Log an error unless it is the last one again: it is tried twice a second."""
        message = f"{type(error).__name__}: {error}"
        if message != self._logged and not self._closed.is_set():
            self._logged = message
            _log.error("the engine could not be reached", exc_info=error)

    def _seconds_to_next_poll(self) -> float:
        if self._tasks.waiting:
            return _TASK_POLL_SECONDS
        return _POLL_SECONDS if self._slots and not self._queue.is_urgent else _SOON_SECONDS

    def close(self) -> None:
        """Let go of the engine; it goes on by itself."""
        self._closed.set()
        self._wake.set()
        if self._client is not None:
            self._client.close()

    def shutdown(self) -> None:
        """End the engine on this machine with everything it trains."""
        self._closed.set()
        self._wake.set()
        if self._client is not None and not self._cluster:
            self._client.shutdown()

    def _connect_local(self) -> Client:
        problem = self.store.writable_problem()
        if problem:
            raise EngineUnavailable(problem)
        try:
            with self._local.lock():
                return self._find_local() or self._start_local()
        except OSError as error:
            self._log_once(error)
            raise EngineUnavailable(_NOT_STARTED) from error

    def _find_local(self) -> Client | None:
        """The engine that an earlier dashboard started, if it answers and is to be kept."""
        address = self._local.address()
        if address is None:
            return None
        alive = self._local.is_alive()
        try:
            client = connect(address, _BUSY_CONNECT_SECONDS if alive else _CONNECT_SECONDS)
        except OSError:
            _log.info("the engine of an earlier dashboard is gone; starting another")
            return None
        return None if self._shut_down_outdated(client) else client

    def _start_local(self) -> Client:
        return connect(self._local.start(), _START_CONNECT_SECONDS)

    def _shut_down_outdated(self, client: Client) -> bool:
        """Shut down an idle engine that runs the code from before an update; returns whether so.

        Only at the first look, so that two dashboards of different code do not end each other's.
        """
        first, self._connected_before = not self._connected_before, True
        if not first or self._local.is_current() or self.store.active():
            return False
        _log.info("the engine runs the code from before an update; starting another")
        client.shutdown()
        return True

    def _keep_workers(self) -> None:
        """Keep one local worker for trainings, and one for tasks once these are expected."""
        address = None if self._cluster else self._local.address()
        if address is None or self._closed.is_set():
            return
        workers_by_resource = {"train": self._workers}
        if self._tasks.waiting or self._tasks_expected:
            workers_by_resource[RESOURCE] = self._task_workers
        for resource, workers in workers_by_resource.items():
            kept_name = self._local.keep_worker(address, resource, workers)
            if kept_name is not None and not (resource == "train" and self.store.active()):
                surplus = [w["address"] for name, w in workers.items() if name != kept_name]
                self._running_client().retire_workers(surplus, close_workers=True)

    def _submit_tasks(self) -> None:
        """Submit the tasks that pages requested; the local engine has a worker for them."""
        if self._tasks.waiting:
            with_resource = bool(self._task_workers) or not self._cluster
            self._tasks.submit(self._running_client(), with_resource)

    def _running_client(self) -> Client:
        assert self._client is not None
        return self._client

    def _read_workers(self) -> None:
        """Read the status of all workers; a fresh one does not know yet whether it can train."""
        client = self._running_client()
        workers_by_address = client.scheduler_info(n_workers=-1).get("workers", {})
        workers = [{**info, "address": address} for address, info in workers_by_address.items()]
        self._workers = _with_resource(workers, "train")
        self._task_workers = _with_resource(workers, RESOURCE)
        problems, slots = [], 0.0
        for worker in self._workers.values():
            # A worker without our preload sends no status, and is trusted.
            status = worker.get("metrics", {}).get(METRIC, _ASSUMED_STATUS)
            if status["problem"]:
                problems.append(status["problem"])
            elif status["warm"]:
                slots += worker["resources"]["train"]
        self._slots = int(slots)
        if self._slots:
            self._worker_problem = None
        elif problems:
            self._worker_problem = problems[0]


def _with_resource(workers: list[dict[str, Any]], resource: str) -> _Workers:
    return {str(w.get("name")): w for w in workers if w.get("resources", {}).get(resource)}
