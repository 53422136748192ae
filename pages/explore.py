"""Explore data: the 70,000 pictures."""

from __future__ import annotations

import numpy as np
import streamlit as st

from fmnist_core.dataset import CLASS_NAMES, Dataset, DatasetUnavailable
from ui.address import number, pages_of, set_address
from ui.cached import numbers_of_classes
from ui.context import dataset
from ui.gallery import Tile, gallery

PER_PAGE = 96
SPLITS = {"Test": "test", "Training": "train"}
NAMES = {"test": "Test", "train": "Training"}


def chosen_classes() -> list[int]:
    """The classes in the address, in dataset order."""
    parts = st.query_params.get("class", "").split("-")
    return sorted({int(part) for part in parts if part in list("0123456789")})


def filters() -> tuple[str, list[int]]:
    """Split and classes, kept in the address."""
    split = "train" if st.query_params.get("split") == "train" else "test"
    one, two = st.columns([1, 3], vertical_alignment="bottom")
    with one:
        picked = SPLITS[
            st.segmented_control(
                "Pictures for",
                list(SPLITS),
                default=NAMES[split],
                required=True,
                key="explore.split",
                help="A network learns from the 60,000 training pictures; the 10,000 test "
                "pictures only examine it.",
            )
        ]
    with two:
        classes = st.pills(
            "Classes",
            range(10),
            selection_mode="multi",
            default=chosen_classes(),
            format_func=CLASS_NAMES.__getitem__,
            key="explore.classes",
            help="Choose one or more; with none, all ten are shown.",
        )
    chosen = sorted(classes)
    if (picked, chosen) != (split, chosen_classes()):
        set_address(split=picked, **{"class": "-".join(map(str, chosen))}, page=None, picture=None)
    return picked, chosen


def show_picture(data: Dataset, split: str, picture: int) -> None:
    """One picture large, with what can be read off it."""
    image, label = data.images(split)[picture], int(data.labels(split)[picture])
    name = CLASS_NAMES[label]
    with st.container(border=True, key="explore_picture"):
        gallery([Tile(split, picture, name)], image[None], key="explore.large", size="huge")
        with st.container(gap="small"):
            st.header(name, anchor=False)
            st.markdown(
                f"{NAMES[split]} picture **{picture:,}**, class {label}.\n\n"
                f"{np.count_nonzero(image):,} of its 784 pixels are not blank; "
                f"the brightest has the value {image.max()} of 255."
            )


st.title("Explore the 70,000 pictures", anchor=False)
try:
    data = dataset()
except DatasetUnavailable as error:
    st.error("The Fashion-MNIST pictures could not be found on this machine.")
    st.markdown("\n".join(f"- **{tried.source}**: {tried.problem}" for tried in error.attempts))
    st.markdown(
        "Connect this machine to the internet and press **Try again**, or put the four files of "
        "Fashion-MNIST into a folder and name it in the environment variable `FMNIST_DATA_DIR`."
    )
    if st.button("Try again", type="primary", icon=":material/refresh:"):
        with st.spinner("Looking in all places, then downloading 30 MB …"):
            try:
                dataset(download=True)
            except DatasetUnavailable:
                st.stop()
        st.rerun()
    st.stop()

for tried in data.attempts:
    if tried.damaged:
        st.warning(f"{tried.source} was skipped: {tried.problem}", icon=":material/warning:")
split, classes = filters()
numbers = numbers_of_classes(split, tuple(classes))
with st.container(key="explore_split"):
    wall, side = st.columns([3, 1], gap="large")
with wall:
    bar, count = st.columns([3, 1], vertical_alignment="center")
    with bar:
        places = pages_of(len(numbers), PER_PAGE, f"explore.page.{split}.{classes}")
    count.caption(f"{len(numbers):,} pictures, {PER_PAGE} on a page")
    shown = numbers[places]
    labels = data.labels(split)[shown]
    asked = number("picture", len(data.labels(split)) - 1)
    # Without a choice the first one is shown, so that a click moves nothing on the page.
    picture = int(shown[0]) if asked is None else asked
    clicked = gallery(
        [Tile(split, int(n), CLASS_NAMES[label]) for n, label in zip(shown, labels, strict=True)],
        data.images(split)[shown],
        key="explore.wall",
        selected=picture,
    )
    if clicked is not None and clicked != picture:
        set_address(picture=str(clicked))
        st.rerun()
with side:
    show_picture(data, split, picture)
