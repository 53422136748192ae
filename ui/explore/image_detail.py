"""One image in detail: pixels, nearest neighbours, augmentation, what runs predict."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.analysis.near_duplicates import NEAR_DUPLICATE
from fmnist_core.analysis.neighbours import Neighbours
from fmnist_core.dataset import CLASS_NAMES, Dataset, Split
from fmnist_core.training.augmentation import augment
from ui.components.acts import in_order
from ui.components.gallery import Tile, gallery
from ui.components.pixel_view import pixel_reader
from ui.components.steps import steps
from ui.explore.cache import alike
from ui.explore.image_card import typicality_words
from ui.explore.model_answers import show_runs
from ui.explore.view_state import (
    ABOUT,
    ABOUT_PICTURE,
    CLOSE,
    FLIP,
    HIGHEST_ROLL,
    LARGEST_SHIFT,
    PICTURE,
    ROLL,
    SHIFT,
    SPLIT,
    SPLITS,
    STATE,
    TRAIL,
    ViewState,
    walk_to,
)
from ui.parts import part

ALIKE = 12
COPIES = 18


def show_close(data: Dataset, now: ViewState, numbers: NDArray[np.int64], picture: int) -> None:
    """The picture large on the left, more about it on the right."""
    steps(
        numbers,
        picture,
        key="explore.steps",
        on_step=lambda to: STATE.change(SPLIT.to(now.split), PICTURE.to(to), TRAIL.to(())),
        # Not the picture that is left: another one may be asked for that is not drawn yet.
        on_back=lambda _: STATE.change(CLOSE.to(False), TRAIL.to(())),
        where="on the wall",
    )
    show_trail(data, now)
    image, label = np.asarray(data.images(now.split)[picture]), data.labels(now.split)[picture]
    name = CLASS_NAMES[label]
    one, two = st.columns([2, 3], gap="large")
    with one:
        st.header(name, anchor=False)
        st.markdown(
            f"{SPLITS[now.split]} picture **{picture:,}**, class {label}. "
            f"{typicality_words(data, now.split, picture)}"
        )
        pixel_reader(image, f"{SPLITS[now.split]} picture {picture}: {name}", key="explore.pixels")
        st.caption(
            "Move over the picture, or walk on it with the arrow keys, to read its pixels. A "
            "network sees each value divided by 255, so that all lie between 0 and 1."
        )
    with two:
        ABOUT_PICTURE.choose("About this picture", tuple(ABOUT), words=ABOUT)
        about = ABOUT_PICTURE.value
        with part(f"explore.about.{about}"):
            if about == "alike":
                show_alike(data, now, picture)
            elif about == "changed":
                show_changed(now, image, picture)
            else:
                show_runs(data, now.split, picture)


def show_trail(data: Dataset, now: ViewState) -> None:
    """The way from look-alike to look-alike, to go back on."""
    if not now.trail:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="explore_trail"):
        st.caption("You came from")
        for place, (split, picture) in enumerate(now.trail):
            name = CLASS_NAMES[data.labels(split)[picture]]
            st.button(
                f"{name} · {SPLITS[split].lower()} {picture:,}",
                key=f"explore.trail.{place}",
                type="tertiary",
                on_click=in_order(_walk_back),
                args=(now, place),
            )


def _walk_back(now: ViewState, place: int) -> None:
    split, picture = now.trail[place]
    STATE.change(SPLIT.to(split), PICTURE.to(picture), CLOSE.to(True), TRAIL.to(now.trail[:place]))


def show_alike(data: Dataset, now: ViewState, picture: int) -> None:
    """The nearest pictures of both splits; a click goes on from there."""
    found: dict[Split, Neighbours] = {
        among: alike(now.split, picture, among, ALIKE) for among in SPLITS
    }
    label = int(data.labels(now.split)[picture])
    show_duplicate(now.split, found)
    for among in ("train", "test"):
        numbers, gaps = found[among]
        labels = np.asarray(data.labels(among))[numbers]
        same = int((labels == label).sum())
        st.markdown(
            f"**{SPLITS[among]} pictures** most like it: {same} of {len(numbers)} are labelled "
            f"*{CLASS_NAMES[label]}* too."
        )
        gallery(
            [
                Tile(
                    among,
                    int(n),
                    f"{CLASS_NAMES[other]}, differs by {100 * gap / 255:.0f} %",
                    caption=f"{CLASS_NAMES[other]} {100 * gap / 255:.0f}\N{NO-BREAK SPACE}%",
                    tone="right" if other == label else "wrong",
                )
                for n, other, gap in zip(numbers, labels, gaps, strict=True)
            ],
            data.images(among)[numbers],
            key=f"explore.alike.{among}",
            on_click=walk_to,
        )
    st.caption(
        "Click one to see what looks like it, and walk on from there. The percentage says how much "
        "a pixel differs (root mean square, of the full range)."
    )


def show_duplicate(split: Split, found: dict[Split, Neighbours]) -> None:
    """Say that nearly the same picture is there once more, and what that means."""
    for among in ("train", "test"):
        near = found[among].distances < NEAR_DUPLICATE
        if not near.any():
            continue
        duplicate = f"{SPLITS[among].lower()} picture {int(found[among].indices[0]):,}"
        if among == split:
            st.info(
                f"**{duplicate.capitalize()}** is nearly the same.", icon=":material/content_copy:"
            )
            continue
        meaning = (
            "A network that learns that one by heart gets this one right without understanding it."
            if split == "test"
            else "A network that learns this one by heart gets that one right without "
            "understanding it."
        )
        st.warning(
            f"**{duplicate.capitalize()}** is nearly the same, on the other side of the split. "
            f"{meaning} This is called *leakage*.",
            icon=":material/content_copy:",
        )


def show_changed(now: ViewState, image: NDArray[np.uint8], picture: int) -> None:
    """What augmentation makes of it, with the code that training runs."""
    shift, flip, roll = SHIFT.value, FLIP.value, ROLL.value
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.slider(
            "Moved by up to so many pixels",
            0,
            LARGEST_SHIFT,
            width=240,
            **SHIFT.widget(),
        )
        st.toggle("Half of them mirrored", **FLIP.widget())
        st.button(
            "Draw again",
            icon=":material/casino:",
            on_click=in_order(ROLL.set),
            args=((roll + 1) % (HIGHEST_ROLL + 1),),
        )
    copies = augment(
        np.repeat(image[None], COPIES, axis=0), shift, flip, np.random.default_rng(roll)
    )
    gallery(
        [Tile(now.split, picture, f"changed copy {place + 1}") for place in range(COPIES)],
        copies,
        key="explore.changed",
        size="large",
    )
    st.caption(
        "With augmentation a network never sees exactly the same picture twice, so it cannot learn "
        "it by heart. These copies are drawn by the same code that trains. Choose both under "
        "**Train**."
    )
