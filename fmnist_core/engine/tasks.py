"""Background tasks that pages request of the engine: waiting, in progress, done, failed."""

from __future__ import annotations

import contextlib
import logging
import re
import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from distributed import Client, Future, fire_and_forget

from fmnist_core import timeouts
from fmnist_core.engine.task_worker import progress_file, result_file, run_task
from fmnist_core.errors import FmnistError
from fmnist_core.files import read_arrays, read_json
from fmnist_core.task_types import Arrays, TaskState

RESOURCE = "ask"
_KEY = re.compile(r"[a-z0-9-]{1,200}")
_REMEMBERED = 32
_FAILED = "This could not be computed; the log of the dashboard says why."
_log = logging.getLogger("fmnist.engine")


class _Task(NamedTuple):
    function: Callable[..., Arrays]
    arguments: tuple[object, ...]


class _Problem(NamedTuple):
    sentence: str
    at: float


class Tasks:
    """The requested tasks, kept until the engine has their results; pages only poll.

    The supervisor's thread alone submits, and alone touches the futures; any thread may call the
    rest. What both touch is guarded by a lock, which is never held while Dask is asked.

    Args:
        folder: of the results, shared with the workers.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._waiting: dict[str, _Task] = {}
        self._futures: dict[str, Future[None]] = {}
        self._problems: dict[str, _Problem] = {}
        self._results: OrderedDict[str, Arrays] = OrderedDict()
        self._expected = False
        self._lock = threading.Lock()

    @property
    def any_waits(self) -> bool:
        """Whether any requested task has no result yet."""
        return bool(self._waiting)

    def waits_for(self, key: str) -> bool:
        """Whether a task is requested and has no result yet."""
        return key in self._waiting

    @property
    def any_expected(self) -> bool:
        """Whether a worker for tasks is needed: one waits, or one will come."""
        return self._expected or self.any_waits

    def expect(self) -> bool:
        """Expect tasks from now on; returns whether that is new."""
        with self._lock:
            new, self._expected = not self._expected, True
        return new

    def poll(self, key: str) -> TaskState | None:
        """The state of a task that has ended; ``None`` where it is still to be requested."""
        if not _KEY.fullmatch(key):
            raise ValueError(f"a key has lowercase letters, digits and hyphens, not {key!r}")
        arrays = self._read(key)
        if arrays is not None:
            return TaskState(arrays, 1.0, "")
        problem = self._problems.get(key)
        if problem is not None and time.monotonic() - problem.at < timeouts.TASK_RETRY_SECONDS:
            return TaskState(problem=problem.sentence)
        return None

    def add(self, key: str, function: Callable[..., Arrays], arguments: tuple[object, ...]) -> bool:
        """Add a task to those that wait; returns whether it is new."""
        with self._lock:
            new = key not in self._waiting
            self._waiting.setdefault(key, _Task(function, arguments))
        return new

    def progress(self, key: str) -> TaskState:
        """The progress of a task that waits or runs."""
        progress = read_json(progress_file(self._folder, key))
        try:
            share = min(1.0, max(0.0, float(progress["share"])))
            return TaskState(None, share, str(progress["words"]))
        except (KeyError, TypeError, ValueError):
            return TaskState()

    def submit(self, client: Client, with_resource: bool) -> None:
        """Submit new tasks to the scheduler, and note which have ended.

        Args:
            client: of the scheduler.
            with_resource: whether some worker has the resource ``"ask"``; else any may run them.
        """
        with self._lock:
            waiting = dict(self._waiting)
        for key, task in waiting.items():
            future = self._futures.get(key)
            if future is None:
                self._futures[key] = future = client.submit(
                    run_task,
                    str(self._folder),
                    key,
                    task.function,
                    task.arguments,
                    # Never the same one twice: Dask may lose a key that is let go and asked for
                    # again at once.
                    key=f"ask-{key}-{uuid.uuid4().hex}",
                    resources={RESOURCE: 1} if with_resource else None,
                    # The task requested last is the one that somebody waits for now.
                    priority=int(time.time()),
                    retries=0,
                    pure=False,
                )
                fire_and_forget(future)
            elif future.status != "pending":
                self._note_end(key, future)

    def forget_futures(self) -> None:
        """Forget all submissions: the scheduler is another one, so all are made anew."""
        self._futures.clear()

    def _note_end(self, key: str, future: Future[None]) -> None:
        del self._futures[key]
        if future.status == "cancelled":
            return
        problem = self._problem_of(key, future) if future.status == "error" else None
        with self._lock:
            del self._waiting[key]
            if problem is not None:
                self._problems[key] = problem

    def _problem_of(self, key: str, future: Future[None]) -> _Problem:
        error = future.exception()
        for_visitor = isinstance(error, FmnistError)
        if not for_visitor:
            _log.error("question %s", key, exc_info=error)
        return _Problem(str(error) if for_visitor else _FAILED, time.monotonic())

    def _read(self, key: str) -> Arrays | None:
        with self._lock:
            if key in self._results:
                self._results.move_to_end(key)
                return self._results[key]
        file = result_file(self._folder, key)
        try:
            arrays = read_arrays(file)
        except FileNotFoundError:
            return None
        except (OSError, ValueError):
            _log.warning("the answer %s is damaged, and asked for again", key)
            # A folder that cannot be read often cannot be written either.
            with contextlib.suppress(OSError):
                file.unlink(missing_ok=True)
            return None
        with self._lock:
            self._results[key] = arrays
            while len(self._results) > _REMEMBERED:
                self._results.popitem(last=False)
        return arrays
