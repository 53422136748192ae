"""The gallery of Mistakes: sorted, filtered, on pages, to download."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Literal

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit.delta_generator import DeltaGenerator

from fmnist_core.analysis.filters import CORRECTNESS, Order, Selection, filter_images, sort_images
from fmnist_core.analysis.neighbours import pixel_distances
from fmnist_core.annotations import CAUSE_LABELS, Annotation
from fmnist_core.dataset import CLASS_COUNT, CLASS_NAMES, CLASS_NOUNS
from fmnist_core.export.tables import predictions_csv
from fmnist_core.images import sprite
from ui.components.acts import in_order
from ui.components.choice import choice
from ui.components.gallery import Tile, gallery
from ui.components.jump import jump
from ui.formatting import confidence_text
from ui.mistakes.predictions import RunPredictions
from ui.mistakes.view_state import (
    CONFIDENCE,
    IMAGE,
    ORDER,
    OUTCOME,
    PAGE,
    SELECTION,
    STATE,
    ViewState,
    default_outcome,
    gallery_heading,
)
from ui.pager import pages_of
from ui.services import annotation_store, dataset

PER_PAGE = 60
# Where the style sheet does not know it, a blank.
CAPTION_BREAK = "\n"
ALL = "All classes"
_ANY = -1
SHEET_COLUMNS = 20
_CLOSED = "mistakes.closed"
ORDER_LABELS: dict[Order, str] = {
    "confidence": "Most confident first",
    "margin": "Largest margin first",
    "loss": "Largest loss first",
    "forgotten": "Most often forgotten first",
    "similar": "Most similar first",
    "number": "By number",
}
ORDER_DESCRIPTIONS: dict[Order, str] = {
    "confidence": "The network's most confident answers come first.",
    "margin": "First come the answers that lead most over the label, or over the second answer "
    "where they are right.",
    "loss": "First come the pictures whose label the network found least likely.",
    "forgotten": "First come the pictures that were most often right after one epoch and wrong "
    "after the next.",
    "similar": "First come the pictures most similar to the chosen one, pixel by pixel.",
    "number": "In the order of the dataset.",
}
Side = Literal["truth", "predicted"]


def filtered_images(predictions: RunPredictions, state: ViewState) -> NDArray[np.int64]:
    """Indices of the test images in the gallery: filtered by the view state, in its order."""
    indices = filter_images(
        predictions.labels, predictions.predicted, predictions.probabilities, state.image_filter
    )
    forgotten = predictions.forgetting_counts if state.order == "forgotten" else None
    distances = None
    if state.order == "similar" and state.similar_to is not None:
        distances = distances_from(predictions.data.sha256, state.similar_to)
    return sort_images(
        indices, predictions.labels, predictions.probabilities, state.order, forgotten, distances
    )


@st.cache_data(show_spinner=False, max_entries=32)
def distances_from(sha256: str, image_index: int) -> NDArray[np.float64]:
    """Pixel distance (10000,) of every test image to one of them."""
    images = dataset().test_images
    return pixel_distances(np.asarray(images[image_index]), images)


def show_gallery(predictions: RunPredictions, state: ViewState, indices: NDArray[np.int64]) -> None:
    """The gallery: heading, filters, downloads and a page of images."""
    st.subheader(gallery_heading(len(indices), state.image_filter), anchor=False)
    with st.container(horizontal=True, vertical_alignment="center", key="mistakes_tools"):
        jump("Back to the matrix", to="mistakes_matrix", key="mistakes.to_matrix")
        show_filter(predictions, state)
        show_downloads(predictions, indices)
        if state.selection:
            st.button(
                "Show all mistakes",
                type="tertiary",
                on_click=in_order(SELECTION.set),
                args=(Selection(),),
            )
        else:
            st.empty()
    if not len(indices):
        st.info(empty_gallery_sentence(state))
        return
    visible_indices = indices[pages_of(len(indices), PER_PAGE, PAGE)]
    annotations = annotation_store().all()
    gallery(
        [tile(predictions, int(index), annotations.get(int(index))) for index in visible_indices],
        predictions.data.test_images[visible_indices],
        key="mistakes.gallery",
        size="large",
        reveal=st.session_state.pop(_CLOSED, None),
        on_click=lambda _, image_index: IMAGE.set(image_index),
    )
    st.caption(ORDER_DESCRIPTIONS[state.order])


def back_to_gallery(indices: NDArray[np.int64], image_index: int) -> None:
    """Close an image and go to its page of the gallery, scrolled to it."""
    st.session_state[_CLOSED] = image_index
    positions = np.flatnonzero(indices == image_index)
    page = int(positions[0]) // PER_PAGE + 1 if len(positions) else PAGE.value
    STATE.change(IMAGE.to(None), PAGE.to(page))


def tile(
    predictions: RunPredictions, image_index: int, annotation: Annotation | None = None
) -> Tile:
    """The tile of a test image: label, predicted class, confidence, annotation."""
    label, predicted = int(predictions.labels[image_index]), int(predictions.predicted[image_index])
    confidence = confidence_text(float(predictions.probabilities[image_index, predicted]))
    said = f"says {CLASS_NAMES[predicted]}{CAPTION_BREAK}"
    if predicted == label:
        name, caption = f"{CLASS_NAMES[label]}, right", f"{said}{confidence}, right"
        return with_annotation(Tile("test", image_index, name, caption, "right"), annotation)
    name = f"{CLASS_NAMES[label]}, taken for {CLASS_NAMES[predicted]}"
    return with_annotation(
        Tile("test", image_index, name, f"{said}{confidence}, wrong", "wrong"), annotation
    )


def with_annotation(tile: Tile, annotation: Annotation | None) -> Tile:
    """The tile with the annotation of its image in name and caption."""
    if annotation is None:
        return tile
    cause = CAUSE_LABELS.get(annotation.cause, "").lower()
    words = ", ".join(filter(None, [cause, *annotation.tags])) or "note"
    name = f"{tile.name}. {words}. {annotation.note}".rstrip(" .")
    return replace(tile, name=name, caption=f"{tile.caption}{CAPTION_BREAK}✎ {words}")


def show_class_lists(selection: Selection) -> None:
    """Two lists, label and prediction, that select a cell, a row or a column of the matrix."""
    left, right = st.columns(2)
    lists: tuple[tuple[DeltaGenerator, str, Side], ...] = (
        (left, "It is", "truth"),
        (right, "It says", "predicted"),
    )
    for column, label, side in lists:
        with column:
            choice(
                label,
                range(-1, CLASS_COUNT),
                _ANY if (value := getattr(selection, side)) is None else value,
                key=f"mistakes.list.{side}",
                on_choose=partial(select_class, side),
                words=lambda value: ALL if value == _ANY else CLASS_NAMES[value],
                look="list",
                show_label=True,
            )


def select_class(side: Side, class_id: int) -> None:
    """Select a class in one of the two lists and keep the other; ``_ANY`` lets it go."""
    selection, chosen_class = SELECTION.value, None if class_id == _ANY else class_id
    if side == "truth":
        SELECTION.set(Selection(chosen_class, selection.predicted))
    else:
        SELECTION.set(Selection(selection.truth, chosen_class))


def show_filter(predictions: RunPredictions, state: ViewState) -> None:
    """Sort order and filters by class, outcome and confidence, in a pop-over."""
    filtered = state.outcome != default_outcome(state.selection) or (state.low, state.high) != (
        0,
        100,
    )
    with st.popover("Sort and filter" + " •" * filtered, icon=":material/tune:"):
        show_class_lists(state.selection)
        available = [
            order
            for order in ORDER_LABELS
            if (order != "forgotten" or len(predictions.predicted_by_epoch) > 1)
            and (order != "similar" or state.similar_to is not None)
        ]
        ORDER.choose(
            "Sorted",
            available,
            state.order if state.order in available else available[0],
            words=lambda order: order_label(order, state.similar_to),
            look="list",
            show_label=True,
        )
        OUTCOME.choose("Answers", CORRECTNESS, state.outcome, words=str.capitalize, show_label=True)
        st.slider("Confidence, in %", 0, 100, **CONFIDENCE.widget())


def order_label(order: Order, similar_to: int | None) -> str:
    """The label of a sort order; the one by similarity names its image."""
    return (
        f"Most similar to picture {similar_to} first" if order == "similar" else ORDER_LABELS[order]
    )


def show_downloads(predictions: RunPredictions, indices: NDArray[np.int64]) -> None:
    """Downloads of the filtered images: a CSV table and a PNG sheet."""
    with st.popover("Download", icon=":material/download:", disabled=not len(indices)):
        name = f"mistakes-{predictions.run.id[:6]}-epoch-{predictions.epoch}"
        st.download_button(
            f"Table of {len(indices):,} pictures (CSV)",
            lambda: predictions_csv(
                indices, predictions.labels, predictions.predicted, predictions.probabilities
            ),
            f"{name}.csv",
            "text/csv",
            on_click="ignore",
        )
        st.download_button(
            f"Sheet of {len(indices):,} pictures (PNG)",
            lambda: sprite(predictions.data.test_images[indices], SHEET_COLUMNS, invert=True),
            f"{name}.png",
            "image/png",
            on_click="ignore",
        )


def empty_gallery_sentence(state: ViewState) -> str:
    """Why the gallery is empty, in a sentence."""
    if state.image_filter != state.image_filter._replace(low=0, high=100):
        return "No picture lies between these confidences. Widen the range in **Sort and filter**."
    if not state.selection and state.outcome == "wrong":
        return "It gets every picture right: there is no mistake to show."
    selection = state.selection
    if selection.truth is not None and selection.predicted is None and state.outcome == "wrong":
        return f"It gets all {CLASS_NOUNS[selection.truth].many} right."
    return "No picture falls into this cell. Choose another one."
