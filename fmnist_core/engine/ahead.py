"""Tasks that are run ahead, before a page requests them, while the engine is idle."""

from __future__ import annotations

import contextlib
import logging
import time
import uuid
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from distributed import Client, Future

from fmnist_core import timeouts
from fmnist_core.engine.task_worker import result_file, run_task
from fmnist_core.engine.tasks import RESOURCE, Tasks
from fmnist_core.files import write_whole
from fmnist_core.task_types import Arrays, Report, TaskRequest

_LOWEST_PRIORITY = -(10**12)
_log = logging.getLogger("fmnist.engine")


class _GaveWay(Exception):
    """Something else is to be done, so this task ends without a result."""


class _Running(NamedTuple):
    key: str
    future: Future[None]


class Ahead:
    """Runs one task after the other while it is quiet, and gives way to everything.

    What runs has a permit, a file that it looks for whenever it reports how far it is. Where a run
    or another task comes, the permit is taken away. A task that a page requests meanwhile keeps it.

    The supervisor's thread alone uses it.

    Args:
        folder: of the results, shared with the workers.
        tasks: that pages request.
        requests: what is worth being ready, the most important first; called when it is quiet.
    """

    def __init__(
        self, folder: Path, tasks: Tasks, requests: Callable[[], Iterable[TaskRequest]]
    ) -> None:
        self._folder = folder
        self._tasks = tasks
        self._requests = requests
        self._running: _Running | None = None
        self._quiet_since: float | None = None
        self._failed: set[str] = set()

    @property
    def runs(self) -> bool:
        """Whether a task runs ahead, which needs a worker for tasks."""
        return self._running is not None

    def forget(self) -> None:
        """Forget what runs: the scheduler is another one."""
        self._running = None

    def turn(self, client: Client, may_run: bool) -> None:
        """Start the next task, leave the one that runs alone, or let it give way.

        Args:
            client: of the scheduler.
            may_run: whether the engine is ready and no run waits or trains.
        """
        if not may_run or self._tasks.any_waits:
            self._quiet_since = None
            self._give_way()
            return
        now = time.monotonic()
        self._quiet_since = self._quiet_since or now
        if self._running is not None and self._running.future.status != "pending":
            self._note_end(self._running)
        if self._running is None and now - self._quiet_since >= timeouts.AHEAD_QUIET_SECONDS:
            self._start_next(client)

    def _give_way(self) -> None:
        if self._running is not None and not self._tasks.waits_for(self._running.key):
            with contextlib.suppress(OSError):
                permit_file(self._folder, self._running.key).unlink(missing_ok=True)
            self._running = None

    def _note_end(self, running: _Running) -> None:
        if running.future.status == "error":
            _log.info("%s could not be computed ahead: %s", running.key, running.future.exception())
            self._failed.add(running.key)
        self._running = None

    def _start_next(self, client: Client) -> None:
        request = next(
            (
                request
                for request in self._requests()
                if request.key not in self._failed
                and not result_file(self._folder, request.key).is_file()
            ),
            None,
        )
        if request is None:
            # Asked again only after it was quiet for as long once more: it lists all runs.
            self._quiet_since = None
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            write_whole(permit_file(self._folder, request.key), lambda file: None)
        except OSError:
            # Pages will say so, where somebody waits for something.
            self._failed.add(request.key)
            return
        future = client.submit(
            run_ahead,
            str(self._folder),
            *request,
            key=f"ahead-{request.key}-{uuid.uuid4().hex}",
            resources={RESOURCE: 1},
            priority=_LOWEST_PRIORITY,
            retries=0,
            pure=False,
        )
        self._running = _Running(request.key, future)


def permit_file(folder: Path, key: str) -> Path:
    """The file without which a task that runs ahead ends."""
    return folder / f"{key}.ahead"


def run_ahead(
    folder: str, key: str, function: Callable[..., Arrays], arguments: tuple[object, ...]
) -> None:
    """Run a task as ``run_task`` does, but end without a result once its permit has gone.

    Args:
        folder: of the results, shared with the dashboard.
        key: names the content.
        function: called with a function that reports progress, then the arguments.
        arguments: as of a ``TaskRequest``.

    Raises:
        FmnistError: why there is no result.
    """
    permit = permit_file(Path(folder), key)

    def while_permitted(report: Report, *arguments: object) -> Arrays:
        def report_or_end(share: float, phase: str) -> None:
            if not permit.exists():
                raise _GaveWay
            report(share, phase)

        return function(report_or_end, *arguments)

    with contextlib.suppress(_GaveWay):
        run_task(folder, key, while_permitted, arguments)
    with contextlib.suppress(OSError):
        permit.unlink(missing_ok=True)
