"""One possible label error: its label, the votes of the networks, the visitor's annotation."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.annotations import Annotation, Cause
from fmnist_core.dataset import CLASS_NAMES, Split
from fmnist_core.figures.probabilities import probability_bars
from ui.components.acts import in_order
from ui.components.chart import chart
from ui.components.gallery import Tile, gallery
from ui.components.steps import steps
from ui.mistakes.annotations import CAUSE_LABELS, note_fields, read_annotation, save_annotation
from ui.mistakes.label_error_models import VoteResult
from ui.mistakes.view_state import IMAGE, STATE, SUSPECT, VIEW, open_suspect
from ui.rights import may_change
from ui.services import annotation_store, dataset

SHORTCUTS = {"label wrong": "1", "model wrong": "2", "cannot tell": "3"}


def show_label_error(
    split: Split, found: VoteResult, numbers: NDArray[np.int64], image_index: int | None
) -> None:
    """The picture large, the bars beside it, and the three verdicts below."""
    if image_index is None:
        return
    places = np.flatnonzero(numbers == image_index)
    at = int(places[0]) if len(places) else None
    steps(
        numbers,
        image_index,
        key="mistakes.suspects",
        on_step=lambda to: open_suspect(split, to),
        elsewhere="Not in the list.",
    )
    label = int(dataset().labels(split)[image_index])
    annotation = annotation_store().all(split).get(image_index, Annotation())
    with st.container(border=True, key="mistakes_case"):
        st.markdown(votes_sentence(found, image_index, label))
        one, two = st.columns([2, 3], vertical_alignment="center")
        with one:
            gallery(
                [
                    Tile(
                        split,
                        image_index,
                        CLASS_NAMES[label],
                        f"{split.capitalize()} {image_index}",
                    )
                ],
                dataset().images(split)[image_index][None],
                # Another picture is another wall, so that it comes into sight.
                key=f"mistakes.case.{split}.{image_index}",
                size="huge",
                reveal=image_index if SUSPECT.value is not None else None,
            )
        with two:
            chart(
                probability_bars(found.votes.probabilities[image_index].astype(np.float32), label),
                key="mistakes.case.bars",
                height=300,
                label=f"Mean probabilities of the ten classes for {split} picture {image_index}",
            )
        if may_change():
            show_votes(split, image_index, annotation, next_label_error(numbers, at))
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.popover("Note and tags" + " •" * bool(annotation.note or annotation.tags)):
            if may_change():
                note_fields(split, image_index)
            else:
                read_annotation(annotation)
        if split == "test":
            st.button(
                "All about this picture",
                icon=":material/open_in_full:",
                key=f"mistakes.all_about.{image_index}",
                on_click=in_order(STATE.change),
                args=(VIEW.to("pictures"), IMAGE.to(image_index)),
            )


def next_label_error(numbers: NDArray[np.int64], at: int | None) -> int | None:
    """The suspect after the open one; after the last, none."""
    return int(numbers[at + 1]) if at is not None and at + 1 < len(numbers) else None


def votes_sentence(found: VoteResult, image_index: int, label: int) -> str:
    """What the label says and what the networks say."""
    voters = int(found.votes.models[image_index])
    if not voters:
        return f"Labelled **{CLASS_NAMES[label]}**. No network has judged it."
    votes = found.votes.votes[image_index]
    most = int(votes.argmax())
    said = f"all {voters} networks call it" if voters > 1 else "the network calls it"
    if votes[most] < voters:
        said = f"{votes[most]} of {voters} networks call it"
    return f"Labelled **{CLASS_NAMES[label]}**; {said} **{CLASS_NAMES[most]}**."


def show_votes(split: Split, image_index: int, annotation: Annotation, after: int | None) -> None:
    """Three buttons; the chosen one is full, and a click on it takes the verdict back."""
    with st.container(horizontal=True, key="mistakes_verdicts"):
        for cause, words in CAUSE_LABELS.items():
            st.button(
                words,
                # A click that comes late is one on the picture that it was meant for.
                key=f"mistakes.verdict.{split}.{image_index}.{cause}",
                type="primary" if annotation.cause == cause else "secondary",
                on_click=in_order(annotate),
                args=(split, image_index, "" if annotation.cause == cause else cause, after),
                shortcut=SHORTCUTS[cause],
            )


def annotate(split: Split, image_index: int, cause: Cause, after: int | None) -> None:
    """Keep a verdict and go on to the next suspect; without one stay."""
    if save_annotation(split, image_index, cause=cause) and cause:
        open_suspect(split, image_index if after is None else after)
