"""A runs folder that is the same byte for byte whenever it is made: ids, times and contents."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from unittest.mock import patch

import made_runs
import numpy as np
from made_histories import learned
from made_runs import damaged, done, failed, interrupted, stopped
from made_voters import voter
from typed import TEXTS

from fmnist_core.annotations import CAUSES, Annotation, Annotations
from fmnist_core.dataset import Dataset
from fmnist_core.permissions import Actor
from fmnist_core.presets import PRESETS
from fmnist_core.runs import DamagedRun, Run, RunStore, RunWriter, portable, store, writer
from fmnist_core.runs.portable import export_run, import_run

SINCE = datetime(2026, 3, 1, 12, tzinfo=UTC)
_OWNER = Actor.owner()


class _Clock(datetime):
    """A minute later whenever it is asked."""

    told = 0

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        cls.told += 1
        return (SINCE + timedelta(minutes=cls.told)).astimezone(tz)


@contextmanager
def _always_the_same() -> Iterator[None]:
    ids = np.random.default_rng(15)
    _Clock.told = 0
    with ExitStack() as patches:
        for module in (store, writer, portable):
            patches.enter_context(patch.object(module, "datetime", _Clock))
        patches.enter_context(patch.object(time, "time", SINCE.timestamp))
        for module in (store, made_runs):
            patches.enter_context(patch.object(module, "new_run_id", lambda: ids.bytes(16).hex()))
        yield


def make(folder: Path, data: Dataset) -> dict[str, Run | DamagedRun]:
    """Runs of every state and kind, by what is special about them.

    Args:
        folder: does not exist yet, or is empty.
        data: Fashion-MNIST.
    """
    with _always_the_same():
        return _make(folder, data)


def _make(folder: Path, data: Dataset) -> dict[str, Run | DamagedRun]:
    runs, labels = RunStore(folder), np.asarray(data.test_labels)
    made: dict[str, Run | DamagedRun] = {
        "simple": learned(runs, labels, 5, 1, "Simple network"),
        "twin": learned(runs, labels, 5, 2, "Simple network"),
        "third": learned(runs, labels, 5, 3, "Simple network"),
        "cnn": learned(runs, labels, 8, 4, "CNN with dropout", (1, 8), PRESETS["CNN with dropout"]),
        "best": learned(runs, labels, 9, 5, "Best CNN", (1,), PRESETS["Best CNN"]),
        "text": learned(runs, labels, 2, 6, TEXTS[2]),
        "done": done(runs, labels, PRESETS["LeNet"], "LeNet", 7),
        "stopped": stopped(runs, labels, "Stopped by hand"),
        "failed": failed(runs, "The disk is full: make room, then press Resume."),
        "interrupted": interrupted(runs),
        "damaged": damaged(runs),
    }
    doubted = tuple(range(0, 400, 7))
    for part in range(3):
        made[f"fold {part}"] = voter(
            runs, data, part, (3, 17, 42), doubted, f"Part {part}", seed=part
        )
    made["network"] = _with_network(runs, labels)
    runs.pin(made["cnn"].id, True, by=_OWNER)
    runs.describe(made["best"].id, tags=["tall", "slow"], notes="Reads *well*.", by=_OWNER)
    elsewhere = RunStore(folder.with_name("elsewhere"))
    brought = learned(elsewhere, labels, 4, 9, "From elsewhere", spec=PRESETS["LeNet"])
    made["imported"] = import_run(runs, export_run(elsewhere, brought.id), by=_OWNER)
    kept = Annotations(runs.root)
    for picture, cause in zip((3, 17, 42), CAUSES[1:], strict=True):
        kept.annotate(picture, Annotation(cause, f"Looks like {picture}.", ("odd",)), by=_OWNER)
        kept.annotate(picture, Annotation(cause, "", ("dark",)), "train", by=_OWNER)
    made["waiting"] = runs.create(PRESETS["LeNet"], name="The waiting one", by=_OWNER)
    return {what: runs.get(run.id) if isinstance(run, Run) else run for what, run in made.items()}


def _with_network(runs: RunStore, labels: np.ndarray) -> Run:
    """A run with a network that can be asked; it was never trained."""
    import keras

    from fmnist_core.training.models import build_model
    from fmnist_core.training.state import weights_of

    keras.utils.set_random_seed(8)
    spec = PRESETS["Simple network"]
    run = learned(runs, labels, 3, 8, "With its network", spec=spec)
    model = build_model(spec)
    kept = runs.predictions(run.id)
    end = run.summary
    writer = RunWriter(runs.root, run.id, run.attempt)
    writer.finish("done", end, None, kept, weights_of(model), model.save)
    return runs.get(run.id)
