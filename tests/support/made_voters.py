"""Finished runs with held-out predictions for label errors, written but never trained."""

from __future__ import annotations

import numpy as np
from made_runs import SPEC
from numpy.typing import NDArray

from fmnist_core.dataset import Dataset, stratified_split
from fmnist_core.permissions import Actor
from fmnist_core.runs import Run, RunStore, RunWriter, Summary
from fmnist_core.specs import RunSpec, parameter_count


def voter(
    store: RunStore,
    data: Dataset,
    part: int = 0,
    test: tuple[int, ...] = (),
    train: tuple[int, ...] = (),
    name: str | None = None,
    **training: object,
) -> Run:
    """A voter: a run that predicts every label but some, for which it predicts the next class.

    Args:
        store: where the folder is made.
        data: the images and labels.
        part: the cross-validation fold that it held out.
        test: numbers of the test images whose label it contradicts.
        train: numbers of the held-out training images whose label it contradicts.
        name: shown to visitors.
        training: other changes to its spec.
    """
    changes = {"epochs": 1, "validation_fold": part, **training}
    spec: RunSpec = SPEC.model_copy(update={"training": SPEC.training.model_copy(update=changes)})
    run = store.create(spec, name=name, by=Actor.owner())
    writer = RunWriter(store.root, run.id, run.attempt)
    writer.start(0, {"tensorflow": "none: this run was written by a test"})
    _, held = stratified_split(data.train_labels, 0.1, spec.training.seed, part)
    said = _confident(np.asarray(data.test_labels), np.array(test, np.int64))
    doubted = np.flatnonzero(np.isin(held, train))
    summary = Summary(
        epochs=1,
        parameters=parameter_count(spec),
        seconds=4.0,
        train_pictures=54_000,
        validation_pictures=6_000,
        test_accuracy=1 - len(test) / 10_000,
    )
    arrays = {
        "test_probabilities": said,
        "test_predictions_by_epoch": said.argmax(axis=1).astype(np.uint8)[None],
        "validation_index": held,
        "validation_probabilities": _confident(np.asarray(data.train_labels)[held], doubted),
    }
    writer.finish("done", summary, predictions=arrays)
    return store.get(run.id)


def _confident(labels: NDArray[np.uint8], doubted: NDArray[np.int64]) -> NDArray[np.float32]:
    named = labels.astype(np.int64)
    named[doubted] = (named[doubted] + 1) % 10
    shares = np.full((len(labels), 10), 0.01, np.float32)
    shares[np.arange(len(labels)), named] = 0.91
    return shares
