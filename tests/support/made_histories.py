"""Finished runs with predictions after every epoch, written but never trained."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from made_runs import SPEC, damaged, done, failed, stopped
from made_weights import made_weights
from numpy.typing import NDArray

from fmnist_core.permissions import Actor
from fmnist_core.runs import EpochEvent, Run, RunStore, RunWriter, Summary
from fmnist_core.runs.weights import Weights
from fmnist_core.specs import RunSpec, parameter_count

# (truth, taken for): what networks really confuse most.
_TEMPTING = ((6, 0), (0, 6), (2, 4), (4, 2), (6, 2), (6, 4), (5, 7), (9, 7))


def learned(
    store: RunStore,
    labels: NDArray[np.uint8],
    epochs: int = 5,
    seed: int = 1,
    name: str | None = None,
    perfect: tuple[int, ...] = (),
    spec: RunSpec = SPEC,
    result_epoch: int | None = None,
    networks: Sequence[Weights] | None = None,
) -> Run:
    """A run whose confidence and accuracy grow from epoch to epoch.

    Args:
        store: where the folder is made.
        labels: (10000,) of the test images.
        epochs: how many it has finished.
        seed: of the predictions; which images are hard is the same for all runs.
        name: shown to visitors.
        perfect: classes all of whose images are predicted correctly.
        spec: what it says it trained, but for epochs and seed.
        result_epoch: whose predictions it kept; by default the last.
        networks: the weights after each epoch, the last of which it kept; by default it kept none.
    """
    training = spec.training.model_copy(update={"epochs": epochs, "seed": seed})
    spec = spec.model_copy(update={"training": training})
    run = store.create(spec, name=name, by=Actor.owner())
    logits = [_logits(labels, epoch, epochs, seed, perfect) for epoch in range(1, epochs + 1)]
    answers = np.stack([values.argmax(axis=1) for values in logits]).astype(np.uint8)
    accuracies = (answers == labels).mean(axis=1)
    writer = RunWriter(store.root, run.id, run.attempt)
    writer.start(0, {"tensorflow": "none: this run was written by a test"})
    for epoch, values in enumerate(logits, 1):
        weights = made_weights(spec) if networks is None else networks[epoch - 1]
        arrays = {
            "test_predictions": answers[epoch - 1],
            "test_probabilities": np.rint(255 * _softmax(values)).astype(np.uint8),
        }
        writer.commit_epoch(_event(epoch, float(accuracies[epoch - 1])), arrays, weights, {})
    kept = result_epoch or epochs
    summary = Summary(
        epochs=epochs,
        kept_epoch=result_epoch,
        parameters=parameter_count(spec),
        seconds=4.0 * epochs,
        train_pictures=54_000,
        validation_pictures=6_000,
        train_accuracy=min(1.0, float(accuracies[kept - 1]) + 0.02),
        test_accuracy=float(accuracies[kept - 1]),
    )
    last: dict[str, NDArray[Any]] = {
        "test_logits": logits[kept - 1],
        "test_probabilities": _softmax(logits[kept - 1]),
        "test_predictions_by_epoch": answers,
    }
    writer.finish("done", summary, predictions=last, weights=networks[-1] if networks else None)
    return store.get(run.id)


def _logits(
    labels: NDArray[np.uint8], epoch: int, epochs: int, seed: int, perfect: tuple[int, ...]
) -> NDArray[np.float32]:
    count = len(labels)
    places = np.arange(count)
    # How hard a picture is stays; how a run fares with it changes from epoch to epoch.
    hard = np.random.default_rng(99).normal(0, 1, count)
    chance = np.random.default_rng([seed, epoch])
    logits = chance.normal(0, 0.6, (count, 10))
    for truth, taken in _TEMPTING:
        logits[labels == truth, taken] += 1.4 + 0.9 * hard[labels == truth]
    logits[places, labels] += 2.2 + 1.6 * epoch / epochs - 0.5 * hard
    confidence = np.isin(labels, perfect)
    logits[places[confidence], labels[confidence]] += 40
    return logits.astype(np.float32)


def _softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: NDArray[np.float32] = (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)
    return shares


def _event(epoch: int, accuracy: float) -> EpochEvent:
    return EpochEvent(
        epoch=epoch,
        elapsed=4.0 * epoch,
        at=1_700_000_000.0 + 4 * epoch,
        seconds=4.0,
        learning_rate=0.001,
        images_per_second=13_500.0,
        train_loss=1 / (1 + epoch),
        # The mean over an epoch, with dropout at work, lags behind what is reached at its end.
        train_accuracy=accuracy - 0.03,
        test_loss=1.1 / (1 + epoch),
        test_accuracy=accuracy,
    )


def make_ended_runs(store: RunStore, labels: NDArray[np.uint8]) -> None:
    """Runs that ended in every way, and two whose answers changed from epoch to epoch.

    Args:
        store: where they are made.
        labels: (10000,) of the test images.
    """
    for make in (stopped, done):
        make(store, labels)
    failed(store, "The disk is full: make room, then press Resume.")
    damaged(store)
    for seed in (1, 2):
        learned(store, labels, seed=seed)
