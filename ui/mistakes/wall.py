"""The chosen pictures as a wall: sorted, filtered, on pages, to take away."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.dataset import CLASS_NAMES
from fmnist_core.images import sprite
from fmnist_core.neighbours import pixel_distances
from fmnist_core.remarks import Remark
from fmnist_core.selection import ANSWERS, Order, Selection, arrange, sieve
from fmnist_core.takeaway import as_csv
from ui.address import follow, page_word, pages_of, set_address
from ui.context import dataset, remarks
from ui.gallery import Tile, gallery
from ui.mistakes.evidence import Evidence
from ui.mistakes.look import Look, choose, heading, on_the_wall, usual_answers

PER_PAGE = 60
ALL = "All classes"
SHEET_COLUMNS = 20
_CLOSED = "mistakes.closed"
ORDER_WORDS: dict[Order, str] = {
    "confidence": "Most sure first",
    "margin": "Largest lead first",
    "loss": "Largest loss first",
    "forgotten": "Most often forgotten first",
    "similar": "Most similar first",
    "number": "By number",
}
SORTED_WORDS: dict[Order, str] = {
    "confidence": "The network's most confident answers come first.",
    "margin": "First come the answers that lead most over the label, or over the second answer "
    "where they are right.",
    "loss": "First come the pictures whose label the network found least likely.",
    "forgotten": "First come the pictures that were most often named rightly after one epoch and "
    "wrongly after the next.",
    "similar": "First come the pictures most similar to the chosen one, pixel by pixel.",
    "number": "In the order of the dataset.",
}


def chosen_pictures(evidence: Evidence, now: Look) -> NDArray[np.int64]:
    """The numbers of the pictures on the wall, in its order."""
    numbers = sieve(evidence.labels, evidence.answers, evidence.probabilities, now.sieve)
    forgotten = evidence.forgotten if now.order == "forgotten" else None
    distances = None
    if now.order == "similar" and now.like is not None:
        distances = distances_from(evidence.data.sha256, now.like)
    return arrange(
        numbers, evidence.labels, evidence.probabilities, now.order, forgotten, distances
    )


@st.cache_data(show_spinner=False, max_entries=32)
def distances_from(sha256: str, picture: int) -> NDArray[np.float64]:
    """How far every test picture is from one of them."""
    images = dataset().test_images
    return pixel_distances(np.asarray(images[picture]), images)


def show_wall(evidence: Evidence, now: Look, numbers: NDArray[np.int64]) -> None:
    """The heading, what can be changed, and a page of pictures."""
    st.subheader(heading(len(numbers), now.sieve), anchor=False)
    show_lists(now.selection)
    with st.container(horizontal=True, vertical_alignment="center"):
        show_filter(evidence, now)
        show_takeaway(evidence, numbers)
        if now.selection:
            st.button("Show all mistakes", type="tertiary", on_click=choose, args=(Selection(),))
    if not len(numbers):
        st.info(emptiness(now))
        return
    shown = numbers[
        pages_of(len(numbers), PER_PAGE, f"mistakes.page.{now.sieve}.{now.order}.{now.like}")
    ]
    said = remarks().all()
    gallery(
        [tile(evidence, int(number), said.get(int(number))) for number in shown],
        evidence.data.test_images[shown],
        key="mistakes.gallery",
        reveal=st.session_state.pop(_CLOSED, None),
        on_click=lambda number: set_address(picture=str(number)),
    )
    st.caption(SORTED_WORDS[now.order])


def back_to_the_wall(picture: int, at: int | None) -> None:
    """Close a picture and stand before it on the wall, on the page where it hangs."""
    st.session_state[_CLOSED] = picture
    if at is None:
        set_address(picture=None)
    else:
        set_address(picture=None, page=page_word(at // PER_PAGE + 1))


def tile(evidence: Evidence, number: int, remark: Remark | None = None) -> Tile:
    """A picture with its label, its answer, how sure that was, and what was said about it."""
    label, answer = int(evidence.labels[number]), int(evidence.answers[number])
    sure = 100 * float(evidence.probabilities[number, answer])
    name = f"{CLASS_NAMES[label]}, called {CLASS_NAMES[answer]}"
    caption = f"{CLASS_NAMES[answer]} {sure:.0f}\N{NO-BREAK SPACE}%"
    tone: Literal["right", "wrong"] = "right" if answer == label else "wrong"
    return marked(Tile("test", number, name, caption, tone), remark)


def marked(shown: Tile, remark: Remark | None) -> Tile:
    """The tile with what was said about its picture."""
    if remark is None:
        return shown
    said = ", ".join(filter(None, [remark.verdict, *remark.tags])) or "note"
    name = f"{shown.name}. {said}. {remark.note}".rstrip(" .")
    return replace(shown, name=name, caption=f"{shown.caption} · ✎ {said}")


def show_lists(selection: Selection) -> None:
    """Two lists that choose a cell, a row or a column without the matrix."""
    one, two = st.columns(2)
    options = [ALL, *CLASS_NAMES]
    for column, label, value in (
        (one, "It is", selection.truth),
        (two, "The network says", selection.predicted),
    ):
        with column:
            st.selectbox(
                label,
                options,
                key=follow(f"mistakes.list.{label}", ALL if value is None else CLASS_NAMES[value]),
                required=True,
                on_change=choose_from_lists,
            )


def choose_from_lists() -> None:
    """Look at what the two lists say."""
    if not on_the_wall():
        return
    chosen = (st.session_state[f"mistakes.list.{label}"] for label in ("It is", "The network says"))
    choose(Selection(*(None if name == ALL else CLASS_NAMES.index(name) for name in chosen)))


def show_filter(evidence: Evidence, now: Look) -> None:
    """Order, answers and confidence, out of the way until they are wanted."""
    narrowed = now.answers != usual_answers(now.selection) or (now.low, now.high) != (0, 100)
    with st.popover("Sort and filter" + " •" * narrowed, icon=":material/tune:"):
        known = [
            order
            for order in ORDER_WORDS
            if (order != "forgotten" or len(evidence.by_epoch) > 1)
            and (order != "similar" or now.like is not None)
        ]
        st.selectbox(
            "Sorted",
            known,
            format_func=lambda order: order_words(order, now.like),
            key=follow("mistakes.sort", now.order if now.order in known else known[0]),
            required=True,
            on_change=lambda: change(sort=st.session_state["mistakes.sort"]),
        )
        st.segmented_control(
            "Answers",
            ANSWERS,
            format_func=str.capitalize,
            key=follow("mistakes.answers", now.answers),
            required=True,
            on_change=lambda: change(answers=st.session_state["mistakes.answers"]),
        )
        st.slider(
            "How sure it was, in %",
            0,
            100,
            key=follow("mistakes.sure", (now.low, now.high)),
            on_change=lambda: change(sure="{}-{}".format(*st.session_state["mistakes.sure"])),
        )


def order_words(order: Order, like: int | None) -> str:
    """What an order is called; one by similarity names its picture."""
    return f"Most similar to picture {like} first" if order == "similar" else ORDER_WORDS[order]


def change(**parts: str) -> None:
    """Sort or filter in another way, from the first page on."""
    if not on_the_wall():
        return
    usual = {"sort": "confidence", "sure": "0-100"}
    set_address(
        page=None,
        **{name: None if value == usual.get(name) else value for name, value in parts.items()},
    )


def show_takeaway(evidence: Evidence, numbers: NDArray[np.int64]) -> None:
    """The chosen pictures as a table and as one picture."""
    with st.popover("Download", icon=":material/download:", disabled=not len(numbers)):
        name = f"mistakes-{evidence.run.id[:6]}-epoch-{evidence.epoch}"
        st.download_button(
            f"Table of {len(numbers):,} pictures (CSV)",
            lambda: as_csv(numbers, evidence.labels, evidence.answers, evidence.probabilities),
            f"{name}.csv",
            "text/csv",
            on_click="ignore",
        )
        st.download_button(
            f"Sheet of {len(numbers):,} pictures (PNG)",
            lambda: sprite(evidence.data.test_images[numbers], SHEET_COLUMNS, invert=True),
            f"{name}.png",
            "image/png",
            on_click="ignore",
        )


def emptiness(now: Look) -> str:
    """Why nothing is there."""
    if now.sieve != now.sieve._replace(low=0, high=100):
        return "No picture lies between these confidences. Widen the range in **Sort and filter**."
    if not now.selection and now.answers == "wrong":
        return "It names every picture rightly: there is no mistake to show."
    chosen = now.selection
    if chosen.truth is not None and chosen.predicted is None and now.answers == "wrong":
        return f"It names every picture of class {CLASS_NAMES[chosen.truth]} rightly."
    return "No picture falls into this cell. Choose another one."
