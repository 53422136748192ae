"""Training processes: started in advance, handed one run each, watched to their end.

TensorFlow never returns its memory, so every run gets a process of its own. The next one is
warmed up while a run trains, so that nobody waits for TensorFlow to load.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from fmnist_core import timeouts

COMMAND = [sys.executable, "-m", "fmnist_core.training"]
READY = "ready"
BROKEN = (
    "TensorFlow could not be started, so nothing can be trained now. Browsing and comparing still "
    "work. The engine tries again by itself; its log, engine.log in the runs folder, says why."
)


class TrainingProcess:
    """A process that loads TensorFlow, says so, trains one run and ends.

    Args:
        changed: called, from another thread, when it became ready and when it ended.
    """

    def __init__(self, changed: Callable[[TrainingProcess], None]) -> None:
        self.ready = False
        self.ended = False
        self._changed = changed
        self._process = subprocess.Popen(
            COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        threading.Thread(target=self._listen, name="listen", daemon=True).start()
        self._load_timer = threading.Timer(timeouts.LOAD_SECONDS, self._end_unless_ready)
        self._load_timer.daemon = True
        self._load_timer.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def hand_over(self, root: Path, run_id: str, attempt: int) -> None:
        """Send it the run to train."""
        assert self._process.stdin is not None
        job = {"root": str(root), "run_id": run_id, "attempt": attempt}
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(job) + "\n")
            self._process.stdin.flush()

    def returncode(self) -> int | None:
        """The exit status; ``None`` while it lives."""
        return self._process.poll()

    def end(self) -> int:
        """Kill it, if it lives; returns the exit status."""
        self._process.kill()
        return self._process.wait()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.strip() == READY and not self.ready:
                self.ready = True
                self._load_timer.cancel()
                self._changed(self)
        self._load_timer.cancel()
        self._process.wait()
        self.ended = True
        self._changed(self)

    def _end_unless_ready(self) -> None:
        if not self.ready:
            self._process.kill()


class ProcessPool:
    """Keeps as many processes warm as a worker has free slots for trainings, at least one.

    Args:
        slots: trainings that the worker takes at once.

    ``problem`` says why nothing can be trained; where a process could not load TensorFlow,
    another one tries after a while, and ends the problem by itself when it can.
    """

    def __init__(self, slots: int = 1) -> None:
        self.slots = slots
        self.problem: str | None = None
        self.warm = False
        self._spares: list[TrainingProcess] = []
        self._busy = 0
        self._retry_seconds = timeouts.LOAD_RETRY_SECONDS
        self._not_before = 0.0
        self._closed = False
        self._changed = threading.Condition()

    def fill(self) -> None:
        """Start the warm processes that are missing."""
        with self._changed:
            self._fill()

    def take(self, still_wanted: Callable[[], bool]) -> TrainingProcess | None:
        """A process that is ready, as soon as there is one.

        ``None`` once it is not wanted, or none will come any more, since the worker ends.
        """
        while still_wanted() and not self._closed:
            with self._changed:
                ready = next((spare for spare in self._spares if spare.ready), None)
                if ready is not None:
                    self._spares.remove(ready)
                    self._busy += 1
                    # At once it would take the processor from this run's first seconds.
                    self._fill_after(timeouts.NEXT_PROCESS_SECONDS)
                    return ready
                self._fill()
                self._changed.wait(timeouts.READY_POLL_SECONDS)
        return None

    def give_back(self, process: TrainingProcess) -> int:
        """End a process that was taken, which frees its slot; returns the exit status."""
        returncode = process.end()
        with self._changed:
            self._busy -= 1
            self._fill()
        return returncode

    def close(self) -> None:
        """End the warm processes: nobody will use them any more."""
        with self._changed:
            self._closed = True
            for spare in self._spares:
                spare.end()

    def _fill(self) -> None:
        if self._closed or time.monotonic() < self._not_before:
            return
        for _ in range(max(1, self.slots - self._busy) - len(self._spares)):
            self._spares.append(TrainingProcess(self._on_change))

    def _fill_after(self, seconds: float) -> None:
        timer = threading.Timer(seconds, self.fill)
        timer.daemon = True
        timer.start()

    def _on_change(self, process: TrainingProcess) -> None:
        with self._changed:
            if process.ready and not process.ended:
                self.problem, self.warm = None, True
                self._retry_seconds = timeouts.LOAD_RETRY_SECONDS
            elif process in self._spares:
                self._spares.remove(process)
                if process.ready:
                    self._fill()
                elif not self._closed:
                    self._report_broken()
            self._changed.notify_all()

    def _report_broken(self) -> None:
        self.problem = BROKEN
        self._not_before = time.monotonic() + self._retry_seconds
        self._fill_after(self._retry_seconds)
        self._retry_seconds = min(2 * self._retry_seconds, timeouts.LONGEST_LOAD_RETRY_SECONDS)
