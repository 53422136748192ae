"""Label errors: images whose label the networks contradict together."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.annotations import Annotation
from fmnist_core.dataset import CLASS_NAMES, SPLIT_SIZES, Split
from fmnist_core.export.tables import label_errors_csv
from fmnist_core.runs import Run
from ui.components.gallery import Tile, gallery
from ui.formatting import confidence_text
from ui.mistakes.annotations import show_rejudged
from ui.mistakes.cross_validation import show_cross_validation
from ui.mistakes.gallery_view import CAPTION_BREAK, with_annotation
from ui.mistakes.label_error_detail import show_label_error
from ui.mistakes.label_error_models import VoteResult, vote_on_labels
from ui.mistakes.view_state import PAGE, SPLIT, SPLITS, SUSPECT, UNANNOTATED_ONLY, open_suspect
from ui.pager import pages_of
from ui.services import annotation_store, dataset

VOTER_DESCRIPTIONS: dict[Split, str] = {
    "test": "the best and those close behind it",
    "train": "those that come up to this run",
}
PER_PAGE = 42


def show_label_errors(run: Run) -> None:
    """The suspects (possible label errors) of a split: gallery, the open one, verdicts."""
    split = SPLIT.value
    result = vote_on_labels(split, run)
    annotations = annotation_store().all(split)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        SPLIT.choose("Pictures", tuple(SPLITS), words=SPLITS)
        st.toggle("Only those without a verdict", **UNANNOTATED_ONLY.widget())
        show_downloads(split, result)
    st.markdown(label_errors_sentence(split, result))
    if split == "test":
        show_rejudged(run)
    else:
        show_cross_validation(run, result.votes.voted)
    indices = visible_label_errors(result, annotations)
    if not len(result.label_errors.indices):
        return
    left, right = st.columns([1, 1], gap="large")
    with left:
        show_label_error_gallery(split, result, indices, annotations)
    with right, st.container(key="mistakes_suspect"):
        show_label_error(split, result, indices, open_label_error(split, indices))


def visible_label_errors(
    result: VoteResult, annotations: Mapping[int, Annotation]
) -> NDArray[np.int64]:
    """Indices of the suspects in the gallery, the clearest first."""
    indices = result.label_errors.indices
    if not UNANNOTATED_ONLY.value:
        return indices
    annotated = [image_index for image_index, annotation in annotations.items() if annotation.cause]
    return indices[~np.isin(indices, annotated)]


def open_label_error(split: Split, indices: NDArray[np.int64]) -> int | None:
    """Index of the open suspect: the one in the address, else the first."""
    if SUSPECT.value is not None and SUSPECT.value < SPLIT_SIZES[split]:
        return SUSPECT.value
    return int(indices[0]) if len(indices) else None


def label_errors_sentence(split: Split, result: VoteResult) -> str:
    """How many networks voted, and how many labels they contradict, in sentences."""
    if not result.voter_count:
        if split == "test":
            return "No network can judge these pictures yet: each was trained on wrong labels."
        return "No network can judge these pictures yet, because each was trained on them."
    count, image_count = len(result.label_errors.indices), result.votes.voted
    voters = (
        "**One network was asked**: train more, and their agreement counts."
        if result.voter_count == 1
        else f"**{result.voter_count} networks** were asked, {VOTER_DESCRIPTIONS[split]}."
    )
    subject = "it contradicts" if result.voter_count == 1 else "they contradict"
    labels = "label" if count == 1 else "labels"
    held_out_text = (
        "" if split == "test" else " Each was asked only about pictures it never trained on."
    )
    return (
        f"{voters}{held_out_text} Of {image_count:,} {SPLITS[split].lower()}, {subject} "
        f"**{count:,}** {labels} with confidence and at least three quarters of the votes "
        "(confident learning, Northcutt et al., 2021). Is the label wrong, or are the networks? "
        "You decide."
    )


def show_label_error_gallery(
    split: Split,
    result: VoteResult,
    indices: NDArray[np.int64],
    annotations: Mapping[int, Annotation],
) -> None:
    """The gallery of suspects, the clearest first."""
    if not len(indices):
        st.success("Every suspicious label has a verdict.", icon=":material/check_circle:")
        return
    visible_indices = indices[pages_of(len(indices), PER_PAGE, PAGE)]
    gallery(
        [
            label_error_tile(split, result, int(index), annotations.get(int(index)))
            for index in visible_indices
        ],
        dataset().images(split)[visible_indices],
        key=f"mistakes.suspects.{split}",
        size="large",
        selected=open_label_error(split, indices),
        on_click=open_suspect,
    )
    st.caption("The clearest contradictions come first. Below each is what the networks say it is.")


def label_error_tile(
    split: Split, result: VoteResult, image_index: int, annotation: Annotation | None
) -> Tile:
    """The tile of a suspect: its label, the class that the networks suggest, its probability."""
    label = CLASS_NAMES[int(dataset().labels(split)[image_index])]
    position = int(np.flatnonzero(result.label_errors.indices == image_index)[0])
    suggested = int(result.label_errors.suggested[position])
    confidence = confidence_text(float(result.votes.probabilities[image_index, suggested]))
    said = f"{'says' if result.voter_count == 1 else 'say'} {CLASS_NAMES[suggested]}"
    name = f"labelled {label}, taken for {CLASS_NAMES[suggested]}"
    return with_annotation(
        Tile(split, image_index, name, f"{said}{CAPTION_BREAK}{confidence}"), annotation
    )


def show_downloads(split: Split, result: VoteResult) -> None:
    """The download of the suspects with their annotations as CSV."""
    st.download_button(
        "Suspicious labels (CSV)",
        lambda: label_errors_csv(
            split,
            dataset().labels(split),
            result.votes,
            result.label_errors,
            annotation_store().all(split),
        ),
        f"suspicious-{split}-labels.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
        disabled=not len(result.label_errors.indices),
    )
