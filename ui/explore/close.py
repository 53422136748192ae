"""One picture closely: its pixels, its look-alikes, what training and networks make of it."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.augment import augment
from fmnist_core.dataset import CLASS_NAMES, Dataset, Split
from fmnist_core.explore.crowds import NEAR_DUPLICATE
from fmnist_core.neighbours import Neighbours
from ui.address import follow, number, set_address
from ui.explore.card import typicality_words
from ui.explore.known import alike
from ui.explore.look import SPLITS, Look, walk_to
from ui.explore.pixels import pixel_reader
from ui.explore.verdicts import show_runs
from ui.gallery import Tile, gallery

ABOUT_WORDS = {
    "alike": "Look-alikes",
    "changed": "Changed for training",
    "runs": "What networks say",
}
ALIKE = 12
COPIES = 18
LARGEST_SHIFT = 4
HIGHEST_ROLL = 999


def show_close(data: Dataset, now: Look, numbers: NDArray[np.int64], picture: int) -> None:
    """The picture large on the left, more about it on the right."""
    show_ways(now, numbers, picture)
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
        st.segmented_control(
            "About this picture",
            list(ABOUT_WORDS),
            format_func=ABOUT_WORDS.__getitem__,
            key=follow("explore.about", now.about),
            required=True,
            label_visibility="collapsed",
            on_change=_change_about,
        )
        if now.about == "alike":
            show_alike(data, now, picture)
        elif now.about == "changed":
            show_changed(now, image, picture)
        else:
            show_runs(data, now.split, picture)


def _change_about() -> None:
    about = st.session_state["explore.about"]
    set_address(about=None if about == "alike" else about)


def show_ways(now: Look, numbers: NDArray[np.int64], picture: int) -> None:
    """Back, and to the pictures before and after on the wall."""
    places = np.flatnonzero(numbers == picture)
    at = int(places[0]) if len(places) else None
    with st.container(horizontal=True, vertical_alignment="center", key="explore_ways"):
        st.button(
            "Back to the wall",
            icon=":material/grid_view:",
            on_click=set_address,
            kwargs={"close": None, "trail": None},
            shortcut="Esc",
        )
        for label, step, key, icon in (
            ("Previous", -1, "P", ":material/chevron_left:"),
            ("Next", 1, "N", ":material/chevron_right:"),
        ):
            there = at is not None and 0 <= at + step < len(numbers)
            to = str(numbers[at + step]) if at is not None and there else None
            st.button(
                label,
                icon=icon,
                disabled=not there,
                on_click=set_address,
                kwargs={"picture": to, "trail": None},
                shortcut=key,
            )
        if at is not None:
            st.caption(f"{at + 1:,} of {len(numbers):,} on the wall")


def show_trail(data: Dataset, now: Look) -> None:
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
                on_click=_walk_back,
                args=(now, place),
            )


def _walk_back(now: Look, place: int) -> None:
    split, picture = now.trail[place]
    kept = "-".join(f"{'e' if s == 'test' else 'r'}{n}" for s, n in now.trail[:place])
    set_address(split=split, picture=str(picture), trail=kept or None)


def show_alike(data: Dataset, now: Look, picture: int) -> None:
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
            on_click=lambda to, among=among: walk_to(now, among, to),
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
        twin = f"{SPLITS[among].lower()} picture {int(found[among].numbers[0]):,}"
        if among == split:
            st.info(f"**{twin.capitalize()}** is nearly the same.", icon=":material/content_copy:")
            continue
        meaning = (
            "A network that learns that one by heart gets this one right without understanding it."
            if split == "test"
            else "A network that learns this one by heart gets that one right without "
            "understanding it."
        )
        st.warning(
            f"**{twin.capitalize()}** is nearly the same, on the other side of the split. "
            f"{meaning} This is called *leakage*.",
            icon=":material/content_copy:",
        )


def show_changed(now: Look, image: NDArray[np.uint8], picture: int) -> None:
    """What augmentation makes of it, with the code that training runs."""
    shift = number("shift", LARGEST_SHIFT)
    shift = 2 if shift is None else shift
    flip = st.query_params.get("flip") != "0"
    roll = number("roll", HIGHEST_ROLL) or 0
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.slider(
            "Moved by up to so many pixels",
            0,
            LARGEST_SHIFT,
            key=follow("explore.shift", shift),
            width=240,
            on_change=lambda: set_address(shift=str(st.session_state["explore.shift"])),
        )
        st.toggle(
            "Half of them mirrored",
            key=follow("explore.flip", flip),
            on_change=lambda: set_address(flip=None if st.session_state["explore.flip"] else "0"),
        )
        st.button(
            "Draw again",
            icon=":material/casino:",
            on_click=set_address,
            kwargs={"roll": str((roll + 1) % (HIGHEST_ROLL + 1))},
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
