"""The confusion matrix on one side; on the other the images it counts, or one of them."""

from __future__ import annotations

import numpy as np
import streamlit as st

from fmnist_core.analysis.metrics import accuracy_in_sentence, most_confused, similar_order
from fmnist_core.dataset import CLASS_COUNT
from fmnist_core.runs import Run, RunUnreadable
from ui.components.confusion_matrix import matrix_table
from ui.errors import show_error
from ui.mistakes.classes import confusion_sentence
from ui.mistakes.gallery_view import filtered_images, show_gallery
from ui.mistakes.image_detail import show_image
from ui.mistakes.predictions import RunPredictions, load_predictions
from ui.mistakes.view_state import (
    CLASS_ORDER,
    CLASS_ORDERS,
    EPOCH,
    SCALE,
    SCALES,
    SELECTION,
    STATE,
    ViewState,
    view_state,
)
from ui.parts import part


def show_matrix_view(run: Run) -> None:
    """The confusion matrix, and beside it the gallery or the open image."""
    state = view_state()
    predictions = load_predictions_or_result(run, state.epoch)
    last = len(predictions.matrices)
    if state.epoch is not None and (state.epoch > last or state.epoch == predictions.result_epoch):
        STATE.settle(EPOCH.to(None))
    st.markdown(summary(predictions))
    left, right = st.columns([1, 1], gap="large")
    with left, st.container(key="mistakes_matrix"):
        show_matrix(predictions, state)
    indices = filtered_images(predictions, state)
    with right, st.container(key="mistakes_selected"):
        if state.image_index is None:
            with part("mistakes.right.wall"):
                show_gallery(predictions, state, indices)
        else:
            with part("mistakes.right.picture"):
                show_image(predictions, state, indices, state.image_index)


def load_predictions_or_result(run: Run, epoch: int | None) -> RunPredictions:
    """The predictions after an epoch; the run's result where that epoch's file cannot be read."""
    try:
        return load_predictions(run, epoch)
    except RunUnreadable as error:
        if epoch is None:
            raise
        show_error(error, after="Its result is shown instead.")
        return load_predictions(run, None)


def summary(predictions: RunPredictions) -> str:
    """Accuracy and the most frequent confusion after the epoch, in words."""
    matrix = predictions.matrix
    correct, mistakes = int(np.trace(matrix)), int(matrix.sum() - np.trace(matrix))
    gets = "It gets" if predictions.is_result else f"After epoch {predictions.epoch} it gets"
    pairs = most_confused(matrix, 1)
    if pairs.empty:
        return f"{gets} all of the 10,000 test pictures right. There is no mistake to show."
    pair = pairs.iloc[0]
    confusion = confusion_sentence(pair["truth"], pair["predicted"], pair["images"], pair["total"])
    return (
        f"{gets} **{accuracy_in_sentence(correct / matrix.sum())}** of the 10,000 test pictures "
        f"right and **{mistakes:,}** wrong. "
        f"Most frequent confusion: {confusion[0].lower()}{confusion[1:]}."
    )


def show_matrix(predictions: RunPredictions, state: ViewState) -> None:
    """The confusion matrix with its epochs, scale and class order."""
    matrix_table(
        predictions.matrices,
        key="mistakes.matrix",
        scale=SCALE.value,
        order=np.arange(CLASS_COUNT)
        if CLASS_ORDER.value == "dataset"
        else similar_order(predictions.matrices[predictions.result_epoch - 1]),
        selection=state.selection,
        epoch=predictions.epoch,
        on_pick=SELECTION.set,
        on_epoch=lambda epoch: go_to_epoch(epoch, predictions.result_epoch),
        leads_to="mistakes_selected",
    )
    with st.container(horizontal=True, vertical_alignment="center", key="mistakes_scales"):
        SCALE.choose("Show", tuple(SCALES), words=SCALES)
        CLASS_ORDER.choose("Ordered by", tuple(CLASS_ORDERS), words=CLASS_ORDERS)
    st.caption(matrix_note(predictions))


def matrix_note(predictions: RunPredictions) -> str:
    """How to use the matrix, and what its epochs do not show, in sentences."""
    note = "Click a cell or a name to see its pictures; with Shift, several cells."
    if CLASS_ORDER.value == "similar":
        note += " Classes that the network takes for each other stand together."
    if not len(predictions.predicted_by_epoch):
        note += " This run kept only its last answers, so there is no way back through its epochs."
    elif len(predictions.predicted_by_epoch) == 1:
        note += " It trained for one epoch, so there is nothing to play."
    if predictions.result_epoch < len(predictions.matrices):
        note += (
            f" It kept the network of epoch {predictions.result_epoch}, the best by validation "
            "loss."
        )
    return note


def go_to_epoch(epoch: int, result_epoch: int) -> None:
    """Show the predictions after an epoch; the run's result needs no parameter in the address."""
    EPOCH.set(None if epoch == result_epoch else epoch)
