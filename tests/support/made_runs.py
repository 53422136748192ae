"""Run folders of every state, written by the real store and writer but never trained."""

from __future__ import annotations

import time
from functools import lru_cache

import numpy as np
from made_weights import made_weights
from numpy.typing import NDArray

from fmnist_core.permissions import Actor
from fmnist_core.presets import PRESETS
from fmnist_core.runs import DamagedRun, EpochEvent, Run, RunStore, RunWriter, Summary
from fmnist_core.runs.arrays import FIRST_LAYER_UNITS
from fmnist_core.runs.events import BatchEvent, FirstLayerEvent, ProbeEvent, probe_values
from fmnist_core.runs.model import RUN_FILE, State, new_run_id
from fmnist_core.specs import RunSpec, layer_shapes, parameter_count

SPEC = PRESETS["Simple network"]
_ENVIRONMENT = {"tensorflow": "none: this run was written by a test"}


def done(
    store: RunStore,
    labels: NDArray[np.uint8],
    spec: RunSpec = SPEC,
    name: str | None = None,
    seed: int = 1,
) -> Run:
    """A finished run whose predictions are drawn at random, most of them right.

    Args:
        store: where the folder is made.
        labels: (10000,) of the test images.
        spec: what the run says it trained.
        name: shown to visitors.
        seed: of the predictions.
    """
    return _ended(store, labels, "done", spec.training.epochs, spec, name, seed)


def stopped(store: RunStore, labels: NDArray[np.uint8], name: str | None = None) -> Run:
    """A run stopped after two epochs, with the predictions of the second."""
    return _ended(store, labels, "stopped", 2, SPEC, name, 2)


def failed(store: RunStore, reason: str) -> Run:
    """A run that failed in its first epoch."""
    run = store.create(SPEC, by=Actor.owner())
    writer = RunWriter(store.root, run.id, run.attempt)
    writer.start(0, _ENVIRONMENT)
    writer.finish("failed", None, reason)
    return store.get(run.id)


def diverged(store: RunStore) -> Run:
    """A run whose loss became infinite in its first epoch."""
    run = store.create(SPEC, by=Actor.owner())
    writer = RunWriter(store.root, run.id, run.attempt)
    writer.start(0, _ENVIRONMENT)
    writer.finish("diverged", None, "The loss became infinite: try a smaller learning rate.")
    return store.get(run.id)


def interrupted(store: RunStore) -> Run:
    """A run that says it trains, but whose worker gives no sign of life."""
    run = store.create(SPEC, by=Actor.owner())
    writer = RunWriter(store.root, run.id, run.attempt)
    report_epochs(writer, 1)
    (run.path / "heartbeat").unlink()
    return store.get(run.id)


def damaged(store: RunStore) -> DamagedRun:
    """A damaged run: its ``run.json`` was cut off."""
    run_id = new_run_id()
    folder = store.root / run_id
    folder.mkdir(parents=True)
    (folder / RUN_FILE).write_text('{"format": 1, "id": "')
    return next(run for run in store.scan().damaged if run.id == run_id)


def report_epochs(writer: RunWriter, epochs: int, accuracy: float = 0.8) -> None:
    """Let a worker report its first epochs, eight batch events each, and what people watch."""
    writer.start(0, _ENVIRONMENT)
    writer.report_phase("Training")
    report_probe(writer, 0)
    report_first_layer(writer, 0)
    for epoch in range(1, epochs + 1):
        report_batches(writer, epoch)
        commit_epoch(writer, epoch, accuracy + 0.01 * epoch)


def commit_epoch(writer: RunWriter, epoch: int, accuracy: float = 0.8) -> None:
    """Let a worker end an epoch, with predictions of its own."""
    predictions, weights = _predictions(epoch), made_weights(writer.spec)
    writer.commit_epoch(_epoch(epoch, accuracy), predictions, weights, {})
    report_probe(writer, epoch)
    report_first_layer(writer, epoch)


def report_probe(writer: RunWriter, position: float) -> None:
    """Let a worker report predictions of the wanted probe images, drawn at random."""
    draw = writer.control().draw
    random = np.random.default_rng([draw, round(1_000 * position)])
    values = probe_values(random.dirichlet(np.full(10, 0.3), 12).astype(np.float32))
    writer.report_probe(ProbeEvent(float(position), 4.0 * position, time.time(), draw, values))


