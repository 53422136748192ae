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
from fmnist_core.runs.identity import changes, identity
from fmnist_core.specs import steps_per_epoch

# Column of the table: figure of an epoch.
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
    numbers: NDArray[np.int64],
    labels: NDArray[np.uint8],
    predictions: NDArray[np.uint8],
    probabilities: NDArray[np.float32],
) -> bytes:
    """A table of test pictures, one a line, in the order given.

    Args:
        numbers: (m,) of the pictures.
        labels: (n,) classes.
        predictions: (n,) classes predicted.
        probabilities: (n, 10), rows summing to 1.
    """
    names = np.array(CLASS_NAMES)
    shown = probabilities[numbers].astype(np.float64)
    table = pd.DataFrame(
        {
            "split": "test",
            "number": numbers,
            "label": names[labels[numbers]],
            "predicted": names[predictions[numbers]],
            "confidence": shown[np.arange(len(numbers)), predictions[numbers]].round(6),
        }
        | {f"p({name})": shown[:, place].round(6) for place, name in enumerate(CLASS_NAMES)}
    )
    return csv_file(table)


def images_csv(
    split: Split, numbers: NDArray[np.int64], labels: NDArray[np.uint8], measured: ImageStatistics
) -> bytes:
    """A table of pictures and what was measured on them, one a line, in the order given.

    Args:
        split: whose pictures.
        numbers: (m,) of the pictures.
        labels: (n,) classes of all pictures of the split.
        measured: of all pictures of the split.
    """
    table = pd.DataFrame(
        {
            "split": split,
            "number": numbers,
            "class": labels[numbers],
            "label": np.array(CLASS_NAMES)[labels[numbers]],
            "brightness": measured.brightness[numbers].round(3),
            "ink": measured.foreground_pixels[numbers],
            "oddness": measured.distance_to_mean[numbers].round(3),
        }
    )
    return csv_file(table)


def annotations_csv(annotations: Mapping[Split, Mapping[int, Annotation]]) -> bytes:
    """All annotations as a table, one picture a line, by split and number."""
    rows = [
        (split, picture, annotation.cause, annotation.note, " ".join(annotation.tags))
        for split, said in annotations.items()
        for picture, annotation in sorted(said.items())
    ]
    table = pd.DataFrame(rows, columns=["split", "number", "verdict", "note", "tags"])
    return csv_file(table)


def label_errors_csv(
    split: Split,
    labels: NDArray[np.uint8],
    found: Votes,
    listed: LabelErrors,
    annotations: Mapping[int, Annotation],
) -> bytes:
    """The suspicious pictures as a table, one a line, with what visitors say about them.

    Args:
        split: of the pictures.
        labels: (n,) classes of the split.
        found: what the networks say.
        listed: of these.
        annotations: of some images of the split.
    """
    names = np.array(CLASS_NAMES)
    numbers = listed.indices
    said = [annotations.get(int(number), Annotation()) for number in numbers]
    table = pd.DataFrame(
        {
            "split": split,
            "number": numbers,
            "label": names[labels[numbers]],
            "suggested": names[listed.suggested],
            "p(label)": found.probabilities[numbers, labels[numbers]].round(6),
            "p(suggested)": found.probabilities[numbers, listed.suggested].round(6),
            "networks": found.models[numbers],
            "agreeing": listed.agreeing,
            "verdict": [one.cause for one in said],
            "note": [one.note for one in said],
        }
    )
    return csv_file(table)


def metrics_csv(runs: Sequence[RunWithEvents]) -> bytes:
    """One row for each epoch of each run; what was not measured is empty.

    Accuracies are shares from 0 to 1, losses mean cross-entropies, times seconds. While training
    means Keras's running mean over an epoch, with dropout at work; the speed leaves testing out.
    """
    rows = []
    for run, events in runs:
        steps = steps_per_epoch(run.spec.training)
        named = [run.id, run.name, "; ".join(changes(identity(run)))]
        for event in events.epochs:
            values = [getattr(event, name) for name in _FIGURES.values()]
            rows.append([*named, event.epoch, event.epoch * steps, event.elapsed, *values])
    head = ["run", "name", "changed", "epoch", "step", "seconds", *_FIGURES]
    # As objects, so that what was not measured turns no whole numbers into fractions.
    return csv_file(pd.DataFrame(rows, columns=head, dtype=object))
