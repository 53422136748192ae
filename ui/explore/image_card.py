"""The card of the chosen image beside the gallery, with its statistics."""

from __future__ import annotations

import numpy as np
import streamlit as st

from fmnist_core.analysis.image_statistics import rank_share
from fmnist_core.analysis.near_duplicates import NEAR_DUPLICATE
from fmnist_core.dataset import CLASS_NAMES, CLASS_NOUNS, PIXEL_COUNT, Dataset, Split
from ui.components.acts import in_order
from ui.components.gallery import Tile, gallery
from ui.explore.cache import cached_neighbourhoods, statistics_of
from ui.explore.view_state import DETAIL, IMAGE, SPLITS, STATE

NOTABLE_PERCENT = 90


def show_image_card(data: Dataset, split: Split, image_index: int) -> None:
    """The card of an image: large, with its statistics and a button for details."""
    image, label = data.images(split)[image_index], int(data.labels(split)[image_index])
    name = CLASS_NAMES[label]
    with st.container(border=True, key="explore_picture"):
        gallery([Tile(split, image_index, name)], image[None], key="explore.large", size="huge")
        with st.container(gap="small"):
            st.header(name, anchor=False)
            st.markdown(
                f"{SPLITS[split]} picture **{image_index:,}**, class {label}. "
                f"{typicality_sentence(data, split, image_index)}\n\n"
                f"{np.count_nonzero(image):,} of its {PIXEL_COUNT} pixels are not blank; the "
                f"brightest has the value {image.max()} of 255."
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
    """How unusual or typical an image is of its class, by distance to the class mean.

    Returns:
        a sentence; empty where the image is neither among the tenth that is furthest from the
        average of its class, nor among the tenth that is closest to it.
    """
    labels = np.asarray(data.labels(split))
    label, distance_to_mean = int(labels[image_index]), statistics_of(split).distance_to_mean
    distances, distance = distance_to_mean[labels == label], float(distance_to_mean[image_index])
    plural = CLASS_NOUNS[label].many
    for word, share in (
        ("unusual", rank_share(-distances, -distance)),
        ("typical", rank_share(distances, distance)),
    ):
        if 100 * share > NOTABLE_PERCENT:
            # Rounded down: nothing is more unusual than all of its class.
            return f"More {word} than {int(100 * share)}\N{NO-BREAK SPACE}% of {plural}."
    return ""


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
