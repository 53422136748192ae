"""Every picture of a class on one sheet to zoom into."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from fmnist_core.dataset import CLASS_NAMES, Dataset
from fmnist_core.images import sheet_indices, sheet_name
from ui.components.image_map import image_map
from ui.explore.cache import icon
from ui.explore.downloads import show_downloads
from ui.explore.gallery_view import SORTED_WORDS, arranged, show_order
from ui.explore.view_state import ONE_CLASS, ViewState, open_picture
from ui.theme import is_dark


def show_sheet(data: Dataset, now: ViewState) -> None:
    """Which class in which order, and its sheet."""
    usual = now.classes[0] if now.classes else 6
    number = usual if ONE_CLASS.value is None else ONE_CLASS.value
    show_one_class(number)
    with st.container(horizontal=True, vertical_alignment="center", key="explore_tools"):
        show_order(now)
        download_area = st.container()
    # The gallery's classes are not this view's: it shows all of one.
    sorted_numbers = arranged(replace(now, classes=(number,)), ask=True)
    shown = sorted_numbers
    with download_area:
        show_downloads(
            data, now.split, shown, f"{now.split}-{CLASS_NAMES[number].replace('/', '-')}"
        )
    name = sheet_name(now.split, number)
    on_sheet = sheet_indices(data, name)
    assert on_sheet is not None
    image_map(
        "explore.sheet",
        now.split,
        name,
        data.sha256,
        on_sheet,
        f"All {len(shown):,} pictures of class {CLASS_NAMES[number]} on one sheet. Arrow keys walk "
        "from picture to picture, plus and minus zoom, Enter opens one.",
        np.zeros(len(shown), np.uint8),
        [CLASS_NAMES[number]],
        ["#888888"],
        order=np.searchsorted(on_sheet, shown),
        on_pick=lambda picture: open_picture(now.split, picture),
    )
    other = "training" if now.split == "test" else "test"
    st.caption(
        f"All {len(shown):,} pictures, row by row. {SORTED_WORDS[now.order].format(other=other)} "
        "Drag to move; click the sheet, then turn the wheel, or pinch, to zoom; click a picture to "
        "look closer."
    )


def show_one_class(number: int) -> None:
    """One of the ten classes, each with its most typical picture."""
    dark = is_dark()
    ONE_CLASS.choose(
        "Class",
        range(10),
        number,
        words=CLASS_NAMES.__getitem__,
        icons=[icon(each, dark) for each in range(10)],
        look="pills",
    )
