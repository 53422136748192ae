"""The ten classes: average images, typical ones, and where two classes differ."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.analysis.image_statistics import lookalike_matrix
from fmnist_core.dataset import CLASS_COUNT, CLASS_NAMES, Dataset
from fmnist_core.figures.classes import difference_map, intensity_histogram, lookalike_bars
from ui.components.chart import chart
from ui.components.gallery import Tile, gallery
from ui.explore.cache import (
    intensities_of,
    moments_of,
    neighbourhoods_or_progress,
    ordered_images,
    statistics_of,
)
from ui.explore.sheet import SHIRT, show_class_choice
from ui.explore.view_state import (
    AVERAGE_KIND,
    AVERAGE_KINDS,
    COMPARED_CLASS,
    SELECTED_CLASS,
    SPLITS,
    ViewState,
    open_image,
)
from ui.theme import is_dark

COAT = 4
EXTREME_COUNT = 12
SIMILAR_HEIGHT = 420


def show_classes(data: Dataset, state: ViewState) -> None:
    """All ten classes, then one of them, then a pair, then why some are hard."""
    class_id = SHIRT if SELECTED_CLASS.value is None else SELECTED_CLASS.value
    show_class_averages(state, class_id)
    show_class_choice(class_id)
    show_class(data, state, class_id)
    show_class_pair(state, class_id)
    show_lookalikes(data)


def show_class_averages(state: ViewState, selected_id: int) -> None:
    """Mean image of each class, or standard deviation of its pixels."""
    st.subheader("Ten classes at a glance", anchor=False)
    AVERAGE_KIND.choose("Show of each pixel", tuple(AVERAGE_KINDS), words=AVERAGE_KINDS)
    kind = AVERAGE_KIND.value
    counts, means, deviations = moments_of(state.split)
    # A pixel that is 0 half of the time and 255 otherwise deviates most, by 127.5.
    images = means if kind == "mean" else 2 * deviations
    gallery(
        [
            Tile(
                state.split,
                class_id,
                f"{AVERAGE_KINDS[kind]} of {CLASS_NAMES[class_id]}, {counts[class_id]:,} pictures",
                caption=CLASS_NAMES[class_id],
            )
            for class_id in range(CLASS_COUNT)
        ],
        np.rint(np.clip(images, 0, 255)).astype(np.uint8),
        key="explore.averages",
        size="large",
        selected=selected_id,
        on_click=lambda _, class_id: SELECTED_CLASS.set(class_id),
    )
    count_text = f"{counts[0]:,}" if len(set(counts.tolist())) == 1 else "about as many"
    text = (
        "Each is the mean of all its pictures: what stays sharp is the same in most of them."
        if kind == "mean"
        else "The standard deviation of each pixel: strong where the pictures of a class differ, "
        "blank where they agree."
    )
    st.caption(f"{count_text} {SPLITS[state.split].lower()} pictures of each class. {text}")


def show_class(data: Dataset, state: ViewState, class_id: int) -> None:
    """One class: image statistics, intensity histogram, most and least typical images."""
    labels = np.asarray(data.labels(state.split))
    statistics, in_class = statistics_of(state.split), labels == class_id
    shares = intensities_of(state.split, class_id)
    st.header(CLASS_NAMES[class_id], anchor=False)
    left, right = st.columns([2, 3], gap="large")
    with left:
        with st.container(horizontal=True):
            st.metric("Training pictures", f"{moments_of('train').counts[class_id]:,}")
            st.metric("Test pictures", f"{moments_of('test').counts[class_id]:,}")
            st.metric(
                "Pixels not blank", f"{statistics.foreground_pixels[in_class].mean():.0f} of 784"
            )
            st.metric("Brightness", f"{statistics.brightness[in_class].mean():.0f} of 255")
        chart(
            intensity_histogram(shares, class_id, is_dark()),
            key="explore.intensities",
            height=250,
            label=f"How bright the pixels of class {CLASS_NAMES[class_id]} are",
        )
        st.caption(
            f"{100 * shares[0]:.0f} % of its pixels are blank (exactly 0) and not in the chart."
        )
    with right:
        typical = ordered_images(state.split, (class_id,), "typical", 0, None)
        show_extremes(data, state, typical, "Most typical")
        unusual = ordered_images(state.split, (class_id,), "odd", 0, None)
        show_extremes(data, state, unusual, "Most unusual")


def show_extremes(data: Dataset, state: ViewState, indices: NDArray[np.int64], title: str) -> None:
    """The first images of a sort order."""
    visible_indices = indices[:EXTREME_COUNT]
    st.markdown(f"**{title}**")
    gallery(
        [
            Tile(state.split, int(index), CLASS_NAMES[data.labels(state.split)[index]])
            for index in visible_indices
        ],
        data.images(state.split)[visible_indices],
        key=f"explore.extreme.{title}",
        on_click=open_image,
    )


def show_class_pair(state: ViewState, class_id: int) -> None:
    """Difference of the mean images of two classes."""
    default_id = COAT if class_id != COAT else SHIRT
    compared_id = default_id if COMPARED_CLASS.value is None else COMPARED_CLASS.value
    names = CLASS_NAMES[class_id], CLASS_NAMES[compared_id]
    st.subheader(f"Where do {names[0]} and {names[1]} differ?", anchor=False)
    COMPARED_CLASS.choose(
        "Compare with",
        range(CLASS_COUNT),
        compared_id,
        words=CLASS_NAMES.__getitem__,
        look="list",
        show_label=True,
        width=260,
    )
    means = moments_of(state.split).means
    left, right = st.columns([2, 3], gap="large", vertical_alignment="center")
    with left:
        gallery(
            [
                Tile(
                    state.split,
                    member,
                    f"Average of {CLASS_NAMES[member]}",
                    caption=CLASS_NAMES[member],
                )
                for member in (class_id, compared_id)
            ],
            np.rint(means[[class_id, compared_id]]).astype(np.uint8),
            key="explore.pair",
            size="big",
            on_click=lambda _, class_id: SELECTED_CLASS.set(class_id),
        )
        st.markdown(class_pair_sentence(class_id, compared_id, means))
    with right:
        chart(
            difference_map(
                means[class_id],
                means[compared_id],
                names,
                is_dark(),
            ),
            key="explore.difference",
            height=360,
            label=f"Difference of the average {names[0]} and {names[1]}",
        )


def class_pair_sentence(class_id: int, compared_id: int, means: NDArray[np.float64]) -> str:
    """Distance of the means (10, 28, 28) of two classes among all pairs, in sentences."""
    if class_id == compared_id:
        return "A class does not differ from itself. Choose another one."
    distances = np.sqrt(((means[:, None] - means[None]) ** 2).mean(axis=(2, 3)))
    pairs = np.sort(distances[np.triu_indices(CLASS_COUNT, 1)])
    rank = int(np.searchsorted(pairs, distances[class_id, compared_id])) + 1
    rank_names = {1: "the closest", 2: "the second closest", 3: "the third closest"}
    rank_text = rank_names.get(rank, f"number {rank} when the closest comes first")
    return (
        f"**Orange**: more ink in *{CLASS_NAMES[class_id]}*. **Blue**: more ink in "
        f"*{CLASS_NAMES[compared_id]}*.\n\n"
        f"Of the 45 pairs of classes, their averages are **{rank_text}**: a pixel differs by "
        f"{100 * distances[class_id, compared_id] / 255:.0f} %."
    )


def show_lookalikes(data: Dataset) -> None:
    """How often the nearest training image of a test image has the same label, by class."""
    st.subheader("Why are shirts hard?", anchor=False)
    knn_arrays = neighbourhoods_or_progress(height=SIMILAR_HEIGHT)
    if knn_arrays is None:
        return
    matrix = lookalike_matrix(
        np.asarray(data.test_labels), knn_arrays["twin_test"], np.asarray(data.train_labels)
    )
    chart(
        lookalike_bars(matrix, is_dark()),
        key="explore.lookalikes",
        height=SIMILAR_HEIGHT,
        label="For each class, how often the most similar training picture has the same label",
    )
    st.markdown(lookalike_sentence(matrix))


def lookalike_sentence(matrix: NDArray[np.int64]) -> str:
    """The class that nearest neighbours confuse most, in sentences.

    Args:
        matrix: (10, 10) test images by label and by label of the nearest training image.
    """
    shares = matrix / np.maximum(1, matrix.sum(axis=1, keepdims=True))
    hardest = int(np.diag(shares).argmin())
    easiest = int(np.diag(shares).argmax())
    other_shares = shares[hardest].copy()
    other_shares[hardest] = -1
    rivals = np.argsort(-other_shares, kind="stable")[:3]
    rival_text = ", ".join(
        f"{100 * other_shares[rival]:.0f} % *{CLASS_NAMES[rival]}*" for rival in rivals
    )
    return (
        f"For each test picture, find the training picture that is most similar to it, pixel by "
        f"pixel. For a *{CLASS_NAMES[easiest]}* it has the same label "
        f"{100 * shares[easiest, easiest]:.0f} % of the time. For a **{CLASS_NAMES[hardest]}** "
        f"only **{100 * shares[hardest, hardest]:.0f} %** of the time: the similar one is labelled "
        f"{rival_text}. At 28 × 28 grey pixels, the buttons and the collar that tell them apart "
        "are one or two pixels wide. No network can be sure where the pictures themselves are not."
    )
