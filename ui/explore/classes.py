"""The ten classes: average images, typical ones, and where two classes differ."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.analysis.image_statistics import lookalike_matrix
from fmnist_core.dataset import CLASS_NAMES, Dataset
from fmnist_core.figures.classes import difference_map, intensity_histogram, lookalike_bars
from ui.components.chart import chart
from ui.components.gallery import Tile, gallery
from ui.explore.cache import intensities_of, moments_of, neighbourhoods_now, ordered, statistics_of
from ui.explore.sheet import show_one_class
from ui.explore.view_state import (
    KIND,
    KINDS,
    ONE_CLASS,
    OTHER_CLASS,
    SPLITS,
    ViewState,
    open_picture,
)
from ui.theme import is_dark

SHIRT, COAT = 6, 4
EXTREMES = 12
LOOKALIKES_HEIGHT = 420


def show_classes(data: Dataset, now: ViewState) -> None:
    """All ten, then one of them, then two against each other, then why some are hard."""
    number = SHIRT if ONE_CLASS.value is None else ONE_CLASS.value
    show_averages(now, number)
    show_one_class(number)
    show_one(data, now, number)
    show_pair(now, number)
    show_lookalikes(data)


def show_averages(now: ViewState, chosen: int) -> None:
    """The average picture of each class, or how much its pictures vary."""
    st.subheader("Ten classes at a glance", anchor=False)
    KIND.choose("Show of each pixel", tuple(KINDS), words=KINDS)
    kind = KIND.value
    counts, means, deviations = moments_of(now.split)
    # A pixel that is 0 half of the time and 255 otherwise deviates most, by 127.5.
    shown = means if kind == "mean" else 2 * deviations
    gallery(
        [
            Tile(
                now.split,
                number,
                f"{KINDS[kind]} of {CLASS_NAMES[number]}, {counts[number]:,} pictures",
                caption=CLASS_NAMES[number],
            )
            for number in range(10)
        ],
        np.rint(np.clip(shown, 0, 255)).astype(np.uint8),
        key="explore.averages",
        size="large",
        selected=chosen,
        on_click=lambda _, number: ONE_CLASS.set(number),
    )
    each = f"{counts[0]:,}" if len(set(counts.tolist())) == 1 else "about as many"
    text = (
        "Each is the mean of all its pictures: what stays sharp is alike in most of them."
        if kind == "mean"
        else "The standard deviation of each pixel: strong where the pictures of a class differ, "
        "blank where they agree."
    )
    st.caption(f"{each} {SPLITS[now.split].lower()} pictures of each class. {text}")


def show_one(data: Dataset, now: ViewState, number: int) -> None:
    """One class: numbers, brightness, the most typical and the oddest."""
    labels = np.asarray(data.labels(now.split))
    measured, of_class = statistics_of(now.split), labels == number
    shares = intensities_of(now.split, number)
    st.header(CLASS_NAMES[number], anchor=False)
    one, two = st.columns([2, 3], gap="large")
    with one:
        with st.container(horizontal=True):
            st.metric("Training pictures", f"{moments_of('train').counts[number]:,}")
            st.metric("Test pictures", f"{moments_of('test').counts[number]:,}")
            st.metric("Ink", f"{measured.foreground_pixels[of_class].mean():.0f} of 784 px")
            st.metric("Brightness", f"{measured.brightness[of_class].mean():.0f} of 255")
        chart(
            intensity_histogram(shares, number, is_dark()),
            key="explore.intensities",
            height=250,
            label=f"How bright the pixels of class {CLASS_NAMES[number]} are",
        )
        st.caption(
            f"{100 * shares[0]:.0f} % of its pixels are blank (exactly 0) and not in the chart."
        )
    with two:
        show_extreme(data, now, ordered(now.split, (number,), "typical", 0, None), "Most typical")
        show_extreme(data, now, ordered(now.split, (number,), "odd", 0, None), "Oddest")


def show_extreme(data: Dataset, now: ViewState, numbers: NDArray[np.int64], words: str) -> None:
    """The first pictures of an order."""
    shown = numbers[:EXTREMES]
    st.markdown(f"**{words}**")
    gallery(
        [Tile(now.split, int(n), f"{CLASS_NAMES[data.labels(now.split)[n]]}") for n in shown],
        data.images(now.split)[shown],
        key=f"explore.extreme.{words}",
        on_click=open_picture,
    )


def show_pair(now: ViewState, number: int) -> None:
    """Where the averages of two classes differ."""
    usual = COAT if number != COAT else SHIRT
    other = usual if OTHER_CLASS.value is None else OTHER_CLASS.value
    st.subheader(f"Where do {CLASS_NAMES[number]} and {CLASS_NAMES[other]} differ?", anchor=False)
    OTHER_CLASS.choose(
        "Compare with",
        range(10),
        other,
        words=CLASS_NAMES.__getitem__,
        look="list",
        show_label=True,
        width=260,
    )
    means = moments_of(now.split).means
    one, two = st.columns([2, 3], gap="large", vertical_alignment="center")
    with one:
        gallery(
            [
                Tile(now.split, each, f"Average of {CLASS_NAMES[each]}", caption=CLASS_NAMES[each])
                for each in (number, other)
            ],
            np.rint(means[[number, other]]).astype(np.uint8),
            key="explore.pair",
            size="big",
            on_click=lambda _, number: ONE_CLASS.set(number),
        )
        st.markdown(pair_words(number, other, means))
    with two:
        chart(
            difference_map(
                means[number],
                means[other],
                (CLASS_NAMES[number], CLASS_NAMES[other]),
                is_dark(),
            ),
            key="explore.difference",
            height=360,
            label=f"Difference of the average {CLASS_NAMES[number]} and {CLASS_NAMES[other]}",
        )


def pair_words(number: int, other: int, means: NDArray[np.float64]) -> str:
    """What the colours mean and how far apart the two averages are, among all pairs."""
    if number == other:
        return "A class does not differ from itself. Choose another one."
    gaps = np.sqrt(((means[:, None] - means[None]) ** 2).mean(axis=(2, 3)))
    pairs = np.sort(gaps[np.triu_indices(10, 1)])
    place = int(np.searchsorted(pairs, gaps[number, other])) + 1
    rank = {1: "the closest", 2: "the second closest", 3: "the third closest"}
    project = rank.get(place, f"number {place} when the closest comes first")
    return (
        f"**Orange**: more ink in *{CLASS_NAMES[number]}*. **Blue**: more ink in "
        f"*{CLASS_NAMES[other]}*.\n\n"
        f"Of the 45 pairs of classes, their averages are **{project}**: a pixel differs by "
        f"{100 * gaps[number, other] / 255:.0f} %."
    )


def show_lookalikes(data: Dataset) -> None:
    """For each class, whether the nearest training picture has the same label."""
    st.subheader("Why are shirts hard?", anchor=False)
    known = neighbourhoods_now(height=LOOKALIKES_HEIGHT)
    if known is None:
        return
    matrix = lookalike_matrix(
        np.asarray(data.test_labels), known["twin_test"], np.asarray(data.train_labels)
    )
    chart(
        lookalike_bars(matrix, is_dark()),
        key="explore.lookalikes",
        height=LOOKALIKES_HEIGHT,
        label="For each class, how often the nearest training picture has the same label",
    )
    st.markdown(lookalike_words(matrix))


def lookalike_words(matrix: NDArray[np.int64]) -> str:
    """The hardest class by its look-alikes, in words."""
    shares = matrix / np.maximum(1, matrix.sum(axis=1, keepdims=True))
    hardest = int(np.diag(shares).argmin())
    easiest = int(np.diag(shares).argmax())
    others = shares[hardest].copy()
    others[hardest] = -1
    rivals = np.argsort(-others, kind="stable")[:3]
    named = ", ".join(f"{100 * others[each]:.0f} % *{CLASS_NAMES[each]}*" for each in rivals)
    return (
        f"Take each test picture and look for the training picture most like it, pixel by pixel. "
        f"For a *{CLASS_NAMES[easiest]}* it has the same label {100 * shares[easiest, easiest]:.0f}"
        f" % of the time. For a **{CLASS_NAMES[hardest]}** only "
        f"**{100 * shares[hardest, hardest]:.0f} %** of the time: the look-alike is labelled "
        f"{named}. At 28 × 28 grey pixels, the buttons and the collar that tell them apart are one "
        "or two pixels wide. No network can be sure where the pictures themselves are not."
    )
