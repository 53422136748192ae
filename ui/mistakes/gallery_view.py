"""The gallery of Mistakes: sorted, filtered, on pages, to download."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Literal

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit.delta_generator import DeltaGenerator

from fmnist_core.analysis.filters import ANSWERS, Order, Selection, arrange, image_filter
from fmnist_core.analysis.neighbours import pixel_distances
from fmnist_core.annotations import Annotation
from fmnist_core.dataset import CLASS_NAMES
from fmnist_core.export.tables import predictions_csv
from fmnist_core.images import sprite
from ui.components.acts import in_order
from ui.components.choice import choice
from ui.components.gallery import Tile, gallery
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
ALL = "All classes"
_ANY = -1
SHEET_COLUMNS = 20
_CLOSED = "mistakes.closed"
ORDER_LABELS: dict[Order, str] = {
    "confidence": "Most sure first",
    "margin": "Largest lead first",
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
    "forgotten": "First come the pictures that were most often named rightly after one epoch and "
    "wrongly after the next.",
    "similar": "First come the pictures most similar to the chosen one, pixel by pixel.",
    "number": "In the order of the dataset.",
}
Side = Literal["truth", "predicted"]


def filtered_images(predictions: RunPredictions, now: ViewState) -> NDArray[np.int64]:
    """The numbers of the pictures on the wall, in its order."""
    numbers = image_filter(
        predictions.labels, predictions.predicted, predictions.probabilities, now.image_filter
    )
    forgotten = predictions.forgetting_counts if now.order == "forgotten" else None
    distances = None
    if now.order == "similar" and now.like is not None:
        distances = distances_from(predictions.data.sha256, now.like)
    return arrange(
        numbers, predictions.labels, predictions.probabilities, now.order, forgotten, distances
    )


@st.cache_data(show_spinner=False, max_entries=32)
def distances_from(sha256: str, picture: int) -> NDArray[np.float64]:
    """How far every test picture is from one of them."""
    images = dataset().test_images
    return pixel_distances(np.asarray(images[picture]), images)


def show_gallery(predictions: RunPredictions, now: ViewState, numbers: NDArray[np.int64]) -> None:
    """The heading, what can be changed, and a page of pictures."""
    st.subheader(gallery_heading(len(numbers), now.image_filter), anchor=False)
    show_class_lists(now.selection)
    with st.container(horizontal=True, vertical_alignment="center"):
        show_filter(predictions, now)
        show_downloads(predictions, numbers)
        if now.selection:
            st.button(
                "Show all mistakes",
                type="tertiary",
                on_click=in_order(SELECTION.set),
                args=(Selection(),),
            )
        else:
            st.empty()
    if not len(numbers):
        st.info(empty_gallery_sentence(now))
        return
    shown = numbers[pages_of(len(numbers), PER_PAGE, PAGE)]
    said = annotation_store().all()
    gallery(
        [tile(predictions, int(number), said.get(int(number))) for number in shown],
        predictions.data.test_images[shown],
        key="mistakes.gallery",
        reveal=st.session_state.pop(_CLOSED, None),
        on_click=lambda _, picture: IMAGE.set(picture),
    )
    st.caption(ORDER_DESCRIPTIONS[now.order])


def back_to_gallery(numbers: NDArray[np.int64], picture: int) -> None:
    """Close a picture and stand before it on the wall, on the page where it hangs."""
    st.session_state[_CLOSED] = picture
    places = np.flatnonzero(numbers == picture)
    page = int(places[0]) // PER_PAGE + 1 if len(places) else PAGE.value
    STATE.change(IMAGE.to(None), PAGE.to(page))


def tile(predictions: RunPredictions, number: int, annotation: Annotation | None = None) -> Tile:
    """A picture with its label, its answer, how sure that was, and what was said about it."""
    label, answer = int(predictions.labels[number]), int(predictions.predicted[number])
    confidence = 100 * float(predictions.probabilities[number, answer])
    name = f"{CLASS_NAMES[label]}, called {CLASS_NAMES[answer]}"
    caption = f"{CLASS_NAMES[answer]} {confidence:.0f}\N{NO-BREAK SPACE}%"
    tone: Literal["right", "wrong"] = "right" if answer == label else "wrong"
    return with_annotation(Tile("test", number, name, caption, tone), annotation)


def with_annotation(shown: Tile, annotation: Annotation | None) -> Tile:
    """The tile with what was said about its picture."""
    if annotation is None:
        return shown
    said = ", ".join(filter(None, [annotation.cause, *annotation.tags])) or "note"
    name = f"{shown.name}. {said}. {annotation.note}".rstrip(" .")
    return replace(shown, name=name, caption=f"{shown.caption} · ✎ {said}")


def show_class_lists(selection: Selection) -> None:
    """Two lists that choose a cell, a row or a column without the matrix."""
    one, two = st.columns(2)
    lists: tuple[tuple[DeltaGenerator, str, Side], ...] = (
        (one, "It is", "truth"),
        (two, "The network says", "predicted"),
    )
    for column, label, side in lists:
        with column:
            choice(
                label,
                range(-1, len(CLASS_NAMES)),
                _ANY if (value := getattr(selection, side)) is None else value,
                key=f"mistakes.list.{side}",
                on_choose=partial(select_class, side),
                words=lambda value: ALL if value == _ANY else CLASS_NAMES[value],
                look="list",
                show_label=True,
            )


def select_class(side: Side, value: int) -> None:
    """Look at what one list says, and at what the other one says already."""
    now, chosen = SELECTION.value, None if value == _ANY else value
    if side == "truth":
        SELECTION.set(Selection(chosen, now.predicted))
    else:
        SELECTION.set(Selection(now.truth, chosen))


def show_filter(predictions: RunPredictions, now: ViewState) -> None:
    """Order, answers and confidence, out of the way until they are wanted."""
    narrowed = now.answers != default_outcome(now.selection) or (now.low, now.high) != (0, 100)
    with st.popover("Sort and filter" + " •" * narrowed, icon=":material/tune:"):
        known = [
            order
            for order in ORDER_LABELS
            if (order != "forgotten" or len(predictions.predicted_by_epoch) > 1)
            and (order != "similar" or now.like is not None)
        ]
        ORDER.choose(
            "Sorted",
            known,
            now.order if now.order in known else known[0],
            words=lambda order: order_label(order, now.like),
            look="list",
            show_label=True,
        )
        OUTCOME.choose("Answers", ANSWERS, now.answers, words=str.capitalize, show_label=True)
        st.slider("How sure it was, in %", 0, 100, **CONFIDENCE.widget())


def order_label(order: Order, like: int | None) -> str:
    """What an order is called; one by similarity names its picture."""
    return f"Most similar to picture {like} first" if order == "similar" else ORDER_LABELS[order]


def show_downloads(predictions: RunPredictions, numbers: NDArray[np.int64]) -> None:
    """The chosen pictures as a table and as one picture."""
    with st.popover("Download", icon=":material/download:", disabled=not len(numbers)):
        name = f"mistakes-{predictions.run.id[:6]}-epoch-{predictions.epoch}"
        st.download_button(
            f"Table of {len(numbers):,} pictures (CSV)",
            lambda: predictions_csv(
                numbers, predictions.labels, predictions.predicted, predictions.probabilities
            ),
            f"{name}.csv",
            "text/csv",
            on_click="ignore",
        )
        st.download_button(
            f"Sheet of {len(numbers):,} pictures (PNG)",
            lambda: sprite(predictions.data.test_images[numbers], SHEET_COLUMNS, invert=True),
            f"{name}.png",
            "image/png",
            on_click="ignore",
        )


def empty_gallery_sentence(now: ViewState) -> str:
    """Why nothing is there."""
    if now.image_filter != now.image_filter._replace(low=0, high=100):
        return "No picture lies between these confidences. Widen the range in **Sort and filter**."
    if not now.selection and now.answers == "wrong":
        return "It names every picture rightly: there is no mistake to show."
    chosen = now.selection
    if chosen.truth is not None and chosen.predicted is None and now.answers == "wrong":
        return f"It names every picture of class {CLASS_NAMES[chosen.truth]} rightly."
    return "No picture falls into this cell. Choose another one."
