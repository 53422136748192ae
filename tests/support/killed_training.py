"""Trainings whose process dies at a step that is chosen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fmnist_core.dataset import Dataset
from fmnist_core.runs import Run, RunStore, RunWriter
from fmnist_core.training.prepared import PreparedModels
from fmnist_core.training.run import train


class Killed(BaseException):
    """Stands for SIGKILL: no handler of the training may catch it."""


def dying(step: str, before: bool, epoch: int = 2) -> Callable[[pytest.MonkeyPatch], None]:
    """The worker dies right before or after a step of an epoch's commit."""

    def prepare(patch: pytest.MonkeyPatch) -> None:
        original = getattr(RunWriter, step)

        def die(self: RunWriter, event: Any, *rest: Any) -> None:
            if event.epoch == epoch and before:
                raise Killed
            original(self, event, *rest)
            if event.epoch == epoch:
                raise Killed

        patch.setattr(RunWriter, step, die)

    return prepare


def train_until_killed(
    store: RunStore,
    run: Run,
    data: Dataset | None,
    death: Callable[[pytest.MonkeyPatch], None],
    prepared: PreparedModels | None = None,
) -> None:
    """Train a run until its worker dies, and leave no sign of life of it."""
    with pytest.MonkeyPatch.context() as patch:
        death(patch)
        with pytest.raises(Killed):
            train(store, run.id, data=data, prepared=prepared)
    (run.path / "heartbeat").unlink()
