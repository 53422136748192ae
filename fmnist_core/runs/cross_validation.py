"""Cross-validation: the runs that hold out one fold after the other, and those still missing."""

from __future__ import annotations

from collections.abc import Sequence

from fmnist_core.dataset import fold_count
from fmnist_core.runs import Run
from fmnist_core.specs import RunSpec
from fmnist_core.specs.schema import MAX_FOLD


def folds(spec: RunSpec) -> list[RunSpec]:
    """The spec with every part of its rotation held out, in order; none without a share."""
    parts = min(fold_count(spec.training.validation_share), MAX_FOLD + 1)
    return [
        spec.model_copy(
            update={"training": spec.training.model_copy(update={"validation_fold": part})}
        )
        for part in range(parts)
    ]


def missing(spec: RunSpec, runs: Sequence[Run]) -> list[RunSpec]:
    """The parts of a rotation that no run has held out to its end, holds out, or waits to."""
    there = {
        run.spec.model_dump_json()
        for run in runs
        if run.record is not None and (run.active or run.state == "done")
    }
    return [part for part in folds(spec) if part.model_dump_json() not in there]


def fold_name(name: str, part: int, parts: int) -> str:
    """``"LeNet, part 3 of 10"``, whatever part the run itself held out.

    Args:
        name: of a run of the rotation.
        part: from 0.
        parts: how many there are.
    """
    return f"{common_name(name)[:60]}, part {part + 1} of {parts}"


def common_name(name: str) -> str:
    """The name of a run without the part that it held out."""
    return name.split(", part ")[0]
