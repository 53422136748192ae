"""Every picture of a class on one sheet to zoom into."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from fmnist_core.colors import NEUTRAL
from fmnist_core.dataset import CLASS_COUNT, CLASS_NAMES, Dataset
from fmnist_core.images import sheet_indices, sheet_name
from ui.components.image_map import image_map
from ui.explore.cache import class_icon
from ui.explore.downloads import show_downloads
from ui.explore.gallery_view import ORDER_DESCRIPTIONS, gallery_images, show_sort_order
from ui.explore.view_state import SELECTED_CLASS, ViewState, open_image
from ui.theme import is_dark

SHIRT = 6


def show_sheet(data: Dataset, state: ViewState) -> None:
    """One class as a sheet of all its images, with the choice of class and sort order."""
    class_id = sheet_class(state)
    show_class_choice(class_id)
    with st.container(horizontal=True, vertical_alignment="center", key="explore_tools"):
        show_sort_order(state)
        download_area = st.container()
    # The gallery's classes are not this view's: it shows all of one.
    indices = gallery_images(replace(state, classes=(class_id,)), ask=True)
    with download_area:
        show_downloads(
            data, state.split, indices, f"{state.split}-{CLASS_NAMES[class_id].replace('/', '-')}"
        )
    name = sheet_name(state.split, class_id)
    layout_indices = sheet_indices(data, name)
    assert layout_indices is not None
    image_map(
        "explore.sheet",
        state.split,
        name,
        data.sha256,
        layout_indices,
        f"All {len(indices):,} pictures of class {CLASS_NAMES[class_id]} on one sheet. Arrow keys "
        "walk from picture to picture, plus and minus zoom, Enter opens one.",
        np.zeros(len(indices), np.uint8),
        [CLASS_NAMES[class_id]],
        [NEUTRAL],
        order=np.searchsorted(layout_indices, indices),
        on_pick=lambda image_index: open_image(state.split, image_index),
    )
    other_split = "training" if state.split == "test" else "test"
    st.caption(
        f"All {len(indices):,} pictures, row by row. "
        f"{ORDER_DESCRIPTIONS[state.order].format(other=other_split)} "
        "Drag to move; click the sheet, then turn the wheel, or pinch, to zoom; click a picture to "
        "look closer."
    )


def sheet_class(state: ViewState) -> int:
    """The class on the sheet; while nobody has chosen one, the gallery's first or the shirts."""
    if SELECTED_CLASS.value is not None:
        return SELECTED_CLASS.value
    return state.classes[0] if state.classes else SHIRT


def show_class_choice(class_id: int) -> None:
    """The choice of a class, each with the icon of its most typical image."""
    dark = is_dark()
    SELECTED_CLASS.choose(
        "Class",
        range(CLASS_COUNT),
        class_id,
        words=CLASS_NAMES.__getitem__,
        icons=[class_icon(class_id, dark) for class_id in range(CLASS_COUNT)],
        look="pills",
    )