def report_first_layer(writer: RunWriter, position: float) -> None:
    """Let a worker report the next pictures of its first layer, drawn at random."""
    index = len(writer.past_events().first_layers)
    event = FirstLayerEvent(float(position), 4.0 * position, time.time(), index)
    writer.report_first_layer(event, made_first_layer(writer.spec, index))


def made_first_layer(spec: RunSpec, seed: int = 0) -> dict[str, NDArray[np.int8]]:
    """Pictures of a first layer, drawn at random, with the shapes that a network's have."""
    layer = next(layer for layer in layer_shapes(spec) if "kernel" in layer.weights)
    *sides, units = layer.weights["kernel"]
    count, random = min(FIRST_LAYER_UNITS, units), np.random.default_rng(seed)
    if layer.kind == "Dense":
        return {"weights": random.integers(-127, 128, (count, 28, 28), np.int8)}
    return {
        "weights": random.integers(-127, 128, (count, *sides[:2]), np.int8),
        "responses": random.integers(-127, 128, (count, 28, 28), np.int8),
    }


@lru_cache(maxsize=16)
def _predictions(epoch: int) -> dict[str, NDArray[np.uint8]]:
    """Predictions of an epoch, drawn at random, other ones each time."""
    guesses = np.random.default_rng(epoch).dirichlet(np.full(10, 0.3), 10_000)
    return {
        "test_predictions": guesses.argmax(axis=1).astype(np.uint8),
        "test_probabilities": np.rint(255 * guesses).astype(np.uint8),
    }


def report_batches(writer: RunWriter, epoch: int, count: int = 8) -> None:
    """Let a worker report evenly spaced batch events of one epoch, and probes after the last."""
    for part in range(1, count + 1):
        position = epoch - 1 + part / count
        writer.report_batch(
            BatchEvent(
                epoch,
                position,
                4 * position,
                time.time(),
                1 / (1 + position),
                min(0.99, 0.7 + 0.02 * epoch),
            )
        )
    report_probe(writer, epoch)


def _ended(
    store: RunStore,
    labels: NDArray[np.uint8],
    state: State,
    epochs: int,
    spec: RunSpec,
    name: str | None,
    seed: int,
) -> Run:
    run = store.create(spec, name=name, by=Actor.owner())
    writer = RunWriter(store.root, run.id, run.attempt)
    report_epochs(writer, epochs)
    end(writer, spec, labels, state, epochs, seed)
    return store.get(run.id)


def end(
    writer: RunWriter,
    spec: RunSpec,
    labels: NDArray[np.uint8],
    state: State,
    epochs: int,
    seed: int,
) -> None:
    """Let a worker end its run with a summary and predictions."""
    probabilities = random_probabilities(labels, seed)
    accuracy = float((probabilities.argmax(axis=1) == labels).mean())
    summary = Summary(
        epochs=epochs,
        parameters=parameter_count(spec),
        seconds=4.0 * epochs,
        train_pictures=54_000,
        validation_pictures=6_000,
        train_accuracy=0.9 if state == "done" else None,
        validation_accuracy=accuracy,
        test_accuracy=accuracy,
    )
    writer.finish(state, summary, predictions={"test_probabilities": probabilities})


def random_probabilities(labels: NDArray[np.uint8], seed: int) -> NDArray[np.float32]:
    """Random probabilities (n, 10); the largest is the label's about seven times in eight."""
    random = np.random.default_rng(seed)
    guesses = random.dirichlet(np.full(10, 0.3), len(labels))
    right = random.random(len(labels)) < 0.86
    guesses[right, np.asarray(labels)[right]] += 2
    shares: NDArray[np.float32] = (guesses / guesses.sum(axis=1, keepdims=True)).astype(np.float32)
    return shares


def _epoch(number: int, accuracy: float) -> EpochEvent:
    return EpochEvent(
        epoch=number,
        elapsed=4.0 * number,
        at=time.time(),
        seconds=4.0,
        learning_rate=0.001,
        images_per_second=13_500.0,
        train_loss=1 / (1 + number),
        train_accuracy=accuracy,
        test_loss=1.1 / (1 + number),
        test_accuracy=accuracy - 0.01,
        validation_loss=1.05 / (1 + number),
        validation_accuracy=accuracy,
    )
