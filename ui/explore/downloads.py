"""Downloads of the images that are shown: a CSV table and a PNG sheet."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.dataset import Dataset, Split
from fmnist_core.export.tables import images_csv
from fmnist_core.images import sprite
from ui.explore.cache import statistics_of

SHEET_COLUMNS = 20
# A longer sheet is higher than image viewers open.
MOST_SHEET_IMAGES = 20_000


def show_downloads(data: Dataset, split: Split, indices: NDArray[np.int64], name: str) -> None:
    """Downloads of images in their order: a CSV table and a PNG sheet."""
    with st.popover("Download", icon=":material/download:", disabled=not len(indices)):
        st.download_button(
            f"Table of {len(indices):,} pictures (CSV)",
            lambda: images_csv(
                split, indices, np.asarray(data.labels(split)), statistics_of(split)
            ),
            f"fashion-mnist-{name}.csv",
            "text/csv",
            on_click="ignore",
        )
        sheet_indices = indices[:MOST_SHEET_IMAGES]
        first_text = "the first " if len(sheet_indices) < len(indices) else ""
        st.download_button(
            f"Sheet of {first_text}{len(sheet_indices):,} pictures (PNG)",
            lambda: sprite(data.images(split)[sheet_indices], SHEET_COLUMNS, invert=True),
            f"fashion-mnist-{name}.png",
            "image/png",
            on_click="ignore",
        )
