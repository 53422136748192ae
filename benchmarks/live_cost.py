"""What a training pays for showing itself: probe pictures, and pictures of its first layer.

Each preset trains for some seconds with the live curve alone, and then with the one or the other
beside it, in turns. Pairs of a shared machine differ by more than what is looked for, so the time
spent in the reports is printed, too.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median, quantiles
from typing import Any, Literal

from fmnist_core.dataset import load
from fmnist_core.permissions import Actor
from fmnist_core.presets import PRESETS
from fmnist_core.runs import RunStore, RunWriter
from fmnist_core.specs import RunSpec, steps_per_epoch

Part = Literal["probes", "first layer"]
Fit = Callable[[list[Any]], object]
Callbacks = Callable[[Part | None, list[float]], list[Any]]
PARTS: tuple[Part, ...] = ("probes", "first layer")
TURNS = 5
_TURN_SECONDS = 5.0
_MOST_EPOCHS = 1_000
_METHODS: dict[Part, str] = {"probes": "_report_probe", "first layer": "_report_first_layer"}


def live_costs(presets: list[str] | None = None, turns: int = TURNS) -> Iterator[str]:
    """Lines of a table, two for each preset.

    Args:
        presets: their names; by default all.
        turns: how often each way is timed.
    """
    yield f"{'':28}{'':14}{'slower, paired':>16}{'middle half':>18}{'time in it':>13}"
    for name in presets or PRESETS:
        for part, line in _costs(PRESETS[name], turns):
            yield f"{name:28}{part:14}{line}"


def _costs(spec: RunSpec, turns: int) -> Iterator[tuple[Part, str]]:
    fit, callbacks = _way_to_fit(spec)
    ratios: dict[Part, list[float]] = {part: [] for part in PARTS}
    shares: dict[Part, list[float]] = {part: [] for part in PARTS}
    for _ in range(turns):
        without, _ = _timed_fit(fit, callbacks, None)
        for part in PARTS:
            took, in_reports = _timed_fit(fit, callbacks, part)
            ratios[part].append(took / without - 1)
            shares[part].append(in_reports / took)
    for part in PARTS:
        low, middle, high = quantiles(ratios[part], n=4)
        yield (
            part,
            (
                f"{100 * middle:>+14.1f} %{100 * low:>+9.1f} to {100 * high:+.1f} %"
                f"{100 * median(shares[part]):>11.2f} %"
            ),
        )


def _timed_fit(fit: Fit, callbacks: Callbacks, part: Part | None) -> tuple[float, float]:
    """Seconds of a training, and of them in the reports of a part."""
    reports: list[float] = []
    began = time.perf_counter()
    fit(callbacks(part, reports))
    return time.perf_counter() - began, sum(reports)


def _way_to_fit(spec: RunSpec) -> tuple[Fit, Callbacks]:
    """What trains for some seconds with callbacks, and what makes these."""
    import keras

    from fmnist_core.training.autotune import ModeCache, mode_for
    from fmnist_core.training.batches import BatchSource, select_images
    from fmnist_core.training.live_metrics import LiveMetrics
    from fmnist_core.training.loop import Loop
    from fmnist_core.training.models import build_model
    from fmnist_core.training.predict import Predictor
    from fmnist_core.training.probes import ProbeReporter

    images = select_images(load(), spec.training)
    source = BatchSource(images, spec.training)
    mode = mode_for(ModeCache(None), spec, source)
    model = build_model(spec, precision=mode.precision, steps_per_execution=mode.steps)
    model.train_function = Loop(model, source, mode.xla)
    predictor = Predictor(model, spec)
    folder = Path(tempfile.mkdtemp())
    store = RunStore(folder)
    run = store.create(spec, by=Actor.owner())
    writer = RunWriter(store.root, run.id, run.attempt)
    writer.start(0, {})
    multiplier = keras.Variable(1.0, trainable=False)

    class Ends(keras.callbacks.Callback):  # type: ignore[misc]
        """Ends the training after some calls of the compiled step."""

        most, calls = 10, 0

        def on_train_begin(self, logs: object = None) -> None:
            self.calls = 0

        def on_train_batch_end(self, batch: int, logs: object = None) -> None:
            self.calls += 1
            if self.calls >= self.most:
                self.model.stop_training = True

    ends = Ends()

    def callbacks(part: Part | None, reports: list[float]) -> list[Any]:
        steps = steps_per_epoch(spec.training)
        live = LiveMetrics(writer, steps, 0.0, lambda *_: False, multiplier)
        if part is None:
            return [live]
        reporter = ProbeReporter(writer, live, predictor, images, steps)
        for other in PARTS:
            method = _METHODS[other]
            timed = _timed(getattr(reporter, method), reports) if other == part else _nothing
            setattr(reporter, method, timed)
        return [live, reporter]

    def fit(chosen: list[Any]) -> object:
        # The same pictures in each epoch: shuffling is no part of what is compared.
        again = keras.callbacks.LambdaCallback(
            on_epoch_begin=lambda epoch, logs: setattr(source, "position", 0)
        )
        return model.fit(
            source.dataset,
            epochs=_MOST_EPOCHS,
            shuffle=False,
            verbose=0,
            callbacks=[again, *chosen, ends],
        )

    for part in (None, *PARTS):
        # The first time compiles.
        fit(callbacks(part, []))
    began = time.perf_counter()
    fit([])
    ends.most = int(ends.most * _TURN_SECONDS / (time.perf_counter() - began))
    return fit, callbacks


def _timed(act: Callable[..., object], reports: list[float]) -> Callable[..., None]:
    def timed(*arguments: object) -> None:
        began = time.perf_counter()
        act(*arguments)
        reports.append(time.perf_counter() - began)

    return timed


def _nothing(*_: object) -> None:
    return
