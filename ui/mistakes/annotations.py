"""Annotations of visitors: verdicts and notes entered below an image, and a list of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.analysis.metrics import accuracy_text
from fmnist_core.annotations import (
    CAUSE_LABELS,
    LONGEST_NOTE,
    Annotation,
    Cause,
    corrected_accuracy,
)
from fmnist_core.dataset import CLASS_NAMES, Split
from fmnist_core.export.tables import annotations_csv
from fmnist_core.runs import Run
from ui.components.acts import in_order, in_order_with_value
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
SHORTCUTS: dict[Cause, str] = {"label wrong": "1", "model wrong": "2", "cannot tell": "3"}


def show_annotation(predictions: RunPredictions, image_index: int) -> None:
    """Note and tags of the open test image, saved as they are entered."""
    if may_change():
        note_fields("test", image_index)
    else:
        show_read_only_annotation(annotation_store().all().get(image_index, Annotation()))


def show_cause_buttons(
    split: Split, image_index: int, after: Callable[[], object] = lambda: None
) -> None:
    """Three buttons for a verdict on an image, saved at the click; a second one takes it back.

    Args:
        split: of the image.
        image_index: in the split.
        after: called when a verdict was saved, but not when one was taken back.
    """
    if not may_change():
        return
    saved = annotation_store().all(split).get(image_index, Annotation()).cause
    with st.container(horizontal=True, vertical_alignment="center", key="mistakes_verdicts"):
        st.markdown("Verdict", width="content")
        for cause, label in CAUSE_LABELS.items():
            st.button(
                label,
                # A click that comes late is one on the picture that it was meant for.
                key=f"mistakes.verdict.{split}.{image_index}.{cause}",
                type="primary" if saved == cause else "secondary",
                on_click=in_order(save_cause),
                args=(split, image_index, "" if saved == cause else cause, after),
                shortcut=SHORTCUTS[cause],
            )


def save_cause(split: Split, image_index: int, cause: Cause, after: Callable[[], object]) -> None:
    """Save a verdict, or take it back where the cause is empty."""
    if save_annotation(split, image_index, cause=cause) and cause:
        after()


def show_read_only_annotation(annotation: Annotation) -> None:
    """The annotation of an image, for visitors who may not change it."""
    looking_on()
    if annotation == Annotation():
        st.caption("No verdict and no note on this picture yet.")
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
        st.toast("Saved.", icon=":material/check:")
        return True
    return False


def show_rejudged(run: Run) -> None:
    """The accuracy by the dataset's labels, and beside it the one by the visitors' annotations."""
    predictions = load_predictions(run, view_state().epoch)
    annotations = annotation_store().all()
    result = corrected_accuracy(predictions.predicted == predictions.labels, annotations)
    annotated = sum(bool(annotation.cause) for annotation in annotations.values())
    image_count = len(predictions.labels) - result.left_out
    with st.grid(3, min_column_width=150):
        st.metric("Test accuracy", accuracy_text(result.official.value))
        st.metric(
            "After your verdicts",
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
        with st.container(border=True):
            st.subheader("No verdicts yet", anchor=False)
            st.markdown(
                "Open a picture and say whether its label or the network is wrong. The suspicious "
                "labels are a good start: a verdict takes a few seconds, and the next picture "
                "follows."
            )
            st.button(
                "Judge the suspicious labels",
                icon=":material/gavel:",
                on_click=in_order(STATE.change),
                args=(VIEW.to("suspects"),),
            )
        return
    show_rejudged(run)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        search = st.text_input("Search", placeholder="A word of a note, a tag or a verdict")
        st.download_button(
            "Verdicts (CSV)",
            lambda: annotations_csv(annotations),
            "verdicts.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
        )
    matches = {
        split: indices_of_matches(of_split, search) for split, of_split in annotations.items()
    }
    if not any(map(len, matches.values())):
        st.info("No verdict and no note says that.")
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
