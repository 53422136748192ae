"""Label errors: images whose label the networks contradict together."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.annotations import Annotation
from fmnist_core.dataset import CLASS_NAMES, Split
from fmnist_core.export.tables import label_errors_csv
from fmnist_core.runs import Run
from ui.components.gallery import Tile, gallery
from ui.mistakes.annotations import show_rejudged
from ui.mistakes.cross_validation import show_cross_validation
from ui.mistakes.gallery_view import with_annotation
from ui.mistakes.label_error_detail import show_label_error
from ui.mistakes.label_error_models import VoteResult, find_label_errors
from ui.mistakes.view_state import PAGE, SPLIT, SPLITS, SUSPECT, UNANNOTATED_ONLY, open_suspect
from ui.pager import pages_of
from ui.services import annotation_store, dataset

VOTER_DESCRIPTIONS: dict[Split, str] = {
    "test": "the best and those close behind it",
    "train": "those that come up to this run",
}
SPLIT_SIZES: dict[Split, int] = {"test": 10_000, "train": 60_000}
PER_PAGE = 42


def show_label_errors(run: Run) -> None:
    """Which split, what was found in it, and one suspect after the other."""
    split = SPLIT.value
    found = find_label_errors(split, run)
    said = annotation_store().all(split)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        SPLIT.choose("Pictures", tuple(SPLITS), words=SPLITS)
        st.toggle("Only those without a verdict", **UNANNOTATED_ONLY.widget())
        show_downloads(split, found)
    st.markdown(label_errors_sentence(split, found))
    if split == "test":
        show_rejudged(run)
    else:
        show_cross_validation(run, found.votes.voted)
    numbers = visible_label_errors(found, said)
    if not len(found.label_errors.numbers):
        return
    left, right = st.columns([1, 1], gap="large")
    with left:
        show_label_error_gallery(split, found, numbers, said)
    with right:
        show_label_error(split, found, numbers, open_label_error(split, numbers))


def visible_label_errors(found: VoteResult, said: Mapping[int, Annotation]) -> NDArray[np.int64]:
    """The suspects on the wall, in its order."""
    numbers = found.label_errors.numbers
    if not UNANNOTATED_ONLY.value:
        return numbers
    annotated = [image_index for image_index, annotation in said.items() if annotation.cause]
    return numbers[~np.isin(numbers, annotated)]


def open_label_error(split: Split, numbers: NDArray[np.int64]) -> int | None:
    """The open suspect: the one in the address, else the first."""
    if SUSPECT.value is not None and SUSPECT.value < SPLIT_SIZES[split]:
        return SUSPECT.value
    return int(numbers[0]) if len(numbers) else None


def label_errors_sentence(split: Split, found: VoteResult) -> str:
    """What was asked and what came out, in sentences."""
    if not found.voter_count:
        return "No network can judge these pictures yet, because each was trained on them."
    count, voted = len(found.label_errors.numbers), found.votes.voted
    consulted = (
        "**One network was asked**: train more, and their agreement counts."
        if found.voter_count == 1
        else f"**{found.voter_count} networks** were asked, {VOTER_DESCRIPTIONS[split]}."
    )
    who = "it contradicts" if found.voter_count == 1 else "they contradict"
    labels = "label" if count == 1 else "labels"
    apart = "" if split == "test" else " Each was asked only about pictures it never trained on."
    return (
        f"{consulted}{apart} Of {voted:,} {SPLITS[split].lower()}, {who} **{count:,}** {labels} "
        "with confidence and at least three quarters of the votes (confident learning, Northcutt "
        "et al., 2021). Is the label wrong, or are the networks? You decide."
    )


def show_label_error_gallery(
    split: Split, found: VoteResult, numbers: NDArray[np.int64], said: Mapping[int, Annotation]
) -> None:
    """A page of suspects, the clearest first."""
    if not len(numbers):
        st.success("Every suspect has a verdict.", icon=":material/check_circle:")
        return
    shown = numbers[pages_of(len(numbers), PER_PAGE, PAGE)]
    gallery(
        [label_error_tile(split, found, int(one), said.get(int(one))) for one in shown],
        dataset().images(split)[shown],
        key=f"mistakes.suspects.{split}",
        selected=open_label_error(split, numbers),
        on_click=open_suspect,
    )
    st.caption("The clearest contradictions come first. Below each: what the networks say.")


def label_error_tile(
    split: Split, found: VoteResult, image_index: int, annotation: Annotation | None
) -> Tile:
    """A suspect with what the networks say of it."""
    label = CLASS_NAMES[int(dataset().labels(split)[image_index])]
    place = int(np.flatnonzero(found.label_errors.numbers == image_index)[0])
    suggested = int(found.label_errors.suggested[place])
    share = 100 * float(found.votes.probabilities[image_index, suggested])
    name = f"labelled {label}, called {CLASS_NAMES[suggested]}"
    return with_annotation(
        Tile(split, image_index, name, f"{CLASS_NAMES[suggested]} {share:.0f} %"), annotation
    )


def show_downloads(split: Split, found: VoteResult) -> None:
    """The suspects with all verdicts as a table."""
    st.download_button(
        "Suspects (CSV)",
        lambda: label_errors_csv(
            split,
            dataset().labels(split),
            found.votes,
            found.label_errors,
            annotation_store().all(split),
        ),
        f"suspicious-{split}-labels.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
        disabled=not len(found.label_errors.numbers),
    )
