"""The confusion matrix on one side; on the other the images it counts, or one of them."""

from __future__ import annotations

import numpy as np
import streamlit as st

from fmnist_core.analysis.metrics import most_confused, one_in, similar_order
from fmnist_core.dataset import CLASS_NAMES
from fmnist_core.runs import Run, RunUnreadable
from ui.components.confusion_matrix import matrix_table
from ui.escape import plain
from ui.formatting import accuracy
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
    """Everything that a click in the matrix or on the wall changes, drawn together."""
    now = view_state()
    predictions = load_predictions_or_last(run, now.epoch)
    if now.epoch is not None and now.epoch >= len(predictions.matrices):
        STATE.settle(EPOCH.to(None))
    st.markdown(summary(predictions))
    left, right = st.columns([1, 1], gap="large")
    with left, st.container(key="mistakes_matrix"):
        show_matrix(predictions, now)
    numbers = filtered_images(predictions, now)
    with right:
        if now.picture is None:
            with part("mistakes.right.wall"):
                show_gallery(predictions, now, numbers)
        else:
            with part("mistakes.right.picture"):
                show_image(predictions, now, numbers, now.picture)


def load_predictions_or_last(run: Run, epoch: int | None) -> RunPredictions:
    """What is known after an epoch; after the last, where that epoch's file is lost."""
    try:
        return load_predictions(run, epoch)
    except RunUnreadable as error:
        if epoch is None:
            raise
        st.error(f"{plain(error)} The last epoch is shown instead.")
        return load_predictions(run, None)


def summary(predictions: RunPredictions) -> str:
    """How many it names rightly, and its most common mistake."""
    matrix = predictions.matrix
    right, wrong = int(np.trace(matrix)), int(matrix.sum() - np.trace(matrix))
    when = "" if predictions.is_last else f"After epoch {predictions.epoch} "
    it = "it names" if when else "It names"
    pairs = most_confused(matrix, 1)
    if pairs.empty:
        return f"{when}{it} all of the 10,000 test pictures rightly. There is no mistake to show."
    pair = pairs.iloc[0]
    share = one_in(pair["pictures"], pair["of"])
    verb = "is" if share.startswith("1 ") else "are"
    return (
        f"{when}{it} **{accuracy(right / matrix.sum())}** of the 10,000 test pictures rightly "
        f"and **{wrong:,}** wrongly. The most common mistake: "
        f"{share} pictures of class *{CLASS_NAMES[pair['truth']]}* {verb} called "
        f"*{CLASS_NAMES[pair['predicted']]}*."
    )


def show_matrix(predictions: RunPredictions, now: ViewState) -> None:
    """The matrix with what it shows, its order and its epochs."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        SCALE.choose("Show", tuple(SCALES), words=SCALES, show_label=True)
        CLASS_ORDER.choose(
            "Ordered by",
            tuple(CLASS_ORDERS),
            words=CLASS_ORDERS,
            show_label=True,
            help="By similarity, classes that the network takes for each other stand together.",
        )
    matrix_table(
        predictions.matrices,
        key="mistakes.matrix",
        scale=SCALE.value,
        order=np.arange(10)
        if CLASS_ORDER.value == "dataset"
        else similar_order(predictions.matrices[-1]),
        selection=now.selection,
        epoch=predictions.epoch,
        on_pick=SELECTION.set,
        on_epoch=lambda epoch: go_to_epoch(epoch, len(predictions.matrices)),
    )
    how = "Click a cell or a name to see its pictures, with Shift several cells."
    if not len(predictions.predicted_by_epoch):
        how += " This run kept only its last answers, so there is no way back through its epochs."
    elif len(predictions.predicted_by_epoch) == 1:
        how += " It trained for one epoch, so there is nothing to play."
    st.caption(f"{how} The stronger a colour, the more often the mistake.")


def go_to_epoch(epoch: int, last: int) -> None:
    """Look at the answers after another epoch; the last needs no place in the address."""
    EPOCH.set(None if epoch >= last else epoch)
