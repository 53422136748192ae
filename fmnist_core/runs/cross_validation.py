"""Cross-validation: the runs that hold out one fold after the other, and those still missing."""

from __future__ import annotations

from collections.abc import Sequence

from fmnist_core.dataset import fold_count
from fmnist_core.runs import Run
from fmnist_core.runs.identity import Identity, identity_of, in_full_precision
from fmnist_core.specs import RunSpec
from fmnist_core.specs.schema import MAX_FOLD


def fold_specs(spec: RunSpec) -> list[RunSpec]:
    """The specs of a cross-validation, one for each fold held out; none without a validation share.

    A cross-validation has at most ``MAX_FOLD`` + 1 folds.
    """
    count = min(fold_count(spec.training.validation_share), MAX_FOLD + 1)
    return [
        spec.model_copy(
            update={"training": spec.training.model_copy(update={"validation_fold": fold})}
        )
        for fold in range(count)
    ]


def missing_folds(spec: RunSpec, runs: Sequence[Run]) -> list[RunSpec]:
    """The folds of a cross-validation that no run has finished, trains on, or waits to.

    Returns:
        The spec of each missing fold, in order.
    """
    taken = {_configuration(run) for run in runs if run.active or run.state == "done"}
    return [fold for fold in fold_specs(spec) if Identity(fold) not in taken]


def active_fold_count(spec: RunSpec, runs: Sequence[Run]) -> int:
    """How many runs train a fold of a cross-validation or wait to."""
    folds = {Identity(fold) for fold in fold_specs(spec)}
    return sum(run.active and _configuration(run) in folds for run in runs)


def _configuration(run: Run) -> Identity:
    """The configuration that a run trained; one that was changed meanwhile is no fold of it."""
    return in_full_precision(identity_of(run))


def fold_name(name: str, fold: int, count: int) -> str:
    """The name of the run of a fold, such as ``"LeNet, part 3 of 10"``.

    Args:
        name: of any run of the cross-validation, with or without its own fold.
        fold: from 0.
        count: how many folds there are.
    """
    return f"{common_name(name)[:60]}, part {fold + 1} of {count}"


def common_name(name: str) -> str:
    """The name of a run without the fold that it held out."""
    return name.split(", part ")[0]
