"""The scene of Explore data: the open picture, a class, or one picture of each class."""

from __future__ import annotations

import numpy as np

from fmnist_core.dataset import CLASS_NAMES, EXAMPLES_SEED, Dataset, Split, class_examples
from ui.explore.sheet import sheet_class
from ui.explore.view_state import SELECTED_CLASS, SPLITS, ViewState, view_state
from ui.present.pictures import show_pictures
from ui.present.scene import Scene
from ui.services import dataset

PICTURES = 10


def scene() -> Scene:
    """What the address says is shown, as one thing.

    Raises:
        DatasetUnavailable: the pictures are not on this machine.
    """
    data, state = dataset(), view_state()
    if state.image_index is not None and (state.in_detail or state.view == "gallery"):
        return _picture(data, state, state.image_index)
    class_id = _only_class(state)
    return ten_classes(data, state.split) if class_id is None else _one_class(data, state, class_id)


def _picture(data: Dataset, state: ViewState, image_index: int) -> Scene:
    name = CLASS_NAMES[data.labels(state.split)[image_index]]
    split = SPLITS[state.split].lower()
    image = np.asarray(data.images(state.split)[image_index])
    return Scene(
        "What is this?",
        f"Its label says {name}. It is {split} picture {image_index:,}, 28 × 28 grey pixels.",
        lambda: show_pictures(image[None], [name], captions=False),
    )


def _only_class(state: ViewState) -> int | None:
    """The one class that the view shows."""
    if state.view == "sheet":
        return sheet_class(state)
    if state.view == "classes":
        return SELECTED_CLASS.value
    return state.classes[0] if len(state.classes) == 1 else None


def _one_class(data: Dataset, state: ViewState, class_id: int) -> Scene:
    name = CLASS_NAMES[class_id]
    indices = np.flatnonzero(np.asarray(data.labels(state.split)) == class_id)
    chosen = np.sort(np.random.default_rng(EXAMPLES_SEED).choice(indices, PICTURES, replace=False))
    images = np.asarray(data.images(state.split)[chosen])
    return Scene(
        name,
        f"Ten of the {len(indices):,} {SPLITS[state.split].lower()} pictures that are all "
        f"labelled {name}.",
        lambda: show_pictures(images, [name] * PICTURES, captions=False),
    )


def ten_classes(data: Dataset, split: Split) -> Scene:
    """One picture of each class."""
    images = np.asarray(data.images(split)[class_examples(np.asarray(data.labels(split)))])
    return Scene(
        "Ten kinds of clothes",
        "70,000 small grey pictures: a network learns from 60,000 and is tested on the others.",
        lambda: show_pictures(images, CLASS_NAMES),
    )
