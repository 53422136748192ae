"""Caches for all visitors, keyed on content, so that they are never stale."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from typing import Any, Literal, NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.analysis.metrics import percent_text
from fmnist_core.errors import FmnistError
from fmnist_core.runs import DamagedRun, EpochEvent, Run
from fmnist_core.runs.identity import run_labels
from ui.formatting import STATE_WORDS, time_zone
from ui.services import dataset, store

Split = Literal["train", "test"]


@st.cache_data(show_spinner=False, max_entries=64)
def _class_image_indices(sha256: str, split: Split, classes: tuple[int, ...]) -> NDArray[np.int64]:
    labels = np.asarray(dataset().labels(split))
    return np.flatnonzero(np.isin(labels, classes)) if classes else np.arange(len(labels))


def class_image_indices(split: Split, classes: tuple[int, ...]) -> NDArray[np.int64]:
    """The indices (k,) of all images of some classes in a split; of all images without a class."""
    return _class_image_indices(dataset().sha256, split, classes)


@st.cache_data(show_spinner=False, max_entries=16)
def _predictions(run_id: str, digest: str) -> dict[str, NDArray[Any]]:
    return store().predictions(run_id)


def predictions(run_id: str) -> dict[str, NDArray[Any]]:
    """The arrays of a run's ``predictions.npz``, read and checked once for each content."""
    return _predictions(run_id, store().get(run_id).predictions_digest)


@st.cache_data(show_spinner=False, max_entries=32)
def _epoch_predictions(run_id: str, epoch: int, recorded_at: float) -> dict[str, NDArray[Any]]:
    return store().epoch_predictions(run_id, epoch)


def epoch_predictions(run_id: str, event: EpochEvent) -> dict[str, NDArray[Any]]:
    """The arrays of a run's predictions after an epoch, read anew where it was trained again."""
    return _epoch_predictions(run_id, event.epoch, event.at)


class FinalPredictions(NamedTuple):
    """A run's final predictions: (10000,) predicted classes, and their probabilities."""

    classes: NDArray[np.uint8]
    confidences: NDArray[np.float32]


# A resource, because it is read for every run at once and never changed: no copies.
@st.cache_resource(show_spinner=False, max_entries=2000)
def _final_predictions(run_id: str, digest: str) -> FinalPredictions:
    probabilities = store().predictions(run_id)["test_probabilities"]
    return FinalPredictions(
        probabilities.argmax(axis=1).astype(np.uint8), probabilities.max(axis=1)
    )


def final_predictions(run: Run) -> FinalPredictions:
    """The final predictions of a finished run on the test images.

    Raises:
        RunUnreadable: its predictions are missing or were changed.
    """
    return _final_predictions(run.id, run.predictions_digest)


def misclassified_indices(run: Run) -> NDArray[np.int64]:
    """The test images (k,) that a run gets wrong, in order; none where they cannot be known."""
    if not run.has_predictions:
        return np.empty(0, np.int64)
    try:
        return np.flatnonzero(final_predictions(run).classes != np.asarray(dataset().test_labels))
    except FmnistError:
        return np.empty(0, np.int64)


def run_names() -> dict[str, str]:
    """The short names of all runs by id, the same on every page; each is borne by one run alone."""
    runs, zone = store().scan().entries, time_zone()
    return _run_names(tuple(_stamp(run) for run in runs), str(zone), zone, runs)


@st.cache_resource(show_spinner=False, max_entries=32)
def _run_names(
    stamps: tuple[object, ...], zone: str, _zone: tzinfo, _runs: Sequence[Run | DamagedRun]
) -> dict[str, str]:
    return run_labels(_runs, _zone)


def _stamp(run: Run | DamagedRun) -> object:
    """What the name of a run depends on."""
    if isinstance(run, DamagedRun):
        return run.id
    return run.id, run.name, run.state, run.attempt, len(run.record.rates or ())


def run_options(runs: Sequence[Run]) -> dict[str, str]:
    """Runs to choose from, by id: the short name, and the test accuracy or what it is doing.

    Example: ``{"0a1b…": "Simple network, seed 2 · 87.0 %"}``
    """
    names = run_names()
    return {run.id: f"{names[run.id]} · {_result_text(run)}" for run in runs}


def _result_text(run: Run) -> str:
    share = run.test_accuracy
    return f"{percent_text(share)} %" if share is not None else STATE_WORDS[run.state]
