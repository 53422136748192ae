"""Annotations of visitors: entered below an image, listed in a part of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.annotations import CAUSES, LONGEST_NOTE, Annotation, Cause, rejudge
from fmnist_core.dataset import CLASS_NAMES, Split
from fmnist_core.errors import FmnistError
from fmnist_core.export.tables import annotations_csv
from fmnist_core.runs import Run
from ui.components.acts import in_order_with_value
from ui.components.choice import choice
from ui.components.gallery import Tile, gallery
from ui.escape import plain
from ui.formatting import accuracy
from ui.mistakes.gallery_view import PER_PAGE, tile, with_annotation
from ui.mistakes.predictions import RunPredictions, load_predictions
from ui.mistakes.view_state import (
    IMAGE,
    IMAGE_PANEL,
    PAGE,
    SPLIT,
    STATE,
    SUSPECT,
    VIEW,
    view_state,
)
from ui.pager import pages_of
from ui.rights import actor, looking_on, may_change
from ui.services import annotation_store

MOST_TRAINING_IMAGES = 120
CAUSE_LABELS: dict[Cause, str] = {
    "label wrong": "Label wrong",
    "model wrong": "Model wrong",
    "cannot tell": "Cannot tell",
}


def show_annotation(predictions: RunPredictions, image_index: int) -> None:
    """What is said about an open test picture; kept as it is said."""
    now = annotation_store().all().get(image_index, Annotation())
    if not may_change():
        read_annotation(now)
        return
    choice(
        "Your verdict",
        CAUSES[1:],
        now.cause or None,
        key=f"mistakes.judged.{image_index}",
        on_choose=lambda cause: save_annotation("test", image_index, cause=cause or ""),
        words=CAUSE_LABELS,
        required=False,
        show_label=True,
        help="It changes no official figure. Beside it, the accuracy as re-judged is shown.",
    )
    note_fields("test", image_index)


def read_annotation(annotation: Annotation) -> None:
    """What others said about a picture, for who may not say anything."""
    looking_on()
    if annotation == Annotation():
        st.caption("Nobody has said anything about this picture.")
    if annotation.cause:
        st.markdown(f"Verdict: **{CAUSE_LABELS[annotation.cause]}**")
    if annotation.note:
        st.text(annotation.note)
    if annotation.tags:
        st.text("Tags: " + " ".join(annotation.tags))


def note_fields(split: Split, image_index: int) -> None:
    """A note and tags; kept when the visitor has typed them and goes on."""
    now = annotation_store().all(split).get(image_index, Annotation())
    note, tags = (f"mistakes.{field}.{split}.{image_index}" for field in ("note", "tags"))
    st.text_area(
        "Note",
        now.note,
        height=80,
        max_chars=LONGEST_NOTE,
        key=note,
        on_change=in_order_with_value(
            note, lambda text: save_annotation(split, image_index, note=text or "")
        ),
    )
    st.text_input(
        "Tags",
        " ".join(now.tags),
        help="Words, with spaces between them.",
        key=tags,
        on_change=in_order_with_value(
            tags, lambda text: save_annotation(split, image_index, tags=tuple((text or "").split()))
        ),
    )


def save_annotation(split: Split, image_index: int, **said: Any) -> bool:
    """Keep a part of what is said about a picture, and leave the rest of it as it is.

    Args:
        split: of the picture.
        image_index: its number.
        said: fields of a ``Remark``.

    Returns:
        Whether it was kept; where it was not, the visitor is told why.
    """
    try:
        now = annotation_store().all(split).get(image_index, Annotation())
        annotation_store().say(image_index, replace(now, **said), split, by=actor())
    except FmnistError as error:
        st.toast(plain(error), icon=":material/error:")
        return False
    st.toast("Kept.", icon=":material/check:")
    return True


def show_rejudged(run: Run) -> None:
    """The accuracy by the dataset's labels, and beside it as visitors re-judged it."""
    predictions = load_predictions(run, view_state().epoch)
    said = annotation_store().all()
    result = rejudge(predictions.predicted == predictions.labels, said)
    annotated = sum(bool(annotation.cause) for annotation in said.values())
    counted = len(predictions.labels) - result.left_out
    with st.grid(3, min_column_width=200):
        st.metric("Official accuracy", accuracy(result.official.value))
        st.metric(
            "As you re-judged it",
            accuracy(result.rejudged.value, counted),
            help="Where the label is wrong, contradicting it counts as right and repeating it as "
            f"wrong. Left out, because nobody can tell: {result.left_out}.",
        )
        st.metric("Test pictures with a verdict", f"{annotated:,}")


def show_annotations(run: Run) -> None:
    """The accuracy as re-judged, and every picture that somebody said something about."""
    predictions = load_predictions(run, view_state().epoch)
    said: dict[Split, Mapping[int, Annotation]] = {
        "test": annotation_store().all(),
        "train": annotation_store().all("train"),
    }
    if not any(said.values()):
        st.info(
            "Nobody has said anything about a picture yet. Open one, choose **Notes**, and say "
            "whether its label or the network is wrong."
        )
        return
    show_rejudged(run)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        search = st.text_input("Search", placeholder="A word of a note, a tag or a verdict")
        st.download_button(
            "Remarks (CSV)",
            lambda: annotations_csv(said),
            "remarks.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
        )
    found = {split: annotations_with(one, search) for split, one in said.items()}
    if not any(map(len, found.values())):
        st.info("No remark says that.")
        return
    if len(numbers := found["test"]):
        shown = numbers[pages_of(len(numbers), PER_PAGE, PAGE)]
        gallery(
            [tile(predictions, int(number), said["test"].get(int(number))) for number in shown],
            predictions.data.test_images[shown],
            key="mistakes.remarks",
            size="large",
            on_click=lambda _, image_index: STATE.change(
                VIEW.to("pictures"), IMAGE.to(image_index), IMAGE_PANEL.to("notes")
            ),
        )
    if len(found["train"]):
        show_annotated_training_images(
            predictions, found["train"][:MOST_TRAINING_IMAGES], said["train"]
        )


def annotations_with(said: Mapping[int, Annotation], search: str) -> NDArray[np.int64]:
    """The numbers of pictures with a remark that says it, ascending."""
    return np.array(sorted(n for n, one in said.items() if one.mentions(search)), np.int64)


def show_annotated_training_images(
    predictions: RunPredictions, numbers: NDArray[np.int64], said: Mapping[int, Annotation]
) -> None:
    """Training pictures that somebody said something about; no run's accuracy depends on them."""
    st.subheader("Training pictures", anchor=False)
    names = [CLASS_NAMES[int(label)] for label in predictions.data.train_labels[numbers]]
    gallery(
        [
            with_annotation(Tile("train", int(number), name, name), said.get(int(number)))
            for number, name in zip(numbers, names, strict=True)
        ],
        predictions.data.train_images[numbers],
        key="mistakes.remarks.train",
        size="large",
        on_click=lambda _, image_index: STATE.change(
            VIEW.to("suspects"), SPLIT.to("train"), SUSPECT.to(image_index)
        ),
    )
