"""The ladder's steps: each preset, the run that stands for it, and what the step gains."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import fmean
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fmnist_core.analysis.comparison import holm, means_by, paired, welch
from fmnist_core.presets import PRESETS
from fmnist_core.runs import Run
from fmnist_core.runs.identity import FULL_PRECISION, Identity, identity_of, without_seed
from fmnist_core.specs import RunSpec


class Step(NamedTuple):
    """A step of the ladder.

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
        """What stands for it: the (lower) median of the finished runs, else the one that trains."""
        if not self.finished:
            return self.active
        return self.finished[(len(self.finished) - 1) // 2]


class Gain(NamedTuple):
    """What a step reaches more than the one before.

    Attributes:
        share: the difference of the accuracies: of the means over the seeds where ``seeds``, else
            of the runs that stand for the two.
        p: how often chance alone makes two steps differ at least as much.
        seeds: whether it was judged by several seeds of both; else by the test pictures alone, on
            which these two trained networks were compared.
    """

    share: float
    p: float
    seeds: bool


def ladder(runs: Sequence[Run]) -> list[Step]:
    """The steps in order; runs that a visitor changed while they trained are none of theirs.

    Args:
        runs: all runs, newest first.
    """
    finished: dict[Identity, list[Run]] = {}
    active: dict[Identity, Run] = {}
    for run in runs:
        if run.record is None:
            continue
        # A step is trained in whatever precision is fastest here, and from whatever seed.
        what = replace(identity_of(run), precision=FULL_PRECISION)
        if run.active:
            active.setdefault(what, run)
        elif run.state == "done" and run.summary is not None:
            finished.setdefault(without_seed(what), []).append(run)
    steps = []
    for name, spec in PRESETS.items():
        step = Identity(spec)
        ended = sorted(finished.get(without_seed(step), []), key=reached)
        steps.append(Step(name, spec, tuple(ended), active.get(step)))
    return steps


def gains(
    steps: Sequence[Step], answers: Callable[[Run], NDArray[np.uint8] | None], labels: ArrayLike
) -> dict[str, Gain]:
    """Of each step that can be compared with the one before, what it gains; corrected together.

    Args:
        steps: in order.
        answers: the classes (n,) that a run names in the end; ``None`` where nobody knows.
        labels: (n,) classes.
    """
    found: dict[str, Gain] = {}
    for before, step in pairwise(steps):
        if not before.finished or not step.finished:
            continue
        one, other = before.run, step.run
        assert one is not None
        assert other is not None
        share = reached(other) - reached(one)
        by_seed = _by_seed(before), _by_seed(step)
        if min(map(len, by_seed)) > 1:
            share = fmean(by_seed[1]) - fmean(by_seed[0])
            found[step.name] = Gain(share, welch(*by_seed), True)
            continue
        said, new = answers(one), answers(other)
        if said is not None and new is not None:
            found[step.name] = Gain(share, paired(labels, said, new).p, False)
    corrected = holm([gain.p for gain in found.values()])
    return {
        name: gain._replace(p=p) for (name, gain), p in zip(found.items(), corrected, strict=True)
    }


def reached(run: Run) -> float:
    """What a finished run reached on the test pictures; 0 where nobody measured."""
    return (run.summary.test_accuracy if run.summary else None) or 0.0


def _by_seed(step: Step) -> list[float]:
    """An accuracy for each seed."""
    seeds = [run.spec.training.seed for run in step.finished]
    return means_by(seeds, [reached(run) for run in step.finished])


def missing(steps: Sequence[Step]) -> list[Step]:
    """The steps that nothing has trained, trains, or waits to train."""
    return [step for step in steps if step.run is None]
