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
MOST_ON_A_SHEET = 20_000


def show_downloads(data: Dataset, split: Split, numbers: NDArray[np.int64], name: str) -> None:
    """A table and a sheet of the pictures, in the order in which they are shown."""
    with st.popover("Download", icon=":material/download:", disabled=not len(numbers)):
        st.download_button(
            f"Table of {len(numbers):,} pictures (CSV)",
            lambda: images_csv(
                split, numbers, np.asarray(data.labels(split)), statistics_of(split)
            ),
            f"fashion-mnist-{name}.csv",
            "text/csv",
            on_click="ignore",
        )
        on_sheet = numbers[:MOST_ON_A_SHEET]
        first = "the first " if len(on_sheet) < len(numbers) else ""
        st.download_button(
            f"Sheet of {first}{len(on_sheet):,} pictures (PNG)",
            lambda: sprite(data.images(split)[on_sheet], SHEET_COLUMNS, invert=True),
            f"fashion-mnist-{name}.png",
            "image/png",
            on_click="ignore",
        )
