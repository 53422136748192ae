"""A stub of a training: it writes every file of a run through the real writer, learns nothing.

Run as a program it loads the project once and then forks a child for each job that it reads on its
standard input, so that a run takes a tenth of a second and can be killed a thousand times. What the
optimizer's state is to a training, a chain of hashes is here: it shows a gap, a repeat or a state
of another epoch.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO, Any

import numpy as np
from made_weights import made_weights
from numpy.typing import NDArray

from fmnist_core import timeouts
from fmnist_core.permissions import Actor
from fmnist_core.runs import EpochEvent, RunStore, RunWriter, Summary, Superseded
from fmnist_core.runs.arrays import ArraySpec
from fmnist_core.runs.events import BatchEvent
from fmnist_core.runs.failures import failure_reason
from fmnist_core.specs import DenseSpec, RunSpec, TrainingSpec, parameter_count

EPOCHS = 3
BATCHES = 3
SPEC = RunSpec(
    network=DenseSpec(units=(16,)), training=TrainingSpec(epochs=EPOCHS, train_pictures=1_000)
)
_PREDICTIONS = np.arange(10_000, dtype=np.uint8) % 10
_ANSWERS = {
    "test_predictions": _PREDICTIONS,
    "test_probabilities": 255 * np.eye(10, dtype=np.uint8)[_PREDICTIONS],
}
_LOGITS = np.zeros((10_000, 10), np.float32)
CHECKPOINT = {
    "epoch": ArraySpec("int64", (), 1, EPOCHS, required=True),
    "state": ArraySpec("uint8", (64,), required=True),
}


def state_after(epoch: int) -> str:
    """The state of an undisturbed training after an epoch: a chain of hashes."""
    state = ""
    for number in range(1, epoch + 1):
        state = next_state(state, number)
    return state


def next_state(state: str, epoch: int) -> str:
    """The state after one more epoch."""
    return hashlib.sha256(f"{state}{epoch}".encode()).hexdigest()


def weights_after(state: str) -> dict[str, NDArray[np.float32]]:
    """The weights of a network in a state."""
    return made_weights(SPEC, int(state[:8], 16))


class Stub:
    """A stub training of one attempt of one run.

    Args:
        writer: of the run folder.
        pause: seconds between two batches.
        fault: what goes wrong by itself: ``"hang"`` after the first epoch, or nothing.
    """

    def __init__(self, writer: RunWriter, pause: float, fault: str) -> None:
        self.writer = writer
        self.pause = pause
        self.fault = fault
        self.state = ""

    def run(self) -> None:
        writer = self.writer
        writer.start(len(writer.past_events().epochs), {"tensorflow": "none: a stub"})
        writer.report_phase("Training")
        for epoch in range(self._restore() + 1, writer.spec.training.epochs + 1):
            for batch in range(BATCHES):
                self._batch(epoch, batch)
            self.state = next_state(self.state, epoch)
            self._commit(epoch)
            while self.fault == "hang":
                time.sleep(0.01)
        self._end()

    def _restore(self) -> int:
        """Go on from the checkpoint, as the real training does; returns the finished epochs."""
        writer = self.writer
        saved = writer.checkpoint(CHECKPOINT)
        if saved is None:
            return 0
        self.state, finished = saved["state"].tobytes().decode(), int(saved["epoch"])
        done = len(writer.past_events().epochs)
        pending = writer.pending_epoch()
        if finished == done + 1 and pending is not None and pending.epoch == finished:
            self._write_epoch(pending)
        else:
            assert finished == done, f"checkpoint of epoch {finished}, but {done} lines"
        return finished

    def _batch(self, epoch: int, batch: int) -> None:
        self.writer.control()
        position = epoch - 1 + batch / BATCHES
        self.writer.report_batch(BatchEvent(epoch, position, position, time.time(), 1.0, 0.5))
        time.sleep(self.pause)

    def _commit(self, epoch: int) -> None:
        event = EpochEvent(epoch, epoch, time.time(), 1.0, 0.001, 1_000.0, 1.0, 0.5, 1.0, 0.5)
        state = np.frombuffer(self.state.encode(), np.uint8)
        self.writer.save_checkpoint(event, {"epoch": np.array(epoch), "state": state})
        self._write_epoch(event)

    def _write_epoch(self, event: EpochEvent) -> None:
        self.writer.commit_epoch(
            event, _ANSWERS, weights_after(self.state), {"test_logits": _LOGITS}
        )

    def _end(self) -> None:
        epochs = self.writer.spec.training.epochs
        self.writer.report_phase("Saving")
        by_epoch = [stored["test_predictions"] for stored in self.writer.epoch_predictions(epochs)]
        summary = Summary(
            epochs=epochs,
            parameters=parameter_count(self.writer.spec),
            seconds=float(epochs),
            train_pictures=1_000,
            validation_pictures=6_000,
        )
        self.writer.finish(
            "done",
            summary,
            predictions={
                "test_probabilities": np.eye(10, dtype=np.float32)[_PREDICTIONS],
                "test_predictions_by_epoch": np.stack(by_epoch),
            },
            weights=weights_after(self.state),
            save_model=lambda path: path.write_text(self.state),
        )


def train(store: RunStore, run_id: str, attempt: int, pause: float, fault: str) -> None:
    """Run the stub, and record how it ends as the training does."""
    try:
        with RunWriter(store.root, run_id, attempt) as writer:
            try:
                Stub(writer, pause, fault).run()
            except Exception as error:
                if isinstance(error, Superseded):
                    raise
                writer.finish("failed", None, failure_reason(error))
    except Superseded:
        return


def work(job: dict[str, Any]) -> None:
    """Do one job in a child of its own."""
    store = RunStore(Path(job["root"]))
    _wait_for_go(job.get("wait"))
    if job["act"] == "train":
        timeouts.HEARTBEAT_SECONDS = job.get("heartbeat", 0.02)
        timeouts.STALL_SECONDS = job.get("stall", 60.0)
        train(store, job["run_id"], job["attempt"], job.get("pause", 0.0), job.get("fault", ""))
    elif job["act"] == "create":
        store.create(SPEC, job["run_id"], by=Actor.owner())
    elif job["act"] == "requeue":
        store.requeue(job["run_id"], by=Actor.owner())


def _wait_for_go(file: str | None) -> None:
    while file is not None and not Path(file).exists():
        time.sleep(0.002)


class Zygote:
    """Starts the program of this file, which forks a stub for each job."""

    def __init__(self, log: Path) -> None:
        self._lock = threading.Lock()
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, __file__],
                env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                text=True,
            )

    def start(self, **job: Any) -> int:
        """Begin a job; returns its process id."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._lock:
            self._process.stdin.write(json.dumps(job) + "\n")
            self._process.stdin.flush()
            return int(self._process.stdout.readline())

    def train(self, store: RunStore, run_id: str, **options: Any) -> int:
        """Let a stub train a run's current attempt; returns its process id."""
        attempt = store.get(run_id).attempt
        return self.start(
            act="train", root=str(store.root), run_id=run_id, attempt=attempt, **options
        )

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(20)


def main(jobs: IO[str]) -> None:
    import fmnist_core.engine.training_worker  # noqa: F401

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in jobs:
        child = os.fork()
        if child == 0:
            _in_child(json.loads(line))
        print(child, flush=True)


def _in_child(job: dict[str, Any]) -> None:
    code = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        sys.stdout = sys.stderr
        work(job)
        code = 0
    finally:
        os._exit(code)


def in_place_of_a_training() -> None:
    """What ``python -m fmnist_core.training`` does: say ready, do one job, end with the parent."""
    time.sleep(float(os.environ.get("STUB_SECONDS_TO_LOAD", "0")))
    print("ready", flush=True)
    line = sys.stdin.readline()
    if line:
        job = json.loads(line)
        train(RunStore(Path(job["root"])), job["run_id"], job["attempt"], 0.02, "")


if __name__ == "__main__":
    in_place_of_a_training() if sys.argv[1:] == ["--once"] else main(sys.stdin)
