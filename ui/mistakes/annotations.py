"""Annotations of visitors: entered below an image, listed in a part of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.analysis.metrics import accuracy_text
from fmnist_core.annotations import CAUSES, LONGEST_NOTE, Annotation, Cause, corrected_accuracy
from fmnist_core.dataset import CLASS_NAMES, Split
from fmnist_core.export.tables import annotations_csv
from fmnist_core.runs import Run
from ui.components.acts import in_order_with_value
from ui.components.choice import choice
from ui.components.gallery import Tile, gallery
from ui.errors import told_refusals
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
    """The annotation of the open test image: verdict, note and tags, saved as they are entered."""
    annotation = annotation_store().all().get(image_index, Annotation())
    if not may_change():
        show_read_only_annotation(annotation)
        return
    choice(
        "Your verdict",
        CAUSES[1:],
        annotation.cause or None,
        key=f"mistakes.judged.{image_index}",
        on_choose=lambda cause: save_annotation("test", image_index, cause=cause or ""),
        words=CAUSE_LABELS,
        required=False,
        show_label=True,
        help="It changes no official figure. Beside it, the accuracy as re-judged is shown.",
    )
    note_fields("test", image_index)


def show_read_only_annotation(annotation: Annotation) -> None:
    """The annotation of an image, for visitors who may not change it."""
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
    """Fields for note and tags of an image; saved when a field is left."""
    annotation = annotation_store().all(split).get(image_index, Annotation())
    note_key, tags_key = (f"mistakes.{field}.{split}.{image_index}" for field in ("note", "tags"))
    st.text_area(
        "Note",
        annotation.note,
        height=80,
        max_chars=LONGEST_NOTE,
        key=note_key,
        on_change=in_order_with_value(
            note_key, lambda text: save_annotation(split, image_index, note=text or "")
        ),
    )
    st.text_input(
        "Tags",
        " ".join(annotation.tags),
        help="Words, with spaces between them.",
        key=tags_key,
        on_change=in_order_with_value(
            tags_key,
            lambda text: save_annotation(split, image_index, tags=tuple((text or "").split())),
        ),
    )


def save_annotation(split: Split, image_index: int, **fields: Any) -> bool:
    """Save some fields of the annotation of an image, and leave the others as they are.

    Args:
        split: of the image.
        image_index: in the split.
        fields: of an ``Annotation``.

    Returns:
        Whether it was saved; otherwise the visitor is told why.
    """
    with told_refusals():
        annotation = annotation_store().all(split).get(image_index, Annotation())
        annotation_store().annotate(image_index, replace(annotation, **fields), split, by=actor())
        st.toast("Kept.", icon=":material/check:")
        return True
    return False


def show_rejudged(run: Run) -> None:
    """The accuracy by the dataset's labels, and beside it the one by the visitors' annotations."""
    predictions = load_predictions(run, view_state().epoch)
    annotations = annotation_store().all()
    result = corrected_accuracy(predictions.predicted == predictions.labels, annotations)
    annotated = sum(bool(annotation.cause) for annotation in annotations.values())
    image_count = len(predictions.labels) - result.left_out
    with st.grid(3, min_column_width=200):
        st.metric("Official accuracy", accuracy_text(result.official.value))
        st.metric(
            "As you re-judged it",
            accuracy_text(result.corrected.value, image_count),
            help="Where the label is wrong, contradicting it counts as right and repeating it as "
            f"wrong. Left out, because nobody can tell: {result.left_out}.",
        )
        st.metric("Test pictures with a verdict", f"{annotated:,}")


def show_annotations(run: Run) -> None:
    """The re-judged accuracy, and all annotated images, to search and to download."""
    predictions = load_predictions(run, view_state().epoch)
    annotations: dict[Split, Mapping[int, Annotation]] = {
        "test": annotation_store().all(),
        "train": annotation_store().all("train"),
    }
    if not any(annotations.values()):
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
            lambda: annotations_csv(annotations),
            "remarks.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
        )
    matches = {
        split: indices_of_matches(of_split, search) for split, of_split in annotations.items()
    }
    if not any(map(len, matches.values())):
        st.info("No remark says that.")
        return
    if len(indices := matches["test"]):
        visible_indices = indices[pages_of(len(indices), PER_PAGE, PAGE)]
        gallery(
            [
                tile(predictions, int(index), annotations["test"].get(int(index)))
                for index in visible_indices
            ],
            predictions.data.test_images[visible_indices],
            key="mistakes.remarks",
            size="large",
            on_click=lambda _, image_index: STATE.change(
                VIEW.to("pictures"), IMAGE.to(image_index), IMAGE_PANEL.to("notes")
            ),
        )
    if len(matches["train"]):
        show_annotated_training_images(
            predictions, matches["train"][:MOST_TRAINING_IMAGES], annotations["train"]
        )


def indices_of_matches(annotations: Mapping[int, Annotation], search: str) -> NDArray[np.int64]:
    """Indices of the images whose annotation mentions a text, ascending."""
    matches = (index for index, annotation in annotations.items() if annotation.mentions(search))
    return np.array(sorted(matches), np.int64)


def show_annotated_training_images(
    predictions: RunPredictions, indices: NDArray[np.int64], annotations: Mapping[int, Annotation]
) -> None:
    """Annotated training images; no run's accuracy depends on them."""
    st.subheader("Training pictures", anchor=False)
    names = [CLASS_NAMES[int(label)] for label in predictions.data.train_labels[indices]]
    gallery(
        [
            with_annotation(Tile("train", int(index), name, name), annotations.get(int(index)))
            for index, name in zip(indices, names, strict=True)
        ],
        predictions.data.train_images[indices],
        key="mistakes.remarks.train",
        size="large",
        on_click=lambda _, image_index: STATE.change(
            VIEW.to("suspects"), SPLIT.to("train"), SUSPECT.to(image_index)
        ),
    )
