"""The scene of Mistakes: the open picture, or the confusion matrix and its largest confusion."""

from __future__ import annotations

import numpy as np

from fmnist_core.analysis.metrics import most_confused
from fmnist_core.dataset import CLASS_COUNT, CLASS_NAMES, Split
from fmnist_core.runs import Run
from ui.cache import run_names
from ui.components.confusion_matrix import matrix_table
from ui.formatting import answer_text
from ui.mistakes.classes import confusion_sentence
from ui.mistakes.label_error_models import vote_on_labels
from ui.mistakes.label_errors import open_label_error, visible_label_errors
from ui.mistakes.matrix_view import go_to_epoch
from ui.mistakes.other_runs import runs_with_predictions
from ui.mistakes.predictions import RunPredictions, load_predictions
from ui.mistakes.view_state import EPOCH, IMAGE, RUN, SCALE, SELECTION, SPLIT, VIEW
from ui.present.pictures import show_pictures
from ui.present.scene import Scene
from ui.services import annotation_store, dataset, store


def scene() -> Scene:
    """What the address says is shown, as one thing.

    Raises:
        FmnistError: the run of the address or its predictions cannot be read.
    """
    run = _run()
    if run is None:
        return Scene(
            "No mistakes yet",
            "A network has to learn first: end this with Esc and press Train a simple network.",
        )
    predictions = load_predictions(run, EPOCH.value)
    if VIEW.value == "suspects" and (open_index := _open_suspect(run)) is not None:
        return _suspect(run, SPLIT.value, open_index)
    if VIEW.value == "pictures" and IMAGE.value is not None:
        return _picture(predictions, IMAGE.value)
    return _matrix(predictions)


def _run() -> Run | None:
    runs = runs_with_predictions()
    if RUN.value is None:
        return runs[0] if runs else None
    return store().get(RUN.value)


def _open_suspect(run: Run) -> int | None:
    """The suspicious label that the page shows as the open one."""
    split = SPLIT.value
    annotations = annotation_store().all(split)
    return open_label_error(split, visible_label_errors(vote_on_labels(split, run), annotations))


def _picture(predictions: RunPredictions, image_index: int) -> Scene:
    label, predicted = int(predictions.labels[image_index]), int(predictions.predicted[image_index])
    confidence = float(predictions.probabilities[image_index][predicted])
    image = np.asarray(predictions.data.test_images[image_index])
    return Scene(
        "What is this?",
        answer_text(label, predicted, confidence),
        lambda: show_pictures(image[None], [CLASS_NAMES[label]], captions=False),
    )


def _suspect(run: Run, split: Split, image_index: int) -> Scene:
    votes = vote_on_labels(split, run).votes.probabilities[image_index]
    label, suggested = int(dataset().labels(split)[image_index]), int(votes.argmax())
    image = np.asarray(dataset().images(split)[image_index])
    networks = f"The networks say {CLASS_NAMES[suggested]}." if votes.any() else ""
    doubt = "Is the label wrong?" if suggested != label else ""
    return Scene(
        "What is this?",
        " ".join([f"It is labelled {CLASS_NAMES[label]}.", networks, doubt]).strip(),
        lambda: show_pictures(image[None], [CLASS_NAMES[label]], captions=False),
    )


def _matrix(predictions: RunPredictions) -> Scene:
    matrix = predictions.matrix
    wrong = int(matrix.sum() - np.trace(matrix))
    name = run_names()[predictions.run.id]
    return Scene(
        f"{wrong:,} of {int(matrix.sum()):,} wrong",
        f"{name}: {_confusion(predictions)}",
        lambda: matrix_table(
            predictions.matrices,
            key="scene.matrix",
            scale=SCALE.value,
            order=np.arange(CLASS_COUNT),
            selection=SELECTION.value,
            epoch=predictions.epoch,
            on_pick=SELECTION.set,
            on_epoch=lambda epoch: go_to_epoch(epoch, predictions.result_epoch),
        ),
    )


def _confusion(predictions: RunPredictions) -> str:
    pairs = most_confused(predictions.matrix, 1)
    if pairs.empty:
        return "It gets all of them right."
    pair = pairs.iloc[0]
    return f"{confusion_sentence(pair['truth'], pair['predicted'], pair['images'], pair['total'])}."
