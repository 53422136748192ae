"""Predictions of a run for the test images after an epoch, as pages use them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.analysis.learning_dynamics import forgetting_events, matrices_by_epoch
from fmnist_core.dataset import CLASS_COUNT, TEST_SIZE, Dataset
from fmnist_core.runs import Run, RunUnreadable
from ui.cache import epoch_predictions, predictions
from ui.services import dataset, store


@dataclass(frozen=True)
class RunPredictions:
    """Labels, predictions and confusion matrices of the test images after an epoch of a run.

    Attributes:
        run: the run that predicts.
        data: the dataset.
        labels: (10000,) classes of the test images.
        predicted: (10000,) classes that the run predicts.
        probabilities: (10000, 10); of an epoch that is not the run's result in steps of 1/255.
        predicted_by_epoch: (epochs, 10000) classes; no row where the run kept none.
        matrices: (epochs, 10, 10) confusion matrices, at least one.
        epoch: after which the predictions were made, from 1.
        result_epoch: whose network the run kept.
    """

    run: Run
    data: Dataset
    labels: NDArray[np.uint8]
    predicted: NDArray[np.uint8]
    probabilities: NDArray[np.float32]
    predicted_by_epoch: NDArray[np.uint8]
    matrices: NDArray[np.int64]
    epoch: int
    result_epoch: int

    @property
    def matrix(self) -> NDArray[np.int64]:
        """The confusion matrix (10, 10) after the epoch."""
        matrix: NDArray[np.int64] = self.matrices[self.epoch - 1]
        return matrix

    @property
    def is_result(self) -> bool:
        """Whether the epoch is the one whose network the run kept."""
        return self.epoch == self.result_epoch

    @property
    def forgetting_counts(self) -> NDArray[np.int64] | None:
        """Forgetting events (10000,) of each image; ``None`` with less than two epochs."""
        if len(self.predicted_by_epoch) < 2:
            return None
        return forgetting_events(self.labels, self.predicted_by_epoch)


def load_predictions(run: Run, epoch: int | None) -> RunPredictions:
    """The predictions of a run after an epoch, or those that are its result.

    Args:
        run: with a result.
        epoch: from 1; ``None`` is the epoch whose network the run kept, as is one past the last.

    Raises:
        FmnistError: the images or the run's files cannot be read; says what to do.
    """
    data = dataset()
    labels = np.asarray(data.test_labels)
    arrays = predictions(run.id)
    final_probabilities: NDArray[np.float32] = arrays["test_probabilities"]
    by_epoch = arrays.get("test_predictions_by_epoch", np.zeros((0, len(labels)), np.uint8))
    # A run that kept no epochs counts as one of a single epoch.
    predicted = by_epoch
    if not len(predicted):
        predicted = final_probabilities.argmax(axis=1).astype(np.uint8)[None]
    epochs = len(predicted)
    result_epoch = min(run.summary.result_epoch if run.summary else epochs, epochs)
    if epoch is None or epoch > epochs:
        epoch = result_epoch
    return RunPredictions(
        run,
        data,
        labels,
        predicted[epoch - 1],
        final_probabilities if epoch == result_epoch else _epoch_probabilities(run, epoch),
        by_epoch,
        matrices_by_epoch(labels, predicted),
        epoch,
        result_epoch,
    )


def _epoch_probabilities(run: Run, epoch: int) -> NDArray[np.float32]:
    description = f"predictions after epoch {epoch}"
    for event in store().events(run.id).epochs:
        if event.epoch == epoch:
            try:
                return _dequantised(epoch_predictions(run.id, event))
            except RunUnreadable as error:
                raise RunUnreadable(description) from error
    raise RunUnreadable(description)


def _dequantised(arrays: dict[str, NDArray[Any]]) -> NDArray[np.float32]:
    quantised = arrays["test_probabilities"]
    probabilities: NDArray[np.float32] = quantised.astype(np.float32) / np.float32(255)
    return probabilities


@st.cache_data(show_spinner=False, max_entries=8)
def _probabilities_by_epoch(run_id: str, stamps: tuple[float, ...]) -> NDArray[np.uint8]:
    events = store().events(run_id).epochs
    return np.stack([epoch_predictions(run_id, event)["test_probabilities"] for event in events])


def probabilities_by_epoch(run: Run) -> NDArray[np.uint8]:
    """Probabilities (epochs, 10000, 10) of the test images after every epoch, in 255ths.

    Raises:
        RunUnreadable: an epoch's file is missing or damaged.
    """
    stamps = tuple(event.at for event in store().events(run.id).epochs)
    return (
        _probabilities_by_epoch(run.id, stamps)
        if stamps
        else np.zeros((0, TEST_SIZE, CLASS_COUNT), np.uint8)
    )
