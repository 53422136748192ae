"""A network that has really learned, for tests of what it says."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fmnist_core.dataset import Dataset
from fmnist_core.permissions import Actor
from fmnist_core.presets import PRESETS
from fmnist_core.runs import Run, RunStore
from fmnist_core.training.run import train

# Enough to tell a trouser from all the rest, in ten seconds: with larger steps than the preset's.
QUICK = {"epochs": 1, "train_pictures": 6_000, "batch_size": 32, "learning_rate": 0.003}


def train_preset(store: RunStore, data: Dataset, preset: str) -> Run:
    """Train a preset for one epoch on a part of the pictures, in this process."""
    spec = PRESETS[preset]
    training = spec.training.model_copy(update=QUICK)
    run = store.create(
        spec.model_copy(update={"training": training}), name=preset, by=Actor.owner()
    )
    train(store, run.id, data=data)
    return store.get(run.id)


@contextmanager
def visiting(run: Run, runs: Path) -> Iterator[Run]:
    """A run in another runs folder for a while, so that a dashboard which is there shows it."""
    folder = runs / run.id
    shutil.copytree(run.path, folder)
    yield RunStore(runs).get(run.id)
    shutil.rmtree(folder)
