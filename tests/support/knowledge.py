"""Expected contents of the pages, computed from a runs folder by the core alone."""

from __future__ import annotations

from functools import cached_property, lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fmnist_core.analysis.image_statistics import ImageStatistics, Moments, measure_images, moments
from fmnist_core.analysis.label_errors import (
    LabelErrors,
    eligible_voters,
    find_label_errors,
    pool_votes,
)
from fmnist_core.analysis.learning_dynamics import forgetting_events, matrices_by_epoch
from fmnist_core.analysis.metrics import percent_text
from fmnist_core.analysis.neighbours import pixel_distances
from fmnist_core.analysis.seeds import SeedAgreement, seed_agreement
from fmnist_core.analysis.sorting import FROM_NEIGHBOURHOODS, Order, sort_images
from fmnist_core.dataset import Dataset, Split
from fmnist_core.runs import Run, RunStore
from fmnist_core.runs.identity import differ_by_chance_alone, identity_of, run_labels


class Answered(NamedTuple):
    """Predictions of a run after an epoch.

    Attributes:
        answers: (10000,) predicted classes.
        probabilities: (10000, 10), from 0 to 1.
        matrices: (epochs, 10, 10) confusion counts.
        by_epoch: (epochs, 10000) predicted classes.
        epoch: which one, from 1.
    """

    answers: NDArray[np.uint8]
    probabilities: NDArray[np.float32]
    matrices: NDArray[np.int64]
    by_epoch: NDArray[np.uint8]
    epoch: int


class Knowledge:
    """Expected contents of the pages, from the runs of a folder and the dataset.

    Args:
        root: the runs folder.
        data: the images and labels.
    """

    def __init__(self, root: Path, data: Dataset) -> None:
        self.store = RunStore(root)
        self.data = data
        self.labels = np.asarray(data.test_labels)
        self.finished = [run for run in self.store.list() if run.state in ("done", "stopped")]
        self.answered = lru_cache(maxsize=64)(self._answered)
        self.ordered = lru_cache(maxsize=64)(self._ordered)
        self.distances = lru_cache(maxsize=32)(self._distances)
        self.measure_images = lru_cache(maxsize=2)(self._traits)
        self.replicates = lru_cache(maxsize=16)(self._replicates)

    def listed(self) -> list[Run]:
        """All runs as the pages list them: newest first."""
        return self.store.list()

    def names(self) -> dict[str, str]:
        """The short name of every run, by id."""
        return run_labels(self.store.scan().entries)

    def options(self) -> dict[str, str]:
        """The finished runs as lists to choose from name them, by id."""
        names = self.names()
        return {
            run.id: f"{names[run.id]} · {percent_text(run.test_accuracy or 0)} %"
            for run in self.finished
        }

    def run(self, run_id: str) -> Run:
        """A finished run by its id."""
        return next(run for run in self.finished if run.id == run_id)

    def forgotten(self, run_id: str) -> NDArray[np.int64] | None:
        """How often each test image was forgotten (10000,); ``None`` for a single epoch."""
        by_epoch = self.answered(run_id, None).by_epoch
        return forgetting_events(self.labels, by_epoch) if len(by_epoch) > 1 else None

    @cached_property
    def suspects(self) -> LabelErrors:
        """Suspected label errors: the test images whose label the best runs contradict."""
        reached = {run.id: run.summary.test_accuracy or 0.0 for run in self.finished if run.summary}
        every = np.arange(len(self.labels))
        held = [
            (every, self.store.predictions(run_id)["test_probabilities"])
            for run_id in eligible_voters(reached)
        ]
        return find_label_errors(self.labels, pool_votes(len(self.labels), held))

    @cached_property
    def moments(self) -> Moments:
        """Mean and spread of the training images of each class."""
        return moments(self.data.images("train"), np.asarray(self.data.labels("train")))

    def _answered(self, run_id: str, epoch: int | None) -> Answered:
        final = self.store.predictions(run_id)
        last = final["test_probabilities"]
        by_epoch = final.get("test_predictions_by_epoch", np.zeros((0, len(last)), np.uint8))
        known = by_epoch if len(by_epoch) else last.argmax(axis=1).astype(np.uint8)[None]
        at = min(epoch or len(known), len(known))
        if at < len(known):
            kept = self.store.epoch_predictions(run_id, at)["test_probabilities"]
            last = kept.astype(np.float32) / 255
        matrices = matrices_by_epoch(self.labels, known)
        return Answered(known[at - 1], last, matrices, by_epoch, at)

    def _distances(self, picture: int) -> NDArray[np.float64]:
        images = self.data.test_images
        return pixel_distances(np.asarray(images[picture]), images)

    def _traits(self, split: Split) -> ImageStatistics:
        labels = np.asarray(self.data.labels(split))
        return measure_images(self.data.images(split), labels, self.moments.means)

    def _ordered(
        self, split: Split, classes: tuple[int, ...], order: Order, seed: int
    ) -> NDArray[np.int64]:
        labels = np.asarray(self.data.labels(split))
        numbers = np.flatnonzero(np.isin(labels, classes)) if classes else np.arange(len(labels))
        # Without an engine there are no kNN distances, and the dataset's order is shown.
        if order in FROM_NEIGHBOURHOODS:
            return numbers
        return sort_images(numbers, order, seed, self.measure_images(split))

    def _replicates(self, run_id: str) -> SeedAgreement | None:
        run = self.run(run_id)
        others = [
            self.answered(other.id, None).answers
            for other in self.finished
            if other.id != run_id
            and other.state == "done"
            and differ_by_chance_alone(identity_of(other), identity_of(run))
        ]
        if not others:
            return None
        return seed_agreement(self.labels, self.answered(run_id, None).answers, others)
