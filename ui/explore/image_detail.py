"""One image in detail: pixels, nearest neighbours, augmentation, what runs predict."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.analysis.near_duplicates import NEAR_DUPLICATE
from fmnist_core.analysis.neighbours import Neighbours
from fmnist_core.dataset import CLASS_NAMES, Dataset, Split
from fmnist_core.training.augmentation import augment
from ui.components.acts import in_order
from ui.components.gallery import Tile, gallery
from ui.components.pixel_view import pixel_reader
from ui.components.steps import steps
from ui.explore.cache import neighbours_of
from ui.explore.gallery_view import gallery_images
from ui.explore.image_card import typicality_sentence
from ui.explore.model_predictions import show_model_predictions
from ui.explore.sheet import sheet_class
from ui.explore.view_state import (
    AUGMENT_SEED,
    BACK,
    DETAIL,
    FLIP,
    HIGHEST_AUGMENT_SEED,
    IMAGE,
    IMAGE_PANEL,
    IMAGE_PANELS,
    LARGEST_SHIFT,
    SHIFT,
    SPLIT,
    SPLITS,
    STATE,
    TRAIL,
    ViewState,
    leave_detail,
    open_neighbour,
)
from ui.inspect.runs import any_openable
from ui.navigation import page
from ui.parts import part

NEAREST_COUNT = 12
AUGMENTED_COPIES = 18


def show_image_detail(data: Dataset, state: ViewState, image_index: int) -> None:
    """One image in detail: its pixels on the left, the open panel on the right."""
    indices, where, elsewhere = images_around(state)
    steps(
        indices,
        image_index,
        key="explore.steps",
        on_step=lambda index: STATE.change(SPLIT.to(state.split), IMAGE.to(index), TRAIL.to(())),
        # Not the picture that is left: another one may be asked for that is not drawn yet.
        on_back=lambda _: leave_detail(),
        back=BACK[state.view],
        where=where,
        elsewhere=elsewhere,
    )
    show_trail(data, state)
    image = np.asarray(data.images(state.split)[image_index])
    label = data.labels(state.split)[image_index]
    name = CLASS_NAMES[label]
    left, right = st.columns([2, 3], gap="large")
    with left:
        st.header(name, anchor=False)
        st.markdown(
            f"{SPLITS[state.split]} picture **{image_index:,}**, class {label}. "
            f"{typicality_sentence(data, state.split, image_index)}"
        )
        pixel_reader(
            image, f"{SPLITS[state.split]} picture {image_index}: {name}", key="explore.pixels"
        )
        st.caption(
            "Point at a pixel, or walk there with the arrow keys, to read its value. A network "
            "gets each value divided by 255, so that all lie between 0 and 1."
        )
        if any_openable():
            show_ways_on(state.split, image_index)
    with right:
        IMAGE_PANEL.choose("About this picture", tuple(IMAGE_PANELS), words=IMAGE_PANELS)
        panel = IMAGE_PANEL.value
        with part(f"explore.about.{panel}"):
            if panel == "alike":
                show_nearest_images(data, state, image_index)
            elif panel == "changed":
                show_augmented(state, image, image_index)
            else:
                show_model_predictions(data, state.split, image_index)


def show_ways_on(split: Split, image_index: int) -> None:
    """The ways on with the image: into a network, and to where it can be changed."""
    with st.container(horizontal=True):
        if split == "test":
            address = {"picture": str(image_index)}
            st.page_link(
                page("inside"), label="Look inside with this picture", query_params=address
            )
        address = {"picture": f"{split}-{image_index}"}
        st.page_link(page("try"), label="Change it", query_params=address)


def images_around(state: ViewState) -> tuple[NDArray[np.int64], str, str]:
    """The images that are stepped through from the open view, and what they are called.

    Returns:
        their indices in their order; what follows "5 of 60"; what stands there for another image.
    """
    if state.view == "gallery":
        return gallery_images(state, ask=False), "in the gallery", "Not in the gallery"
    if state.view == "sheet":
        in_class = replace(state, classes=(sheet_class(state),))
        return gallery_images(in_class, ask=False), "of this class", "Of another class"
    everything = replace(state, classes=(), order="number")
    return gallery_images(everything, ask=False), f"{SPLITS[state.split].lower()} pictures", ""


def show_trail(data: Dataset, state: ViewState) -> None:
    """Links back along the images by which the visitor came to this one."""
    if not state.trail:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="explore_trail"):
        st.caption("You came from")
        for position, (split, image_index) in enumerate(state.trail):
            name = CLASS_NAMES[data.labels(split)[image_index]]
            st.button(
                f"{name} · {SPLITS[split].lower()} {image_index:,}",
                key=f"explore.trail.{position}",
                type="tertiary",
                on_click=in_order(_walk_back),
                args=(state, position),
            )


def _walk_back(state: ViewState, position: int) -> None:
    split, image_index = state.trail[position]
    STATE.change(
        SPLIT.to(split), IMAGE.to(image_index), DETAIL.to(True), TRAIL.to(state.trail[:position])
    )


def show_nearest_images(data: Dataset, state: ViewState, image_index: int) -> None:
    """Nearest neighbours of an image in both splits; a click opens one."""
    neighbours: dict[Split, Neighbours] = {
        among: neighbours_of(state.split, image_index, among, NEAREST_COUNT) for among in SPLITS
    }
    label = int(data.labels(state.split)[image_index])
    show_near_duplicate(state.split, neighbours)
    for among in ("train", "test"):
        indices, distances = neighbours[among]
        labels = np.asarray(data.labels(among))[indices]
        same = int((labels == label).sum())
        st.markdown(
            f"**{SPLITS[among]} pictures** most similar to it: {same} of {len(indices)} are "
            f"labelled *{CLASS_NAMES[label]}* too."
        )
        gallery(
            [
                _neighbour_tile(among, int(index), int(neighbour_label), float(distance), label)
                for index, neighbour_label, distance in zip(indices, labels, distances, strict=True)
            ],
            data.images(among)[indices],
            key=f"explore.alike.{among}",
            on_click=open_neighbour,
        )
    st.caption(
        "Click one to see what is similar to it, and so on. The percentage is the difference "
        "between the two pictures: root mean square over all pixels, of the full range."
    )


def _neighbour_tile(
    split: Split, image_index: int, neighbour_label: int, distance: float, label: int
) -> Tile:
    name, percent = CLASS_NAMES[neighbour_label], f"{100 * distance / 255:.0f}"
    return Tile(
        split,
        image_index,
        f"{name}, differs by {percent} %",
        caption=f"{name}\n{percent} %",
        tone="right" if neighbour_label == label else "wrong",
    )


def show_near_duplicate(split: Split, neighbours: dict[Split, Neighbours]) -> None:
    """Warn of a near-duplicate of an image, and of leakage where it is in the other split."""
    for among in ("train", "test"):
        near_duplicates = neighbours[among].distances < NEAR_DUPLICATE
        if not near_duplicates.any():
            continue
        duplicate = f"{SPLITS[among].lower()} picture {int(neighbours[among].indices[0]):,}"
        if among == split:
            st.info(
                f"**{duplicate.capitalize()}** is nearly the same.", icon=":material/content_copy:"
            )
            continue
        meaning = (
            "A network that has memorised that one gets this one right without understanding it."
            if split == "test"
            else "A network that has memorised this one gets that one right without "
            "understanding it."
        )
        st.warning(
            f"**{duplicate.capitalize()}** is nearly the same, on the other side of the split. "
            f"{meaning} This is called *leakage*.",
            icon=":material/content_copy:",
        )


def show_augmented(state: ViewState, image: NDArray[np.uint8], image_index: int) -> None:
    """Augmented copies of an image, drawn by the code that training runs."""
    shift, flip, seed = SHIFT.value, FLIP.value, AUGMENT_SEED.value
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.slider(
            "Shift by up to … px",
            0,
            LARGEST_SHIFT,
            width=240,
            **SHIFT.widget(),
        )
        st.toggle("Mirror half of them", **FLIP.widget())
        st.button(
            "Shuffle",
            icon=":material/casino:",
            on_click=in_order(AUGMENT_SEED.set),
            args=((seed + 1) % (HIGHEST_AUGMENT_SEED + 1),),
        )
    copies = augment(
        np.repeat(image[None], AUGMENTED_COPIES, axis=0), shift, flip, np.random.default_rng(seed)
    )
    gallery(
        [
            Tile(state.split, image_index, f"changed copy {position + 1}")
            for position in range(AUGMENTED_COPIES)
        ],
        copies,
        key="explore.changed",
        size="large",
    )
    st.caption(
        "With augmentation a network hardly ever sees exactly the same picture twice, so it cannot "
        "memorise it. Training makes such copies with the same code. Switch it on under **Train**, "
        "*Data and augmentation*."
    )
