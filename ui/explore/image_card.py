"""The card of the chosen image beside the gallery, with its statistics."""

from __future__ import annotations

import numpy as np
import streamlit as st

from fmnist_core.analysis.image_statistics import rank_share
from fmnist_core.analysis.near_duplicates import NEAR_DUPLICATE
from fmnist_core.dataset import CLASS_NAMES, Dataset, Split
from ui.components.acts import in_order
from ui.components.gallery import Tile, gallery
from ui.explore.cache import cached_neighbourhoods, statistics_of
from ui.explore.view_state import DETAIL, IMAGE, SPLITS, STATE


def show_image_card(data: Dataset, split: Split, image_index: int) -> None:
    """The card of an image: large, with its statistics and a button for details."""
    image, label = data.images(split)[image_index], int(data.labels(split)[image_index])
    name = CLASS_NAMES[label]
    with st.container(border=True, key="explore_picture"):
        gallery([Tile(split, image_index, name)], image[None], key="explore.large", size="huge")
        with st.container(gap="small"):
            st.header(name, anchor=False)
            st.markdown(
                f"{SPLITS[split]} picture **{image_index:,}**, class {label}.\n\n"
                f"{np.count_nonzero(image):,} of its 784 pixels are not blank; "
                f"the brightest has the value {image.max()} of 255. "
                f"{typicality_sentence(data, split, image_index)}"
            )
            show_near_duplicate(split, image_index)
            st.button(
                "Look closer",
                icon=":material/zoom_in:",
                key=f"explore.closer.{image_index}",
                on_click=in_order(STATE.change),
                args=(IMAGE.to(image_index), DETAIL.to(True)),
                width="stretch",
            )


def typicality_sentence(data: Dataset, split: Split, image_index: int) -> str:
    """How typical an image is of its class, by distance to the class mean, in a sentence."""
    labels = np.asarray(data.labels(split))
    label, distance_to_mean = int(labels[image_index]), statistics_of(split).distance_to_mean
    share = 100 * rank_share(
        distance_to_mean[labels == label], float(distance_to_mean[image_index])
    )
    if share >= 50:
        return (
            f"It looks more typical of its class than {share:.0f}\N{NO-BREAK SPACE}% of the others."
        )
    return f"It looks odder than {100 - share:.0f}\N{NO-BREAK SPACE}% of its class."


def show_near_duplicate(split: Split, image_index: int) -> None:
    """Show a near-duplicate in the other split, once the engine has found it."""
    knn_arrays = cached_neighbourhoods()
    if knn_arrays is None or knn_arrays[f"gap_{split}"][image_index] >= NEAR_DUPLICATE:
        return
    other_split: Split = "train" if split == "test" else "test"
    duplicate = int(knn_arrays[f"twin_{split}"][image_index])
    st.markdown(
        ":material/content_copy: Nearly the same as "
        f"**{SPLITS[other_split].lower()} picture {duplicate:,}**."
    )
