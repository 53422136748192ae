"""The scene of Overview: a picture that the newest network gets wrong."""

from __future__ import annotations

import numpy as np

from fmnist_core import timeouts
from fmnist_core.analysis.telling_mistake import TellingMistake, telling_mistake
from fmnist_core.dataset import CLASS_NAMES, Dataset
from fmnist_core.runs import Run
from fmnist_core.runs.identity import name_with_badges
from ui.cache import final_predictions
from ui.mistakes.label_error_models import vote_on_labels
from ui.mistakes.other_runs import runs_with_predictions
from ui.present.explore import ten_classes
from ui.present.pictures import show_pictures
from ui.present.scene import Scene
from ui.present.wording import contradiction
from ui.services import dataset

# Another run may finish.
_POLL = timeouts.LADDER_SECONDS


def scene() -> Scene:
    """A confident mistake of the newest run, of its most frequent confusion.

    Raises:
        FmnistError: the pictures or the run's predictions cannot be read.
    """
    data, runs = dataset(), runs_with_predictions()
    if not runs:
        first = ten_classes(data, "test")
        return Scene("Can a network tell these apart?", first.sentence, first.draw, _POLL)
    run = runs[0]
    mistake = _mistake(run, data)
    if mistake is None:
        return Scene(name_with_badges(run), "It gets all 10,000 test pictures right.")
    image = np.asarray(data.test_images[mistake.image_index])
    return Scene(
        "What is this?",
        contradiction(mistake.truth, mistake.predicted, mistake.confidence, mistake.suspicious),
        lambda: show_pictures(image[None], [CLASS_NAMES[mistake.truth]], captions=False),
        _POLL,
    )


def _mistake(run: Run, data: Dataset) -> TellingMistake | None:
    predictions = final_predictions(run)
    suspicious = vote_on_labels("test", run).label_errors.indices
    return telling_mistake(
        data.test_labels, predictions.classes, predictions.confidences, suspicious
    )
