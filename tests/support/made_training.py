"""A simulated training: a thread writes what a worker would, without TensorFlow."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from made_runs import SPEC, report_batches, report_epochs

from fmnist_core.permissions import Actor
from fmnist_core.runs import Run, RunStore, RunWriter

STEP_SECONDS = 0.3
STEPS_OF_AN_EPOCH = 8
# Long enough for any test, in epochs.
EPOCHS = 200


@contextmanager
def made_up_training(store: RunStore, name: str = "The live one") -> Iterator[Run]:
    """A running run that reports batches until the end of the context, and is deleted then."""
    training = SPEC.training.model_copy(update={"epochs": EPOCHS})
    run = store.create(SPEC.model_copy(update={"training": training}), name=name, by=Actor.owner())
    began, ended = threading.Event(), threading.Event()
    thread = threading.Thread(target=_train, args=(store, run, began, ended), daemon=True)
    thread.start()
    began.wait()
    try:
        yield run
    finally:
        ended.set()
        thread.join()
        shutil.rmtree(run.path)


def _train(store: RunStore, run: Run, began: threading.Event, ended: threading.Event) -> None:
    with RunWriter(store.root, run.id, run.attempt) as writer:
        report_epochs(writer, 1)
        began.set()
        step = STEPS_OF_AN_EPOCH
        while not ended.wait(STEP_SECONDS):
            step += 1
            epoch = min(EPOCHS, 1 + step // STEPS_OF_AN_EPOCH)
            report_batches(writer, epoch, 1)
            writer.control()
