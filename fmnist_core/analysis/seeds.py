"""Seed variance: which mistakes of a run its seed replicates make as well."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class SeedAgreement(NamedTuple):
    """How many runs name each picture wrongly.

    Attributes:
        runs: how many were asked, the one looked at included.
        wrong: (n,) how many of them are wrong.
        same: (n,) how many of them give the answer of the run looked at.
    """

    runs: int
    wrong: NDArray[np.int64]
    same: NDArray[np.int64]


def agreement(
    labels: NDArray[np.uint8], mine: NDArray[np.uint8], others: Sequence[NDArray[np.uint8]]
) -> SeedAgreement:
    """Count over the run looked at and all others.

    Args:
        labels: (n,) classes.
        mine: (n,) classes named by the run looked at.
        others: likewise for each other run.
    """
    answers = np.stack([mine, *others])
    return SeedAgreement(
        len(answers),
        (answers != labels).sum(axis=0),
        (answers == mine).sum(axis=0),
    )


def shared_mistakes(
    labels: NDArray[np.uint8], mine: NDArray[np.uint8], found: SeedAgreement
) -> NDArray[np.int64]:
    """How many mistakes (runs,) of this run are made by 1, 2, … runs; the first are its own."""
    mistakes = found.wrong[mine != labels]
    counts: NDArray[np.int64] = np.bincount(mistakes, minlength=found.runs + 1)[1:]
    return counts
