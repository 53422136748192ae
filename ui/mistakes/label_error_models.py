"""The voters on labels: which runs vote, their pooled votes, and the label errors in them."""

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
from fmnist_core.dataset import TRAIN_SIZE, Split
from fmnist_core.errors import FmnistError
from fmnist_core.runs import Run
from ui.services import dataset, store

MOST_VOTERS = 40


class VoteResult(NamedTuple):
    """The pooled votes of the networks on the labels of a split.

    Attributes:
        voter_count: how many runs voted.
        votes: of these runs, for every image of the split.
        label_errors: the images whose label the votes contradict.
    """

    voter_count: int
    votes: Votes
    label_errors: LabelErrors


class _HeldOut(NamedTuple):
    """Indices (n,) of images that a run did not train on, and its probabilities (n, 10)."""

    indices: NDArray[np.int64]
    probabilities: NDArray[np.float32]


def vote_on_labels(split: Split, run: Run) -> VoteResult:
    """Let every eligible run vote on the labels of a split.

    On test images the best runs vote. On training images only runs vote that held them out, and
    of these all that come up to the open run, so that the folds which it lacks count as soon as
    they are trained. Runs with label noise do not vote.

    Args:
        split: whose labels are voted on.
        run: the open one; for training images its test accuracy is the least that a voter needs.
    """
    candidates = {
        candidate.id: candidate
        for candidate in store().list()
        if candidate.has_predictions
        and not candidate.spec.training.label_noise
        and (split == "test" or candidate.spec.training.validation_share)
    }
    accuracies = {
        run_id: candidate.test_accuracy
        for run_id, candidate in candidates.items()
        if candidate.test_accuracy is not None
    }
    least = run.test_accuracy if split == "train" else None
    voters = tuple(
        (run_id, candidates[run_id].predictions_digest)
        for run_id in eligible_voters(accuracies, least)[:MOST_VOTERS]
    )
    return _vote_on_labels(dataset().sha256, split, voters)


@st.cache_resource(show_spinner="Asking the networks …", max_entries=8)
def _vote_on_labels(sha256: str, split: Split, voters: tuple[tuple[str, str], ...]) -> VoteResult:
    held_out = [_held_out(run_id, digest, split) for run_id, digest in voters]
    readable = [predictions for predictions in held_out if predictions is not None]
    labels = np.asarray(dataset().labels(split))
    votes = pool_votes(len(labels), readable)
    return VoteResult(len(readable), votes, find_label_errors(labels, votes))


# Only what is needed of a run is kept: its files hold many times as much.
@st.cache_resource(show_spinner=False, max_entries=2 * MOST_VOTERS)
def _held_out(run_id: str, digest: str, split: Split) -> _HeldOut | None:
    try:
        arrays = store().predictions(run_id)
        if split == "test":
            probabilities = arrays["test_probabilities"]
            return _HeldOut(np.arange(len(probabilities)), probabilities)
        indices, probabilities = arrays["validation_index"], arrays["validation_probabilities"]
    except (FmnistError, KeyError):
        return None
    unique = len(indices) == len(probabilities) and len(np.unique(indices)) == len(indices)
    in_split = len(indices) and indices.min() >= 0 and indices.max() < TRAIN_SIZE
    return _HeldOut(indices, probabilities) if unique and in_split else None
