"""Predictions of a run for the test images after an epoch, as pages use them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.analysis.learning_dynamics import forgetting_events, matrices_by_epoch
from fmnist_core.dataset import Dataset, DatasetUnavailable
from fmnist_core.errors import FmnistError
from fmnist_core.runs import Run, RunUnreadable
from ui.cache import epoch_predictions, predictions
from ui.escape import plain
from ui.services import dataset, store


@dataclass(frozen=True)
class RunPredictions:
    """Labels, pictures and answers, after the epoch that is looked at.

    Attributes:
        run: whose answers these are.
        data: the pictures.
        labels: (10000,) of the test pictures.
        answers: (10000,) classes named.
        probabilities: (10000, 10); of an epoch before the last in steps of 1/255.
        by_epoch: (epochs, 10000) classes named; no row where the run kept none.
        matrices: (epochs, 10, 10) counts, at least one.
        epoch: looked at, from 1.
    """

    run: Run
    data: Dataset
    labels: NDArray[np.uint8]
    answers: NDArray[np.uint8]
    probabilities: NDArray[np.float32]
    by_epoch: NDArray[np.uint8]
    matrices: NDArray[np.int64]
    epoch: int

    @property
    def matrix(self) -> NDArray[np.int64]:
        matrix: NDArray[np.int64] = self.matrices[self.epoch - 1]
        return matrix

    @property
    def is_last(self) -> bool:
        return self.epoch == len(self.matrices)

    @property
    def forgotten(self) -> NDArray[np.int64] | None:
        """How often each picture was forgotten; ``None`` where nothing is known."""
        return forgetting_events(self.labels, self.by_epoch) if len(self.by_epoch) > 1 else None


def gather(run: Run, epoch: int | None) -> RunPredictions:
    """Collect what is known after an epoch, or after the last.

    Raises:
        FmnistError: the pictures or the run's files cannot be read; says what to do.
    """
    data = dataset()
    labels = np.asarray(data.test_labels)
    final = predictions(run.id)
    last: NDArray[np.float32] = final["test_probabilities"]
    by_epoch = final.get("test_predictions_by_epoch", np.zeros((0, len(labels)), np.uint8))
    known = by_epoch if len(by_epoch) else last.argmax(axis=1).astype(np.uint8)[None]
    at = min(epoch or len(known), len(known))
    probabilities = last if at == len(known) else _earlier(run, at)
    return RunPredictions(
        run,
        data,
        labels,
        known[at - 1],
        probabilities,
        by_epoch,
        matrices_by_epoch(labels, known),
        at,
    )


@contextmanager
def in_words() -> Iterator[None]:
    """Say what cannot be shown; a fragment is drawn without its page, so each says it itself."""
    try:
        yield
    except DatasetUnavailable:
        st.warning(
            "The pictures are not here. **Explore data** says what was tried and what to do."
        )
    except FmnistError as error:
        st.error(plain(error))


def _earlier(run: Run, epoch: int) -> NDArray[np.float32]:
    what = f"predictions after epoch {epoch}"
    for event in store().events(run.id).epochs:
        if event.epoch == epoch:
            try:
                return _shares(epoch_predictions(run.id, event))
            except RunUnreadable as error:
                raise RunUnreadable(what) from error
    raise RunUnreadable(what)


def _shares(arrays: dict[str, NDArray[Any]]) -> NDArray[np.float32]:
    shares: NDArray[np.float32] = arrays["test_probabilities"].astype(np.float32) / np.float32(255)
    return shares


@st.cache_data(show_spinner=False, max_entries=8)
def _history(run_id: str, stamps: tuple[float, ...]) -> NDArray[np.uint8]:
    events = store().events(run_id).epochs
    return np.stack([epoch_predictions(run_id, event)["test_probabilities"] for event in events])


def history(run: Run) -> NDArray[np.uint8]:
    """All probabilities of the test pictures in 255ths (epochs, 10000, 10).

    Raises:
        RunUnreadable: an epoch's file is missing or damaged.
    """
    stamps = tuple(event.at for event in store().events(run.id).epochs)
    return _history(run.id, stamps) if stamps else np.zeros((0, 10_000, 10), np.uint8)
