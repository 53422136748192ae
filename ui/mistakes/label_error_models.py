"""The voters on labels: which runs count, and what they say together."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.analysis.label_errors import (
    LabelErrors,
    Votes,
    eligible_voters,
    find_label_errors,
    pool_votes,
)
from fmnist_core.dataset import Split
from fmnist_core.errors import FmnistError
from fmnist_core.runs import Run
from ui.services import dataset, store

MOST_VOTERS = 40
_TRAIN_PICTURES = 60_000


class Findings(NamedTuple):
    """What the judges say of a split.

    Attributes:
        judges: how many runs were asked.
        pool: their answers.
        suspects: the pictures whose label they contradict.
    """

    voters: int
    pool: Votes
    suspects: LabelErrors


class _Held(NamedTuple):
    """Pictures (n,) that a run did not train on, and its probabilities (n, 10) for them."""

    numbers: NDArray[np.int64]
    probabilities: NDArray[np.float32]


def findings(split: Split, run: Run) -> Findings:
    """Ask every run that may judge the pictures of a split.

    Test pictures are judged by the best runs. Training pictures are judged only by runs that held
    them out, and of these by all that come up to the run looked at, so that the trainings which
    it lacks count as soon as they are there. Runs whose training labels were made wrong on
    purpose are not asked.
    """
    able = {
        other.id: other
        for other in store().list()
        if other.summary
        and other.state in ("done", "stopped")
        and not other.spec.training.label_noise
        and (split == "test" or other.spec.training.validation_share)
    }
    reached = {
        other.id: other.summary.test_accuracy
        for other in able.values()
        if other.summary and other.summary.test_accuracy is not None
    }
    least = run.summary.test_accuracy if split == "train" and run.summary else None
    voters = tuple(
        (name, _digest(able[name])) for name in eligible_voters(reached, least)[:MOST_VOTERS]
    )
    return _findings(dataset().sha256, split, voters)


@st.cache_resource(show_spinner="Asking the networks …", max_entries=8)
def _findings(sha256: str, split: Split, voters: tuple[tuple[str, str], ...]) -> Findings:
    found = [held for name, digest in voters if (held := _held(name, digest, split)) is not None]
    labels = np.asarray(dataset().labels(split))
    together = pool_votes(len(labels), found)
    return Findings(len(found), together, find_label_errors(labels, together))


# Only what is needed of a run is kept: its files hold many times as much.
@st.cache_resource(show_spinner=False, max_entries=2 * MOST_VOTERS)
def _held(run_id: str, digest: str, split: Split) -> _Held | None:
    try:
        arrays = store().predictions(run_id)
        if split == "test":
            shown = arrays["test_probabilities"]
            return _Held(np.arange(len(shown)), shown)
        numbers, shown = arrays["validation_index"], arrays["validation_probabilities"]
    except (FmnistError, KeyError):
        return None
    whole = len(numbers) == len(shown) and len(np.unique(numbers)) == len(numbers)
    inside = len(numbers) and numbers.min() >= 0 and numbers.max() < _TRAIN_PICTURES
    return _Held(numbers, shown) if whole and inside else None


def _digest(run: Run) -> str:
    return run.record.artifacts.get("predictions.npz", "") if run.record else ""
