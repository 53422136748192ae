"""A simulated training: a thread writes what a worker would, without TensorFlow."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from made_runs import (
    SPEC,
    commit_epoch,
    report_batches,
    report_epochs,
    report_first_layer,
    report_probe,
)

from fmnist_core.permissions import Actor
from fmnist_core.runs import Run, RunStore, RunWriter

STEP_SECONDS = 0.3
STEPS_OF_AN_EPOCH = 8
FIRST_LAYER_STEPS = 3
# Long enough for any test, in epochs.
EPOCHS = 200


@contextmanager
def made_up_training(
    store: RunStore,
    name: str = "The live one",
    step_seconds: float = STEP_SECONDS,
    ends_epochs: bool = False,
) -> Iterator[Run]:
    """A running run that reports all a watched one does until the end of the context, then is gone.

    Args:
        store: where it is made.
        name: shown to visitors.
        step_seconds: between two reports.
        ends_epochs: whether it ends epochs, too, after so many steps each.
    """
    training = SPEC.training.model_copy(update={"epochs": EPOCHS})
    run = store.create(SPEC.model_copy(update={"training": training}), name=name, by=Actor.owner())
    began, ended = threading.Event(), threading.Event()
    arguments = (store, run, began, ended, step_seconds, ends_epochs)
    thread = threading.Thread(target=_train, args=arguments, daemon=True)
    thread.start()
    began.wait()
    try:
        yield run
    finally:
        ended.set()
        thread.join()
        shutil.rmtree(run.path)


def _train(
    store: RunStore,
    run: Run,
    began: threading.Event,
    ended: threading.Event,
    step_seconds: float,
    ends_epochs: bool,
) -> None:
    with RunWriter(store.root, run.id, run.attempt) as writer:
        report_epochs(writer, 1)
        began.set()
        step, last_epoch = STEPS_OF_AN_EPOCH, 2
        while not ended.wait(step_seconds):
            step += 1
            epoch = min(EPOCHS, 1 + step // STEPS_OF_AN_EPOCH)
            if ends_epochs and epoch > last_epoch:
                commit_epoch(writer, last_epoch)
            last_epoch = epoch
            report_batches(writer, epoch, 1)
            report_probe(writer, step / STEPS_OF_AN_EPOCH)
            if step % FIRST_LAYER_STEPS == 0:
                report_first_layer(writer, step / STEPS_OF_AN_EPOCH)
