"""The engine: the dashboard's connection to Dask, to start, resume and stop trainings."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from distributed import Client

from fmnist_core.engine.address import SCHEDULER_VARIABLE, Cluster, connect
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
_LOOK_SECONDS = 2.0
_SOON_SECONDS = 0.5
_TASK_POLL_SECONDS = 0.2
_POKE_SECONDS = 600.0
_TRUSTED = {"warm": True, "problem": None}
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
        named = scheduler or os.environ.get(SCHEDULER_VARIABLE) or None
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
        self._places = 0
        self._connected_before = False
        self._logged = ""
        self._connecting = threading.Lock()
        self._wake = threading.Event()
        self._closed = threading.Event()

    def state(self) -> EngineState:
        """Whether a training would start now; answers at once."""
        problem = self._problem or self._worker_problem
        if problem is not None:
            return EngineState("unavailable", problem)
        return EngineState("ready" if self._places else "starting")

    def is_overdue(self, run_id: str) -> bool:
        """Whether a run waits although there was a place for it; it is handed over anew."""
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
        here = next((run for run in self.store.list() if run.id == run_id), None)
        if here is not None:
            return here
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

    def ask(self, key: str, function: Callable[..., Arrays], *arguments: object) -> TaskState:
        """Ask the engine for something that takes a moment; answers at once with where it stands.

        The answer is kept on disk under its key, and deleting it loses nothing. Call again to see
        how far it is. It is computed beside the trainings, at a lower priority.

        Args:
            key: lowercase letters, digits and hyphens; names the content, so that what is kept
                is never stale.
            function: of a module that the engine can import; called with a function that takes
                the share done and what is done now, then with the arguments. It returns named
                arrays, and raises ``FmnistError`` where there is no answer.
            arguments: small; what is large, the function reads by itself.

        Raises:
            ValueError: the key has other characters.
        """
        known = self._tasks.look(key)
        if known is not None:
            return known
        if self._problem is not None:
            return TaskState(problem=self._problem)
        if self._tasks.ask(key, function, arguments):
            self._wake.set()
        return self._tasks.progress(key)

    def expect_tasks(self) -> None:
        """Let the worker that answers questions start before the first is asked."""
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
                self._client = self._connect_here()

    def keep_warm(self) -> None:
        """Keep the engine up and hand it every queued run, until ``close``; never raises."""
        poked = time.monotonic()
        while not self._closed.is_set():
            try:
                self.ensure()
                self._ask_workers()
                self._keep_workers()
                self._queue.hand_over(self._running_client(), self._places)
                self._hand_over_tasks()
                if time.monotonic() - poked > _POKE_SECONDS:
                    # A task now and then tells the scheduler that somebody may still need it.
                    poked = time.monotonic()
                    self._running_client().submit(int, pure=False)
                self._problem = self._queue.refused
                self._logged = ""
            except FmnistError as error:
                self._problem, self._places = str(error), 0
            except Exception as error:
                self._log_once(error)
                self._problem = "The training engine does not answer; it is being tried again."
                self._places = 0
            self._wake.wait(self._seconds_to_next_look())
            self._wake.clear()

    def _log_once(self, error: Exception) -> None:
        """It is tried twice a second, and what has not changed is said once."""
        said = f"{type(error).__name__}: {error}"
        if said != self._logged and not self._closed.is_set():
            self._logged = said
            _log.error("the engine could not be reached", exc_info=error)

    def _seconds_to_next_look(self) -> float:
        if self._tasks.waiting:
            return _TASK_POLL_SECONDS
        return _LOOK_SECONDS if self._places and not self._queue.hurries else _SOON_SECONDS

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

    def _connect_here(self) -> Client:
        problem = self.store.writable_problem()
        if problem:
            raise EngineUnavailable(problem)
        try:
            with self._local.lock():
                return self._find_here() or self._start_here()
        except OSError as error:
            self._log_once(error)
            raise EngineUnavailable(_NOT_STARTED) from error

    def _find_here(self) -> Client | None:
        """The engine that an earlier dashboard started, if it answers and is to be kept."""
        address = self._local.address()
        if address is None:
            return None
        lives = self._local.lives()
        try:
            client = connect(address, _BUSY_CONNECT_SECONDS if lives else _CONNECT_SECONDS)
        except OSError:
            _log.info("the engine of an earlier dashboard is gone; starting another")
            return None
        return None if self._renews(client) else client

    def _start_here(self) -> Client:
        return connect(self._local.start(), _START_CONNECT_SECONDS)

    def _renews(self, client: Client) -> bool:
        """End an engine that idles with the code from before an update; says whether it did.

        Only at the first look, so that two dashboards of different code do not end each other's.
        """
        first, self._connected_before = not self._connected_before, True
        if not first or self._local.is_current() or self.store.active():
            return False
        _log.info("the engine runs the code from before an update; starting another")
        client.shutdown()
        return True

    def _keep_workers(self) -> None:
        """Here, exactly one worker that trains, and one for questions once these are expected."""
        address = None if self._cluster else self._local.address()
        if address is None or self._closed.is_set():
            return
        kinds = {"train": self._workers}
        if self._tasks.waiting or self._tasks_expected:
            kinds[RESOURCE] = self._task_workers
        for resource, known in kinds.items():
            kept = self._local.keep_worker(address, resource, known)
            if kept is not None and not (resource == "train" and self.store.active()):
                surplus = [w["address"] for name, w in known.items() if name != kept]
                self._running_client().retire_workers(surplus, close_workers=True)

    def _hand_over_tasks(self) -> None:
        """Give the scheduler what pages asked; here a worker of its own answers it."""
        if self._tasks.waiting:
            with_resource = bool(self._task_workers) or not self._cluster
            self._tasks.submit(self._running_client(), with_resource)

    def _running_client(self) -> Client:
        assert self._client is not None
        return self._client

    def _ask_workers(self) -> None:
        """Note what the workers say; a fresh one does not know yet what it can."""
        client = self._running_client()
        found = client.scheduler_info(n_workers=-1).get("workers", {})
        workers = [{**said, "address": address} for address, said in found.items()]
        self._workers = _with_resource(workers, "train")
        self._task_workers = _with_resource(workers, RESOURCE)
        problems, places = [], 0.0
        for worker in self._workers.values():
            # One without our preload says nothing, and is trusted.
            words = worker.get("metrics", {}).get(METRIC, _TRUSTED)
            if words["problem"]:
                problems.append(words["problem"])
            elif words["warm"]:
                places += worker["resources"]["train"]
        self._places = int(places)
        if self._places:
            self._worker_problem = None
        elif problems:
            self._worker_problem = problems[0]


def _with_resource(workers: list[dict[str, Any]], resource: str) -> _Workers:
    return {str(w.get("name")): w for w in workers if w.get("resources", {}).get(resource)}
