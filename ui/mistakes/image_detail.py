"""One misclassified image: label, prediction, probabilities and the way through the list."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.dataset import CLASS_NAMES
from fmnist_core.figures.probabilities import probability_bars
from ui.components.acts import in_order
from ui.components.chart import chart
from ui.components.gallery import Tile, gallery
from ui.components.steps import steps
from ui.mistakes.annotations import show_annotation
from ui.mistakes.gallery_view import back_to_gallery
from ui.mistakes.image_history import show_history, show_neighbours, show_other_runs
from ui.mistakes.predictions import RunPredictions
from ui.mistakes.saliency import show_saliency
from ui.mistakes.view_state import (
    IMAGE,
    IMAGE_PANEL,
    IMAGE_PANELS,
    ORDER,
    PAGE,
    SIMILAR_TO,
    STATE,
    ViewState,
    gallery_heading,
)
from ui.parts import part


def show_image(
    predictions: RunPredictions, now: ViewState, numbers: NDArray[np.int64], picture: int
) -> None:
    """One picture large, with the way back to the wall and to its neighbours there."""
    st.subheader(gallery_heading(len(numbers), now.image_filter), anchor=False)
    show_steps(numbers, picture)
    label, answer = int(predictions.labels[picture]), int(predictions.predicted[picture])
    probabilities = predictions.probabilities[picture]
    with st.container(border=True, key="mistakes_picture"):
        st.markdown(summary(label, answer, float(probabilities[answer])))
        one, two = st.columns([2, 3], vertical_alignment="center")
        with one:
            gallery(
                [Tile("test", picture, CLASS_NAMES[label], caption=f"Test picture {picture}")],
                predictions.data.test_images[picture][None],
                key="mistakes.large",
                size="huge",
                reveal=picture,
            )
        with two:
            chart(
                probability_bars(probabilities, label),
                key="mistakes.probabilities",
                height=300,
                label=f"Probabilities of the ten classes for test picture {picture}",
            )
    st.button(
        "Show the wall by similarity to it",
        icon=":material/sort:",
        type="tertiary",
        key=f"mistakes.similar.{picture}",
        on_click=in_order(STATE.change),
        args=(ORDER.to("similar"), SIMILAR_TO.to(picture), IMAGE.to(None), PAGE.to(1)),
    )
    show_image_panel(predictions, picture)


def show_image_panel(predictions: RunPredictions, picture: int) -> None:
    """One of the views below the picture; only the open one is computed."""
    IMAGE_PANEL.choose("About this picture", tuple(IMAGE_PANELS), words=IMAGE_PANELS)
    view = IMAGE_PANEL.value
    with part(f"mistakes.about.{view}"):
        {
            "epochs": show_history,
            "sight": show_saliency,
            "nearest": show_neighbours,
            "others": show_other_runs,
            "notes": show_annotation,
        }[view](predictions, picture)


def summary(label: int, answer: int, confidence: float) -> str:
    """What it is and what it was called."""
    if label == answer:
        return f"A **{CLASS_NAMES[label]}**, and rightly named with {100 * confidence:.1f} %."
    return (
        f"Labelled **{CLASS_NAMES[label]}**, called **{CLASS_NAMES[answer]}** "
        f"with {100 * confidence:.1f} %."
    )


def show_steps(numbers: NDArray[np.int64], picture: int) -> None:
    """Back, and to the pictures before and after on the wall."""
    steps(
        numbers,
        picture,
        key="mistakes.steps",
        on_step=IMAGE.set,
        on_back=lambda left: back_to_gallery(numbers, left),
        elsewhere="Not among the chosen pictures.",
    )
