"""The card of the chosen image beside the gallery, with its statistics."""

from __future__ import annotations

import numpy as np
import streamlit as st

from fmnist_core.analysis.image_statistics import rank_share
from fmnist_core.analysis.near_duplicates import NEAR_DUPLICATE
from fmnist_core.dataset import CLASS_NAMES, Dataset, Split
from ui.components.acts import in_order
from ui.components.gallery import Tile, gallery
from ui.explore.cache import neighbourhoods_if_there, statistics_of
from ui.explore.view_state import CLOSE, PICTURE, SPLITS, STATE


def show_card(data: Dataset, split: Split, picture: int) -> None:
    """One picture large, and the way to look closer."""
    image, label = data.images(split)[picture], int(data.labels(split)[picture])
    name = CLASS_NAMES[label]
    with st.container(border=True, key="explore_picture"):
        gallery([Tile(split, picture, name)], image[None], key="explore.large", size="huge")
        with st.container(gap="small"):
            st.header(name, anchor=False)
            st.markdown(
                f"{SPLITS[split]} picture **{picture:,}**, class {label}.\n\n"
                f"{np.count_nonzero(image):,} of its 784 pixels are not blank; "
                f"the brightest has the value {image.max()} of 255. "
                f"{typicality_words(data, split, picture)}"
            )
            show_duplicate(split, picture)
            st.button(
                "Look closer",
                icon=":material/zoom_in:",
                key=f"explore.closer.{picture}",
                on_click=in_order(STATE.change),
                args=(PICTURE.to(picture), CLOSE.to(True)),
                width="stretch",
            )


def typicality_words(data: Dataset, split: Split, picture: int) -> str:
    """How typical it is of its class, in a sentence."""
    labels = np.asarray(data.labels(split))
    label, distance_to_mean = int(labels[picture]), statistics_of(split).distance_to_mean
    share = 100 * rank_share(distance_to_mean[labels == label], float(distance_to_mean[picture]))
    if share >= 50:
        return (
            f"It looks more typical of its class than {share:.0f}\N{NO-BREAK SPACE}% of the others."
        )
    return f"It looks odder than {100 - share:.0f}\N{NO-BREAK SPACE}% of its class."


def show_duplicate(split: Split, picture: int) -> None:
    """Warn of a near-duplicate on the other side of the split, once the engine knows."""
    known = neighbourhoods_if_there()
    if known is None or known[f"gap_{split}"][picture] >= NEAR_DUPLICATE:
        return
    other: Split = "train" if split == "test" else "test"
    duplicate = int(known[f"twin_{split}"][picture])
    st.markdown(
        ":material/content_copy: Nearly the same as "
        f"**{SPLITS[other].lower()} picture {duplicate:,}**."
    )
