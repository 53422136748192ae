"""The gallery of Explore data: all images in any order, one of them beside it."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.analysis.sorting import FROM_NEIGHBOURHOODS, Order
from fmnist_core.dataset import CLASS_COUNT, CLASS_NAMES, Dataset
from ui.components.acts import in_order
from ui.components.choice import choice
from ui.components.gallery import Size, Tile, gallery
from ui.explore.cache import (
    cached_neighbourhoods,
    class_icon,
    neighbourhoods_or_progress,
    ordered_images,
)
from ui.explore.downloads import show_downloads
from ui.explore.image_card import show_image_card
from ui.explore.view_state import (
    CLASSES,
    HIGHEST_SEED,
    IMAGE,
    ORDER,
    PAGE,
    SEED,
    SIZE,
    SIZES,
    SPLIT,
    SPLITS,
    STATE,
    ViewState,
)
from ui.pager import pages_of
from ui.theme import is_dark

PER_PAGE: dict[Size, int] = {"small": 216, "medium": 96, "large": 48}
ORDER_LABELS: dict[Order, str] = {
    "number": "By number",
    "shuffled": "Shuffled",
    "typical": "Most typical first",
    "odd": "Oddest first",
    "crowded": "Commonest looks first",
    "lonely": "Rarest looks first",
    "twins": "Near-duplicates first",
    "bright": "Brightest first",
    "dark": "Darkest first",
    "full": "Most ink first",
    "sparse": "Least ink first",
}
ORDER_DESCRIPTIONS: dict[Order, str] = {
    "number": "In the order of the dataset.",
    "shuffled": "In an order drawn by chance; the address keeps it, so that others see the same.",
    "typical": "First come the pictures closest, pixel by pixel, to the average picture of their "
    "class.",
    "odd": "First come the pictures furthest, pixel by pixel, from the average picture of their "
    "class.",
    "crowded": "First come the pictures with the closest look-alikes in their class: ten others "
    "are near.",
    "lonely": "First come the pictures that no other of their class is near.",
    "twins": "First come the pictures whose nearest look-alike among the {other} pictures differs "
    "least. A network may know such a test picture by heart.",
    "bright": "First come the pictures with the highest mean over all 784 pixels.",
    "dark": "First come the pictures with the lowest mean over all 784 pixels.",
    "full": "First come the pictures with the most pixels that are not blank.",
    "sparse": "First come the pictures with the fewest pixels that are not blank.",
}
SIZE_LABELS: dict[Size, str] = {"small": "Small", "medium": "Medium", "large": "Large"}


def show_gallery(data: Dataset, state: ViewState) -> None:
    """The gallery with filters and the card of the chosen image."""
    show_class_pills(state)
    with st.container(key="explore_split"):
        gallery_column, card_column = st.columns([3, 1], gap="large")
    with gallery_column:
        tools_row = st.container(horizontal=True, vertical_alignment="center", key="explore_tools")
        indices = gallery_images(state, ask=True)
        image_index = show_gallery_page(data, state, indices)
    with tools_row:
        show_gallery_tools(data, state, indices)
    with card_column:
        show_image_card(data, state.split, image_index)


def gallery_images(state: ViewState, ask: bool) -> NDArray[np.int64]:
    """Indices of the images in the gallery, in its order.

    Args:
        state: split, classes, order and seed.
        ask: show the progress of the engine where the order waits for it.
    """
    knn_arrays = None
    if state.order in FROM_NEIGHBOURHOODS and ask:
        knn_arrays = neighbourhoods_or_progress(
            meanwhile="Until then the pictures stand in the order of the dataset."
        )
    elif state.order in FROM_NEIGHBOURHOODS:
        knn_arrays = cached_neighbourhoods()
    return ordered_images(state.split, state.classes, state.order, state.seed, knn_arrays)


def show_gallery_page(data: Dataset, state: ViewState, indices: NDArray[np.int64]) -> int:
    """A page of the gallery; returns the index of the chosen image."""
    per_page = PER_PAGE[state.size]
    pager_column, count_column = st.columns([3, 1], vertical_alignment="center")
    with pager_column:
        page_slice = pages_of(len(indices), per_page, PAGE)
    count_column.caption(f"{len(indices):,} pictures, {per_page} on a page")
    visible_indices = indices[page_slice]
    labels = data.labels(state.split)[visible_indices]
    # Without a choice the first one is shown, so that a click moves nothing on the page.
    image_index = int(visible_indices[0]) if state.image_index is None else state.image_index
    gallery(
        [
            Tile(state.split, int(index), CLASS_NAMES[label])
            for index, label in zip(visible_indices, labels, strict=True)
        ],
        data.images(state.split)[visible_indices],
        key="explore.wall",
        size=state.size,
        selected=image_index,
        on_click=lambda split, clicked_index: STATE.change(
            SPLIT.to(split), IMAGE.to(clicked_index)
        ),
    )
    other_split = "training" if state.split == "test" else "test"
    st.caption(ORDER_DESCRIPTIONS[state.order].format(other=other_split))
    return image_index


def show_split_choice() -> None:
    """The choice of training or test images."""
    SPLIT.choose("Pictures for", tuple(SPLITS), words=SPLITS)


def show_class_pills(state: ViewState) -> None:
    """The filter by class, each with the icon of its most typical image."""
    dark = is_dark()
    choice(
        "Classes",
        range(CLASS_COUNT),
        state.classes,
        key="explore.classes",
        on_choose=lambda classes: CLASSES.set(tuple(classes)),
        words=CLASS_NAMES.__getitem__,
        icons=[class_icon(class_id, dark) for class_id in range(CLASS_COUNT)],
        look="pills",
        multiple=True,
        required=False,
    )


def show_sort_order(state: ViewState) -> None:
    """The choice of the sort order, and a button for another shuffle."""
    ORDER.choose("Sorted", tuple(ORDER_LABELS), words=ORDER_LABELS, look="list", width=230)
    if state.order == "shuffled":
        st.button(
            "Shuffle again",
            icon=":material/shuffle:",
            on_click=in_order(SEED.set),
            args=((state.seed + 1) % (HIGHEST_SEED + 1),),
        )
    else:
        st.empty()


def show_gallery_tools(data: Dataset, state: ViewState, indices: NDArray[np.int64]) -> None:
    """Sort order, image size and downloads."""
    show_sort_order(state)
    SIZE.choose("Size of the pictures", SIZES, words=SIZE_LABELS)
    show_downloads(data, state.split, indices, f"{state.split}-{state.order}")
