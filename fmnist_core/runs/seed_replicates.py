"""Seed replicates: runs of one configuration that differ in the seed alone, and how to get more."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, islice

from fmnist_core.runs import Run
from fmnist_core.runs.identity import (
    Identity,
    differ_by_seed_alone,
    identity_of,
    in_full_precision,
)
from fmnist_core.specs import RunSpec
from fmnist_core.specs.schema import MAX_SEED


def is_repeatable(run: Run) -> bool:
    """Whether training a run's spec with another seed gives a seed replicate of it.

    Not where something was changed while it trained: nobody would change it again.
    """
    return in_full_precision(identity_of(run)) == Identity(run.spec)


def active_replicates(run: Run, active_runs: Sequence[Run]) -> list[Run]:
    """The seed replicates of a run among those that train or wait, itself left out."""
    return [
        other
        for other in active_runs
        if other.id != run.id and differ_by_seed_alone(Identity(other.spec), Identity(run.spec))
    ]


def used_seeds(run: Run, runs: Sequence[Run]) -> set[int]:
    """The seeds that a run's configuration was trained from, is or will be, its own included."""
    return {run.spec.training.seed} | {
        other.spec.training.seed
        for other in runs
        if differ_by_seed_alone(Identity(other.spec), Identity(run.spec))
    }


def next_replicates(run: Run, runs: Sequence[Run], count: int) -> list[RunSpec]:
    """The specs of the next seed replicates of a run: its own with the next unused seeds.

    Args:
        run: the one to repeat.
        runs: all there are.
        count: how many specs.
    """
    own, used = run.spec.training.seed, used_seeds(run, runs)
    # Upwards from the run's own seed, then those below it.
    free = (seed for seed in chain(range(own, MAX_SEED + 1), range(own)) if seed not in used)
    return [
        run.spec.model_copy(
            update={"training": run.spec.training.model_copy(update={"seed": seed})}
        )
        for seed in islice(free, count)
    ]


def replicate_name(run: Run, spec: RunSpec) -> str:
    """The name of a seed replicate, such as ``"LeNet, seed 2"``."""
    return f"{run.name.split(', seed ')[0][:60]}, seed {spec.training.seed}"
