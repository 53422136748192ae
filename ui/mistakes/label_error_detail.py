"""One possible label error: its label, the votes of the networks, the visitor's annotation."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.annotations import Annotation
from fmnist_core.dataset import CLASS_NAMES, Split
from fmnist_core.figures.probabilities import probability_bars
from ui.components.acts import in_order
from ui.components.chart import chart
from ui.components.gallery import Tile, gallery
from ui.components.steps import steps
from ui.mistakes.annotations import note_fields, show_cause_buttons, show_read_only_annotation
from ui.mistakes.label_error_models import VoteResult
from ui.mistakes.view_state import IMAGE, SPLITS, STATE, SUSPECT, VIEW, open_suspect
from ui.rights import may_change
from ui.services import annotation_store, dataset


def show_label_error(
    split: Split, result: VoteResult, indices: NDArray[np.int64], image_index: int | None
) -> None:
    """One suspect: image, mean probabilities of the networks, and the buttons for a verdict."""
    if image_index is None:
        return
    positions = np.flatnonzero(indices == image_index)
    position = int(positions[0]) if len(positions) else None
    steps(
        indices,
        image_index,
        key="mistakes.suspects",
        on_step=lambda index: open_suspect(split, index),
        elsewhere="Not in the list.",
    )
    label = int(dataset().labels(split)[image_index])
    annotation = annotation_store().all(split).get(image_index, Annotation())
    with st.container(border=True, key="mistakes_case"):
        st.markdown(votes_sentence(result, image_index, label))
        _show_image_and_probabilities(split, result, image_index, label)
        next_index = next_label_error(indices, position)
        opens = image_index if next_index is None else next_index
        show_cause_buttons(split, image_index, after=lambda: open_suspect(split, opens))
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.popover("Note" + " •" * bool(annotation.note or annotation.tags)):
            if may_change():
                note_fields(split, image_index)
            else:
                show_read_only_annotation(annotation)
        if split == "test":
            st.button(
                "All about this picture",
                icon=":material/open_in_full:",
                key=f"mistakes.all_about.{image_index}",
                on_click=in_order(STATE.change),
                args=(VIEW.to("pictures"), IMAGE.to(image_index)),
            )


def _show_image_and_probabilities(
    split: Split, result: VoteResult, image_index: int, label: int
) -> None:
    tile = Tile(
        split, image_index, CLASS_NAMES[label], f"{SPLITS[split].removesuffix('s')} {image_index}"
    )
    left, right = st.columns([2, 3], vertical_alignment="center")
    with left:
        gallery(
            [tile],
            dataset().images(split)[image_index][None],
            # Another image is another gallery, so that it comes into sight.
            key=f"mistakes.case.{split}.{image_index}",
            size="huge",
            reveal=image_index if SUSPECT.value is not None else None,
        )
    with right:
        chart(
            probability_bars(result.votes.probabilities[image_index].astype(np.float32), label),
            key="mistakes.case.bars",
            height=300,
            label=f"Mean probabilities of the ten classes for {split} picture {image_index}",
        )


def next_label_error(indices: NDArray[np.int64], position: int | None) -> int | None:
    """Index of the suspect after the open one; ``None`` after the last."""
    if position is None or position + 1 >= len(indices):
        return None
    return int(indices[position + 1])


def votes_sentence(result: VoteResult, image_index: int, label: int) -> str:
    """Label of an image and the class that most networks vote for, in a sentence."""
    voters = int(result.votes.models[image_index])
    if not voters:
        return f"Labelled **{CLASS_NAMES[label]}**. No network has judged it."
    votes = result.votes.votes[image_index]
    winner = int(votes.argmax())
    sentence = f"all {voters} networks say" if voters > 1 else "the network says"
    if votes[winner] < voters:
        sentence = f"{votes[winner]} of {voters} networks say"
    return f"Labelled **{CLASS_NAMES[label]}**; {sentence} **{CLASS_NAMES[winner]}**."
