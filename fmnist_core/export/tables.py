"""CSV tables: predictions, images, annotations, label errors, metrics of every epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fmnist_core.analysis.image_statistics import ImageStatistics
from fmnist_core.analysis.label_errors import LabelErrors, Votes
from fmnist_core.annotations import Annotation
from fmnist_core.dataset import CLASS_NAMES, Split
from fmnist_core.export import RunWithEvents
from fmnist_core.export.csv import csv_file
from fmnist_core.runs.identity import change_phrases, identity_of
from fmnist_core.specs import steps_per_epoch

# Columns of the table, and the fields of ``EpochEvent`` in them.
_FIGURES = {
    "accuracy_while_training": "train_accuracy",
    "loss_while_training": "train_loss",
    "validation_accuracy": "validation_accuracy",
    "validation_loss": "validation_loss",
    "test_accuracy": "test_accuracy",
    "test_loss": "test_loss",
    "learning_rate": "learning_rate",
    "pictures_per_second_of_fit": "images_per_second",
}


def predictions_csv(
    indices: NDArray[np.int64],
    labels: NDArray[np.uint8],
    predictions: NDArray[np.uint8],
    probabilities: NDArray[np.float32],
) -> bytes:
    """Predictions for test images as CSV, an image a line, in the order given.

    Args:
        indices: (m,) of the images.
        labels: (n,) classes.
        predictions: (n,) classes predicted.
        probabilities: (n, 10), rows summing to 1.
    """
    names = np.array(CLASS_NAMES)
    selected = probabilities[indices].astype(np.float64)
    table = pd.DataFrame(
        {
            "split": "test",
            "number": indices,
            "label": names[labels[indices]],
            "predicted": names[predictions[indices]],
            "confidence": selected[np.arange(len(indices)), predictions[indices]].round(6),
        }
        | {
            f"p({name})": selected[:, class_id].round(6)
            for class_id, name in enumerate(CLASS_NAMES)
        }
    )
    return csv_file(table)


def images_csv(
    split: Split, indices: NDArray[np.int64], labels: NDArray[np.uint8], statistics: ImageStatistics
) -> bytes:
    """Images and their statistics as CSV, an image a line, in the order given.

    Args:
        split: whose images.
        indices: (m,) of the images.
        labels: (n,) classes of all images of the split.
        statistics: of all images of the split.
    """
    table = pd.DataFrame(
        {
            "split": split,
            "number": indices,
            "class": labels[indices],
            "label": np.array(CLASS_NAMES)[labels[indices]],
            "brightness": statistics.brightness[indices].round(3),
            "pixels_not_blank": statistics.foreground_pixels[indices],
            "distance_to_class_mean": statistics.distance_to_mean[indices].round(3),
        }
    )
    return csv_file(table)


def annotations_csv(annotations: Mapping[Split, Mapping[int, Annotation]]) -> bytes:
    """All annotations as CSV, an image a line, by split and index."""
    rows = [
        (split, index, annotation.cause, annotation.note, " ".join(annotation.tags))
        for split, of_split in annotations.items()
        for index, annotation in sorted(of_split.items())
    ]
    table = pd.DataFrame(rows, columns=["split", "number", "verdict", "note", "tags"])
    return csv_file(table)


def label_errors_csv(
    split: Split,
    labels: NDArray[np.uint8],
    votes: Votes,
    label_errors: LabelErrors,
    annotations: Mapping[int, Annotation],
) -> bytes:
    """Possible label errors as CSV, an image a line, with the annotations of visitors.

    Args:
        split: of the images.
        labels: (n,) classes of the split.
        votes: of the networks.
        label_errors: found by these votes.
        annotations: of some images of the split.
    """
    names = np.array(CLASS_NAMES)
    indices = label_errors.indices
    of_images = [annotations.get(int(index), Annotation()) for index in indices]
    table = pd.DataFrame(
        {
            "split": split,
            "number": indices,
            "label": names[labels[indices]],
            "suggested": names[label_errors.suggested],
            "p(label)": votes.probabilities[indices, labels[indices]].round(6),
            "p(suggested)": votes.probabilities[indices, label_errors.suggested].round(6),
            "networks": votes.models[indices],
            "agreeing": label_errors.agreeing,
            "verdict": [annotation.cause for annotation in of_images],
            "note": [annotation.note for annotation in of_images],
        }
    )
    return csv_file(table)


def metrics_csv(runs: Sequence[RunWithEvents]) -> bytes:
    """Metrics of every epoch of each run as CSV, an epoch a line; missing values are empty.

    Accuracies are shares from 0 to 1, losses mean cross-entropies, times seconds. While training
    means Keras's running mean over an epoch, with dropout at work; the speed leaves testing out.
    """
    rows = []
    for run, events in runs:
        steps = steps_per_epoch(run.spec.training)
        named = [run.id, run.name, "; ".join(change_phrases(identity_of(run)))]
        for event in events.epochs:
            values = [getattr(event, name) for name in _FIGURES.values()]
            rows.append([*named, event.epoch, event.epoch * steps, event.elapsed, *values])
    head = ["run", "name", "changed", "epoch", "step", "seconds", *_FIGURES]
    # As objects, so that what was not measured turns no whole numbers into fractions.
    return csv_file(pd.DataFrame(rows, columns=head, dtype=object))
