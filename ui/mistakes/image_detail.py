"""One misclassified image: label, prediction, probabilities and the way through the list."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.dataset import CLASS_NAMES
from fmnist_core.figures.probabilities import probability_bars
from fmnist_core.runs import Run
from ui.components.acts import in_order
from ui.components.chart import chart
from ui.components.gallery import Tile, gallery
from ui.components.steps import steps
from ui.formatting import answer_text
from ui.mistakes.annotations import show_annotation, show_cause_buttons
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
from ui.navigation import page
from ui.parts import part


def show_image(
    predictions: RunPredictions, state: ViewState, indices: NDArray[np.int64], image_index: int
) -> None:
    """One image large, its prediction and probabilities, and the steps through the gallery."""
    label, predicted = int(predictions.labels[image_index]), int(predictions.predicted[image_index])
    probabilities = predictions.probabilities[image_index]
    st.subheader(answer_text(label, predicted, float(probabilities[predicted])), anchor=False)
    show_steps(state, indices, image_index)
    with st.container(border=True, key="mistakes_picture"):
        left, right = st.columns([2, 3], vertical_alignment="center")
        with left:
            gallery(
                [
                    Tile(
                        "test",
                        image_index,
                        CLASS_NAMES[label],
                        caption=f"Test picture {image_index}",
                    )
                ],
                predictions.data.test_images[image_index][None],
                key="mistakes.large",
                size="huge",
                reveal=image_index,
            )
        with right:
            chart(
                probability_bars(probabilities, label),
                key="mistakes.probabilities",
                height=300,
                label=f"Probabilities of the ten classes for test picture {image_index}",
            )
        show_cause_buttons("test", image_index)
    if predictions.run.network_problem is None:
        show_ways_on(predictions.run, state, image_index, is_wrong=label != predicted)
    show_image_panel(predictions, image_index)
    st.button(
        "Sort the gallery by similarity to it",
        icon=":material/sort:",
        type="tertiary",
        key=f"mistakes.similar.{image_index}",
        on_click=in_order(STATE.change),
        args=(ORDER.to("similar"), SIMILAR_TO.to(image_index), IMAGE.to(None), PAGE.to(1)),
    )


def show_ways_on(run: Run, state: ViewState, image_index: int, is_wrong: bool) -> None:
    """The ways on with the image: into the network, and to where it can be changed."""
    address = {"run": run.id, "picture": str(image_index)}
    if state.epoch is not None:
        address["epoch"] = str(state.epoch)
    with st.container(horizontal=True):
        st.page_link(page("inside"), label="Look inside with this picture", query_params=address)
        st.page_link(
            page("try"),
            label="Fix it: change it until the answer is right" if is_wrong else "Change it",
            query_params={"runs": run.id, "picture": f"test-{image_index}"},
        )


def show_image_panel(predictions: RunPredictions, image_index: int) -> None:
    """The open panel below the image; only this one is computed."""
    IMAGE_PANEL.choose("About this picture", tuple(IMAGE_PANELS), words=IMAGE_PANELS)
    panel = IMAGE_PANEL.value
    with part(f"mistakes.about.{panel}"):
        {
            "epochs": show_history,
            "sight": show_saliency,
            "nearest": show_neighbours,
            "others": show_other_runs,
            "notes": show_annotation,
        }[panel](predictions, image_index)


def show_steps(state: ViewState, indices: NDArray[np.int64], image_index: int) -> None:
    """Steps back to the gallery, and to the images before and after this one in it."""
    # "5 of 109 shirts taken for T-shirt/top"
    heading = gallery_heading(len(indices), state.image_filter).removeprefix("All ")
    steps(
        indices,
        image_index,
        key="mistakes.steps",
        on_step=IMAGE.set,
        on_back=lambda left_index: back_to_gallery(indices, left_index),
        where=heading.partition(" ")[2],
        elsewhere="Not among the pictures of the gallery.",
    )
