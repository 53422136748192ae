"""The history of an image: its epochs, its nearest training images, what other runs predict."""

from __future__ import annotations

import numpy as np
import streamlit as st

from fmnist_core.analysis.learning_dynamics import image_history
from fmnist_core.analysis.neighbours import Neighbours, nearest_images
from fmnist_core.dataset import CLASS_NAMES
from fmnist_core.errors import FmnistError
from fmnist_core.figures.image_history import probability_history
from ui.components.chart import chart
from ui.components.gallery import Tile, gallery
from ui.errors import show_error
from ui.formatting import times_text
from ui.mistakes.other_runs import runs_with_predictions, show_run_predictions
from ui.mistakes.predictions import RunPredictions, probabilities_by_epoch
from ui.mistakes.saliency import feature_neighbours, train_again
from ui.mistakes.view_state import NEIGHBOUR_SPACE, NEIGHBOUR_SPACES
from ui.navigation import go_to_image
from ui.services import dataset
from ui.train.seed_replicates import train_replicates_button

NEAREST_COUNT = 12
IN_SPACE = {"pixels": "pixel by pixel", "network": "by the network's features"}


@st.cache_data(show_spinner=False, max_entries=500)
def _nearest(sha256: str, image_index: int) -> Neighbours:
    data = dataset()
    image = data.test_images[image_index : image_index + 1]
    nearest = nearest_images(image, data.train_images, NEAREST_COUNT)
    return Neighbours(nearest.indices[0], nearest.distances[0])


def show_history(predictions: RunPredictions, image_index: int) -> None:
    """Probabilities of a test image over the epochs, and when it was learned and forgotten."""
    label = int(predictions.labels[image_index])
    try:
        probabilities = probabilities_by_epoch(predictions.run)[:, image_index]
    except FmnistError as error:
        show_error(error)
        return
    epochs = min(len(probabilities), len(predictions.predicted_by_epoch))
    if not epochs:
        st.info("This run kept only its last answers, so the way to them is not known.")
        train_again(predictions.run, "mistakes.train_for_epochs")
        return
    history = image_history(
        label, predictions.predicted_by_epoch[:epochs, image_index], probabilities[:epochs]
    )
    chart(
        probability_history(history, label, predictions.epoch),
        key="mistakes.biography",
        height=300,
        label=f"Probabilities of the classes over the epochs for test picture {image_index}",
    )
    st.caption(history_sentence(len(history.learned), len(history.forgotten), epochs))


def history_sentence(learned: int, forgotten: int, epochs: int) -> str:
    """How often an image was learned and forgotten, in a sentence."""
    if not learned:
        return f"It was never right in {epochs} epoch{'s' * (epochs > 1)}."
    if not forgotten:
        return "Once it was right, it stayed so."
    return f"It was learned {times_text(learned)} and forgotten {times_text(forgotten)}."


def show_neighbours(predictions: RunPredictions, image_index: int) -> None:
    """The nearest training images of a test image, by pixels or by the network's features."""
    NEIGHBOUR_SPACE.choose(
        "Similar by",
        tuple(NEIGHBOUR_SPACES),
        words=NEIGHBOUR_SPACES,
        show_label=True,
        help="Pixel by pixel, or by the values that the network's last layer decides from.",
    )
    space = NEIGHBOUR_SPACE.value
    if space == "pixels":
        show_nearest(
            predictions, image_index, _nearest(predictions.data.sha256, image_index), space
        )
    elif (neighbours := feature_neighbours(predictions.run, image_index)) is not None:
        show_nearest(predictions, image_index, neighbours, space)


def show_nearest(
    predictions: RunPredictions, image_index: int, neighbours: Neighbours, space: str
) -> None:
    """The nearest training images with their labels; a click leads to them."""
    label = int(predictions.labels[image_index])
    labels = np.asarray(predictions.data.train_labels)[neighbours.indices]
    same = int((labels == label).sum())
    st.markdown(
        f"**{same} of the {len(labels)}** training pictures most similar to it, "
        f"{IN_SPACE[space]}, are labelled *{CLASS_NAMES[label]}* as well. Where most are not, the "
        "label may be the problem."
    )
    gallery(
        [
            Tile(
                "train",
                int(index),
                CLASS_NAMES[neighbour_label],
                caption=CLASS_NAMES[neighbour_label],
                tone="right" if neighbour_label == label else "wrong",
            )
            for index, neighbour_label in zip(neighbours.indices, labels, strict=True)
        ],
        predictions.data.train_images[neighbours.indices],
        key="mistakes.nearest",
        on_click=go_to_image,
    )


def show_other_runs(predictions: RunPredictions, image_index: int) -> None:
    """Predictions of the other runs for a test image."""
    other_runs = [run for run in runs_with_predictions() if run.id != predictions.run.id]
    if not other_runs:
        st.info("There is no other run yet to ask.")
        train_replicates_button(predictions.run, 1, "mistakes.other")
        return
    show_run_predictions(
        other_runs,
        image_index,
        int(predictions.labels[image_index]),
        lambda correct, total: f"**{correct} of {total}** other runs get it right.",
    )
