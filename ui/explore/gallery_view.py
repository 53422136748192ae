"""The gallery of Explore data: all images in any order, one of them beside it."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.analysis.sorting import FROM_NEIGHBOURHOODS, Order
from fmnist_core.dataset import CLASS_NAMES, Dataset
from ui.components.acts import in_order
from ui.components.choice import choice
from ui.components.gallery import Size, Tile, gallery
from ui.explore.cache import icon, neighbourhoods_if_there, neighbourhoods_now, ordered
from ui.explore.downloads import show_downloads
from ui.explore.image_card import show_card
from ui.explore.image_detail import show_close
from ui.explore.view_state import (
    CLASSES,
    HIGHEST_SEED,
    ORDER,
    PAGE,
    PICTURE,
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
ORDER_WORDS: dict[Order, str] = {
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
SORTED_WORDS: dict[Order, str] = {
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
SIZE_WORDS: dict[Size, str] = {"small": "Small", "medium": "Medium", "large": "Large"}


def show_gallery(data: Dataset, now: ViewState) -> None:
    """What to look at, and the wall; or one of its pictures closely."""
    if now.close and now.picture is not None:
        numbers = arranged(now, ask=False)
        show_close(data, now, numbers, now.picture)
        return
    show_class_pills(now)
    with st.container(key="explore_split"):
        wall, side = st.columns([3, 1], gap="large")
    with wall:
        tools = st.container(horizontal=True, vertical_alignment="center", key="explore_tools")
        numbers = arranged(now, ask=True)
        picture = show_wall(data, now, numbers)
    with tools:
        show_tools(data, now, numbers)
    with side:
        show_card(data, now.split, picture)


def arranged(now: ViewState, ask: bool) -> NDArray[np.int64]:
    """The numbers of the pictures on the wall, in its order.

    Args:
        now: what to look at.
        ask: draw the engine's progress where the order has to wait for it.
    """
    known = None
    if now.order in FROM_NEIGHBOURHOODS and ask:
        known = neighbourhoods_now(
            meanwhile="Until then the pictures stand in the order of the dataset."
        )
    elif now.order in FROM_NEIGHBOURHOODS:
        known = neighbourhoods_if_there()
    return ordered(now.split, now.classes, now.order, now.seed, known)


def show_wall(data: Dataset, now: ViewState, numbers: NDArray[np.int64]) -> int:
    """A page of pictures; returns the number of the chosen one."""
    per_page = PER_PAGE[now.size]
    bar, count = st.columns([3, 1], vertical_alignment="center")
    with bar:
        places = pages_of(len(numbers), per_page, PAGE)
    count.caption(f"{len(numbers):,} pictures, {per_page} on a page")
    shown = numbers[places]
    labels = data.labels(now.split)[shown]
    # Without a choice the first one is shown, so that a click moves nothing on the page.
    picture = int(shown[0]) if now.picture is None else now.picture
    gallery(
        [
            Tile(now.split, int(n), CLASS_NAMES[label])
            for n, label in zip(shown, labels, strict=True)
        ],
        data.images(now.split)[shown],
        key="explore.wall",
        size=now.size,
        selected=picture,
        on_click=lambda split, clicked: STATE.change(SPLIT.to(split), PICTURE.to(clicked)),
    )
    other = "training" if now.split == "test" else "test"
    st.caption(SORTED_WORDS[now.order].format(other=other))
    return picture


def show_split() -> None:
    """Training or test pictures."""
    SPLIT.choose("Pictures for", tuple(SPLITS), words=SPLITS)


def show_class_pills(now: ViewState) -> None:
    """The ten classes, each with its most typical picture."""
    dark = is_dark()
    choice(
        "Classes",
        range(10),
        now.classes,
        key="explore.classes",
        on_choose=lambda classes: CLASSES.set(tuple(classes)),
        words=CLASS_NAMES.__getitem__,
        icons=[icon(number, dark) for number in range(10)],
        look="pills",
        multiple=True,
        required=False,
    )


def show_order(now: ViewState) -> None:
    """The order of the pictures."""
    ORDER.choose("Sorted", tuple(ORDER_WORDS), words=ORDER_WORDS, look="list", width=230)
    if now.order == "shuffled":
        st.button(
            "Shuffle again",
            icon=":material/shuffle:",
            on_click=in_order(SEED.set),
            args=((now.seed + 1) % (HIGHEST_SEED + 1),),
        )
    else:
        st.empty()


def show_tools(data: Dataset, now: ViewState, numbers: NDArray[np.int64]) -> None:
    """Order, size and what to take away."""
    show_order(now)
    SIZE.choose("Size of the pictures", SIZES, words=SIZE_WORDS)
    show_downloads(data, now.split, numbers, f"{now.split}-{now.order}")
