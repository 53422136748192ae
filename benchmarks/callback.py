"""Overhead of the live callback, against none and against Keras's TensorBoard callback."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.peers import with_full_training_set
from fmnist_core.dataset import load
from fmnist_core.permissions import Actor
from fmnist_core.presets import PRESETS
from fmnist_core.runs import RunStore, RunWriter
from fmnist_core.specs import RunSpec, steps_per_epoch

_TURNS = 7


def callback_cost() -> Iterator[str]:
    """Lines of a table: the added share of the epoch time, in our loop and in the tutorial's."""
    spec = with_full_training_set(PRESETS["Simple network"])
    with tempfile.TemporaryDirectory() as folder:
        for name, fit in (("atelier", _our_fit(spec)), ("tutorial", _tutorial_fit(spec))):
            times = _take_turns(fit, _callbacks(spec, Path(folder)))
            for callback in times:
                if callback == "none":
                    continue
                pairs = zip(times[callback], times["none"], strict=True)
                added = median(with_it / without for with_it, without in pairs) - 1
                yield (
                    f"{name:9} {callback:12} {100 * added:+7.1f} %   "
                    f"({median(times[callback]):.2f} s against {median(times['none']):.2f} s)"
                )


def _take_turns(
    fit: Callable[[list[Any]], object], callbacks: dict[str, list[Any]]
) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {name: [] for name in callbacks}
    for turn in range(_TURNS + 1):
        for name, callback_list in callbacks.items():
            started = time.perf_counter()
            fit(callback_list)
            if turn:
                times[name].append(time.perf_counter() - started)
    return times


def _callbacks(spec: RunSpec, folder: Path) -> dict[str, list[Any]]:
    import keras

    from fmnist_core.training.live_metrics import LiveMetrics

    store = RunStore(folder)
    run = store.create(spec, by=Actor.owner())
    writer = RunWriter(store.root, run.id, run.attempt)
    writer.start(0, {})
    live = LiveMetrics(
        writer,
        steps_per_epoch(spec.training),
        0.0,
        lambda *_: False,
        keras.Variable(1.0, trainable=False),
    )
    board = keras.callbacks.TensorBoard(str(folder / "board"), update_freq="batch")
    return {"none": [], "live": [live], "TensorBoard": [board]}


def _our_fit(spec: RunSpec) -> Callable[[list[Any]], object]:
    from fmnist_core.training.autotune import ModeCache, mode_for
    from fmnist_core.training.batches import BatchSource, select_images
    from fmnist_core.training.loop import Loop
    from fmnist_core.training.models import build_model

    source = BatchSource(select_images(load(), spec.training), spec.training)
    mode = mode_for(ModeCache(None), spec, source)
    model = build_model(spec, precision=mode.precision, steps_per_execution=mode.steps)
    model.train_function = Loop(model, source, mode.xla)

    def fit(callbacks: list[Any]) -> object:
        source.shuffle_epoch(0)
        return model.fit(source.dataset, shuffle=False, verbose=0, callbacks=callbacks)

    return fit


def _tutorial_fit(spec: RunSpec) -> Callable[[list[Any]], object]:
    import keras

    from fmnist_core.training.models import build_network

    data = load()
    model = keras.Sequential([keras.Input((28, 28, 1)), *build_network(spec).layers[1:]])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    images = np.asarray(data.train_images)[..., None] / 255.0
    labels = np.asarray(data.train_labels)
    return lambda callbacks: model.fit(images, labels, verbose=0, callbacks=callbacks)
