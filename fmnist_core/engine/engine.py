"""The dashboard's connection to Dask."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from distributed import Client, Future, fire_and_forget

from fmnist_core.engine.asker import Arrays
from fmnist_core.engine.local import Local
from fmnist_core.engine.questions import RESOURCE, Asked, Questions
from fmnist_core.engine.worker import METRIC, RunsNotShared, run_training
from fmnist_core.errors import FmnistError
from fmnist_core.permissions import MOST_WAITING, Actor
from fmnist_core.runs import Run, RunStore
from fmnist_core.runs.model import SHARED_FOLDER
from fmnist_core.specs import RunSpec

QUEUE_LIMIT = 50
_CONNECT_SECONDS = 3
_LOOK_SECONDS = 2.0
_STARTING_LOOK_SECONDS = 0.5
_ASKED_LOOK_SECONDS = 0.2
_POKE_SECONDS = 600.0
_WORKER_SECONDS = 15.0
_REFUSED_SECONDS = 10.0
_TRUSTED = {"warm": True, "problem": None}
_log = logging.getLogger("fmnist.engine")


class EngineUnavailable(FmnistError):
    """Nothing can be trained now; the message says why and what to do."""


class QueueFull(FmnistError):
    """Too many trainings wait already."""

    def __init__(self, waiting: int) -> None:
        super().__init__(
            f"{waiting} trainings already wait, which is as many as fit in the queue. "
            "Stop one, or come back when some have ended."
        )


class TooManyOfYours(FmnistError):
    """One visitor has too many trainings that wait."""

    def __init__(self, waiting: int) -> None:
        super().__init__(
            f"{waiting} trainings of yours already wait, which is as many as one visitor may have. "
            "Stop one, or come back when one has begun."
        )


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
        scheduler: ``tcp://…`` or the path of a Dask scheduler file; by default the environment's
            ``FMNIST_SCHEDULER``, and without one an engine on this machine.
    """

    def __init__(self, store: RunStore, scheduler: str | None = None) -> None:
        self.store = store
        self._scheduler = scheduler or os.environ.get("FMNIST_SCHEDULER") or None
        self._local = Local(store.root)
        self._questions = Questions(store.root.resolve() / SHARED_FOLDER / "cache")
        self._askers: list[dict[str, Any]] = []
        self._asker_missed: float | None = None
        self._questions_expected = False
        self._client: Client | None = None
        self._futures: dict[str, Future[None]] = {}
        self._problem: str | None = None
        self._worker_problem: str | None = None
        self._refused = ""
        self._refused_at = float("-inf")
        self._workers: list[dict[str, Any]] = []
        self._can_train = False
        self._worker_missed: float | None = None
        self._connected_before = False
        self._connecting = threading.Lock()
        self._wake = threading.Event()
        self._closed = threading.Event()

    def state(self) -> EngineState:
        """Whether a training would start now; answers at once."""
        problem = self._problem or self._worker_problem
        if problem is not None:
            return EngineState("unavailable", problem)
        return EngineState("ready" if self._can_train else "starting")

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
        runs = self.store.list()
        here = next((run for run in runs if run.id == run_id), None)
        if here is not None:
            return here
        self._check_queue([run for run in runs if run.state == "queued"], by)
        run = self.store.create(spec, run_id, name, by=by)
        self._wake.set()
        return run

    def _check_queue(self, waiting: list[Run], by: Actor) -> None:
        if len(waiting) >= QUEUE_LIMIT:
            raise QueueFull(len(waiting))
        own = sum(run.valid_record.started_by == by.id for run in waiting)
        if by.limits is not None and own >= MOST_WAITING:
            raise TooManyOfYours(own)

    def resume(self, run_id: str, *, by: Actor) -> Run:
        """Queue an ended run again, to go on after its last finished epoch."""
        run = self.store.requeue(run_id, by=by)
        self._wake.set()
        return run

    def train_longer(self, run_id: str, epochs: int, *, by: Actor) -> Run:
        """Queue an ended run again, for so many epochs more than it has finished."""
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

    def ask(self, key: str, function: Callable[..., Arrays], *arguments: object) -> Asked:
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
        known = self._questions.look(key)
        if known is not None:
            return known
        if self._problem is not None:
            return Asked(problem=self._problem)
        if self._questions.ask(key, function, arguments):
            self._wake.set()
        return self._questions.progress(key)

    def expect_questions(self) -> None:
        """Let the worker that answers questions start before the first is asked."""
        if not self._questions_expected:
            self._questions_expected = True
            self._wake.set()

    def ensure(self) -> None:
        """Find the scheduler, or start one here.

        Raises:
            EngineUnavailable: it cannot be reached or started.
        """
        with self._connecting:
            if self._client is not None and self._client.status == "running":
                return
            self._futures.clear()
            self._questions.forget_futures()
            self._client = self._connect_to_cluster() if self._scheduler else self._connect_here()

    def keep_warm(self) -> None:
        """Keep the engine up and hand it every queued run, until ``close``; never raises."""
        poked = time.monotonic()
        while not self._closed.is_set():
            try:
                self.ensure()
                self._ask_workers()
                self._replace_lost_worker()
                self._submit_waiting()
                self._hand_over_questions()
                if time.monotonic() - poked > _POKE_SECONDS:
                    # A task now and then tells the scheduler that somebody may still need it.
                    poked = time.monotonic()
                    self._running_client().submit(int, pure=False)
                refused = time.monotonic() - self._refused_at < _REFUSED_SECONDS
                self._problem = self._refused if refused else None
            except FmnistError as error:
                self._problem, self._can_train = str(error), False
            except Exception:
                _log.exception("the engine could not be reached")
                self._problem = "The training engine does not answer; it is being tried again."
                self._can_train = False
            self._wake.wait(self._seconds_to_next_look())
            self._wake.clear()

    def _seconds_to_next_look(self) -> float:
        if self._questions.waiting:
            return _ASKED_LOOK_SECONDS
        return _LOOK_SECONDS if self._can_train else _STARTING_LOOK_SECONDS

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
        if self._client is not None and not self._scheduler:
            self._client.shutdown()

    def _connect_to_cluster(self) -> Client:
        assert self._scheduler is not None
        is_file = Path(self._scheduler).is_file()
        place = {"scheduler_file": self._scheduler} if is_file else {"address": self._scheduler}
        try:
            return Client(**place, timeout=_CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError) as error:
            raise EngineUnavailable(
                "The Dask scheduler named by FMNIST_SCHEDULER does not answer. Check that it runs, "
                "or unset FMNIST_SCHEDULER to train on this machine."
            ) from error

    def _connect_here(self) -> Client:
        problem = self.store.writable_problem()
        if problem:
            raise EngineUnavailable(problem)
        with self._local.lock():
            address = self._local.address()
            if address:
                try:
                    client = Client(address, timeout=_CONNECT_SECONDS, set_as_default=False)
                except OSError:
                    _log.info("the engine of an earlier dashboard is gone; starting another")
                else:
                    if not self._renews(client):
                        return client
            try:
                return Client(self._local.start(), timeout=30, set_as_default=False)
            except OSError as error:
                raise EngineUnavailable(
                    "The training engine could not be started on this machine. Its log, "
                    "engine.log in the runs folder, says why."
                ) from error

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

    def _submit_waiting(self) -> None:
        client = self._running_client()
        waiting = [run for run in self.store.list() if run.state == "queued"]
        for run in sorted(waiting, key=lambda run: (run.queued_at, run.id)):
            key = f"train-{run.id}-{run.attempt}"
            held = self._futures.get(key)
            if held is not None and held.status == "pending":
                continue
            if held is not None:
                # Its worker died or could not take it, and the folder still waits. Dask forgets
                # how a task ended only after everybody has let go of it: it is handed over again
                # at the next look.
                if held.status == "error" and isinstance(held.exception(), RunsNotShared):
                    self._refused = str(held.exception())
                    self._refused_at = time.monotonic()
                del self._futures[key]
                continue
            future = client.submit(
                run_training,
                str(self.store.root.resolve()),
                run.id,
                run.attempt,
                key=key,
                resources={"train": 1},
                # Dask takes tasks that arrive within a tenth of a second in any order.
                priority=-int(run.queued_at.timestamp() * 1e6),
                retries=0,
            )
            fire_and_forget(future)
            self._futures[key] = future
        kept = {f"train-{run.id}-{run.attempt}" for run in waiting}
        self._futures = {key: future for key, future in self._futures.items() if key in kept}

    def _hand_over_questions(self) -> None:
        """Give the scheduler what pages asked; here a worker of its own answers it.

        That worker is started when questions are expected, and again where it was lost.
        """
        if not self._questions.waiting and not self._questions_expected:
            return
        if not self._scheduler and not self._askers:
            now = time.monotonic()
            address = self._local.address()
            due = self._asker_missed is None or now - self._asker_missed > _WORKER_SECONDS
            if address and due:
                self._asker_missed = now
                with self._local.lock():
                    self._local.start_asker(address)
        else:
            self._asker_missed = None
        with_resource = bool(self._askers) or not self._scheduler
        self._questions.submit(self._running_client(), with_resource)

    def _replace_lost_worker(self) -> None:
        """Start a worker here where the scheduler has had none for a while.

        A dashboard that ended between starting the two leaves a scheduler alone.
        """
        if self._scheduler or self._workers:
            self._worker_missed = None
            return
        now = time.monotonic()
        self._worker_missed = self._worker_missed or now
        address = self._local.address()
        if address and now - self._worker_missed > _WORKER_SECONDS:
            self._worker_missed = now
            with self._local.lock():
                self._local.start_worker(address)

    def _running_client(self) -> Client:
        assert self._client is not None
        return self._client

    def _ask_workers(self) -> None:
        """Note what the workers say; a fresh one does not know yet what it can."""
        client = self._running_client()
        workers = client.scheduler_info(n_workers=-1).get("workers", {}).values()
        self._workers = [w for w in workers if w.get("resources", {}).get("train")]
        self._askers = [w for w in workers if w.get("resources", {}).get(RESOURCE)]
        # One without our preload says nothing, and is trusted.
        said = [w.get("metrics", {}).get(METRIC, _TRUSTED) for w in self._workers]
        problems = [words["problem"] for words in said if words["problem"]]
        self._can_train = any(words["warm"] and not words["problem"] for words in said)
        if self._can_train:
            self._worker_problem = None
        elif problems:
            self._worker_problem = problems[0]
