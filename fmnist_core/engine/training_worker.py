"""The Dask worker that trains: hands runs to training processes and watches them to their end.

``dask worker --preload fmnist_core.engine.training_worker`` warms the processes before the first
run and lets the worker tell the dashboard whether TensorFlow can be started on its machine.
"""

from __future__ import annotations

import contextlib
import signal
import time
from pathlib import Path
from typing import Any

from fmnist_core import dask_http, timeouts
from fmnist_core.engine.claims import Claims
from fmnist_core.engine.process_pool import ProcessPool, TrainingProcess
from fmnist_core.errors import FmnistError
from fmnist_core.runs import Run, RunDamaged, RunNotFound, RunStore, RunWriter, Superseded
from fmnist_core.runs.failures import OUT_OF_MEMORY
from fmnist_core.runs.model import HEARTBEAT_FILE

METRIC = "fmnist"
_processes = ProcessPool()


class RunsNotShared(FmnistError):
    """A worker of the cluster looks at another runs folder than the dashboard."""

    def __init__(self) -> None:
        super().__init__(
            "A worker of the cluster does not see the runs folder. Give all machines the same "
            "folder under the same path."
        )


def dask_setup(worker: Any) -> None:
    """Called by ``dask worker --preload``: warm as many processes as the worker has slots."""
    dask_http.dask_setup(worker)
    _processes.slots = int(worker.state.total_resources.get("train", 0))
    worker.metrics[METRIC] = _metric
    if _processes.slots:
        _processes.fill()


def dask_teardown(worker: Any) -> None:
    """Called when the worker ends: nobody will use the warm processes any more."""
    _processes.close()


def _metric(worker: Any) -> dict[str, Any]:
    """The status that the worker sends to the scheduler with each of its heartbeats."""
    return {"warm": _processes.warm, "problem": _processes.problem}


def run_training(root: str, run_id: str, attempt: int) -> None:
    """Train one run in a process of its own and see it to its end.

    Where TensorFlow cannot be started the run goes on waiting, until it can or is not wanted.

    Args:
        root: the runs folder, as every worker of the cluster sees it.
        run_id: what to train; a run that waits no more, or that another worker has taken, is left
            alone.
        attempt: its number, as the run folder says it.

    Raises:
        RunsNotShared: this machine does not see the runs folder.
        OSError: it cannot be written.
    """
    store = RunStore(root)
    if not store.root.is_dir():
        raise RunsNotShared
    claim = None
    if _queued_run(store, run_id, attempt) is not None:
        claim = Claims(store.root).take(run_id, attempt)
    if claim is None:
        return
    try:
        _train(store, run_id, attempt)
    finally:
        claim.release()


def _train(store: RunStore, run_id: str, attempt: int) -> None:
    process = _processes.take(lambda: _queued_run(store, run_id, attempt) is not None)
    if process is None:
        return
    kills = _oom_kill_count()
    try:
        process.hand_over(store.root, run_id, attempt)
        _wait_for_end(process, store.root / run_id / HEARTBEAT_FILE)
    finally:
        returncode = _processes.give_back(process)
    out_of_memory = returncode == -signal.SIGKILL and _oom_kill_count() > kills
    record_death(store, run_id, attempt, out_of_memory)


def _queued_run(store: RunStore, run_id: str, attempt: int) -> Run | None:
    try:
        run = store.get(run_id)
    except (RunNotFound, RunDamaged):
        return None
    return run if run.state == "queued" and run.attempt == attempt else None


def _wait_for_end(process: TrainingProcess, heartbeat: Path) -> None:
    """Wait for the process; a heartbeat that stops, or never comes, means that it hangs.

    Looks are counted, not seconds: where the machine stood still, so did both processes.
    """
    last, silent, began = _stamp(heartbeat), 0.0, False
    while process.returncode() is None:
        time.sleep(timeouts.PROCESS_POLL_SECONDS)
        stamp = _stamp(heartbeat)
        if stamp != last:
            last, silent, began = stamp, 0.0, True
            continue
        silent += timeouts.PROCESS_POLL_SECONDS
        if silent > (timeouts.KILL_SECONDS if began else timeouts.BEGIN_SECONDS):
            return


def _stamp(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _oom_kill_count() -> int:
    """The number of processes that this system has killed for memory, 0 where it does not tell."""
    with contextlib.suppress(OSError, ValueError):
        for line in Path("/proc/vmstat").read_text().splitlines():
            if line.startswith("oom_kill "):
                return int(line.split()[1])
    return 0


def record_death(store: RunStore, run_id: str, attempt: int, out_of_memory: bool) -> None:
    """Record the end of a run whose process died: it never began, or it was interrupted."""
    try:
        run = store.get(run_id)
    except (RunNotFound, RunDamaged):
        return
    if run.attempt != attempt or run.record.finished_at is not None:
        return
    if out_of_memory:
        reason = OUT_OF_MEMORY
    elif run.record.state == "queued":
        reason = "The training process ended before it began; the log of the engine says why."
    else:
        # Without its heartbeat a running run is shown as interrupted, at once.
        with contextlib.suppress(OSError):
            (run.path / HEARTBEAT_FILE).unlink()
        return
    with contextlib.suppress(Superseded, OSError):
        RunWriter(store.root, run_id, attempt).finish("failed", run.record.summary, reason)
