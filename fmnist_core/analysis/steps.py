"""The steps of the ladder: each preset, its representative run, and its gain in accuracy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from statistics import fmean
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fmnist_core.analysis.comparison import holm, means_by, paired, welch
from fmnist_core.presets import PRESETS
from fmnist_core.runs import Run
from fmnist_core.runs.identity import Identity, identity_of, in_full_precision, without_seed
from fmnist_core.specs import RunSpec


class Step(NamedTuple):
    """A step of the ladder: a preset and its runs.

    Attributes:
        name: of the preset.
        spec: the preset itself.
        finished: its finished runs, which may differ in the seed, the lowest accuracy first.
        active: the run of exactly this preset that trains or waits, if any.
    """

    name: str
    spec: RunSpec
    finished: tuple[Run, ...]
    active: Run | None

    @property
    def run(self) -> Run | None:
        """The representative run: the (lower) median of the finished ones, else the active one."""
        if not self.finished:
            return self.active
        return self.finished[(len(self.finished) - 1) // 2]


class Gain(NamedTuple):
    """The gain in test accuracy of a step over the one before.

    Attributes:
        share: the difference of the accuracies: of the means over the seeds where ``seeds``, else
            of the representative runs of the two.
        p: the p-value that the two steps do not differ.
        seeds: whether Welch's test over several seeds of both gave it; else McNemar's test of the
            two representative runs on the test images.
    """

    share: float
    p: float
    seeds: bool


def ladder(runs: Sequence[Run]) -> list[Step]:
    """The steps of the ladder in order; runs changed while they trained belong to none.

    Args:
        runs: all runs, newest first.
    """
    finished: dict[Identity, list[Run]] = {}
    active: dict[Identity, Run] = {}
    for run in runs:
        # A step is trained in whatever precision is fastest here, and from whatever seed.
        configuration = in_full_precision(identity_of(run))
        if run.active:
            active.setdefault(configuration, run)
        elif run.state == "done" and run.summary is not None:
            finished.setdefault(without_seed(configuration), []).append(run)
    steps = []
    for name, spec in PRESETS.items():
        step = Identity(spec)
        finished_runs = sorted(finished.get(without_seed(step), []), key=final_test_accuracy)
        steps.append(Step(name, spec, tuple(finished_runs), active.get(step)))
    return steps


def gains(
    steps: Sequence[Step],
    predictions_of: Callable[[Run], NDArray[np.uint8] | None],
    labels: ArrayLike,
) -> dict[str, Gain]:
    """The gain of each step that can be compared with the one before; p-values corrected together.

    Args:
        steps: in order.
        predictions_of: the final predicted classes (n,) of a run; ``None`` where unknown.
        labels: (n,) classes.
    """
    by_step: dict[str, Gain] = {}
    for previous, step in pairwise(steps):
        if not previous.finished or not step.finished:
            continue
        previous_run, run = previous.run, step.run
        assert previous_run is not None
        assert run is not None
        share = final_test_accuracy(run) - final_test_accuracy(previous_run)
        seed_accuracies = _by_seed(previous), _by_seed(step)
        if min(map(len, seed_accuracies)) > 1:
            share = fmean(seed_accuracies[1]) - fmean(seed_accuracies[0])
            by_step[step.name] = Gain(share, welch(*seed_accuracies), True)
            continue
        previous_predictions, predictions = predictions_of(previous_run), predictions_of(run)
        if previous_predictions is not None and predictions is not None:
            by_step[step.name] = Gain(
                share, paired(labels, previous_predictions, predictions).p, False
            )
    corrected = holm([gain.p for gain in by_step.values()])
    return {
        name: gain._replace(p=p) for (name, gain), p in zip(by_step.items(), corrected, strict=True)
    }


def final_test_accuracy(run: Run) -> float:
    """The test accuracy of a finished run; 0 where it was not measured."""
    return run.test_accuracy or 0.0


def _by_seed(step: Step) -> list[float]:
    """A test accuracy for each seed."""
    seeds = [run.spec.training.seed for run in step.finished]
    return means_by(seeds, [final_test_accuracy(run) for run in step.finished])


def missing_steps(steps: Sequence[Step]) -> list[Step]:
    """The steps that nothing has trained, trains, or waits to train."""
    return [step for step in steps if step.run is None]


def step_index(steps: Sequence[Step], run_id: str) -> int | None:
    """The place of the step that a finished run belongs to, from 0; ``None`` where it is none."""
    places = (
        place for place, step in enumerate(steps) if any(run.id == run_id for run in step.finished)
    )
    return next(places, None)
