"""What the last epoch changed: images learned and forgotten, the matrix, the worst classes."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.analysis.learning_dynamics import epoch_changes
from fmnist_core.analysis.metrics import confusion_matrix, worst_classes
from fmnist_core.analysis.telling_mistake import most_confident_mistake
from fmnist_core.dataset import CLASS_NAMES, SIDE
from fmnist_core.errors import FmnistError
from fmnist_core.runs import EpochEvent, Run, RunEvents
from fmnist_core.text import for_html
from ui.cache import epoch_predictions
from ui.components.gallery import Tile, gallery_data
from ui.components.live import live_epoch
from ui.components.live_matrix import matrix_data
from ui.navigation import go_to, go_to_image
from ui.picture import picture_html
from ui.services import dataset, store
from ui.train.live_parts import epoch_stamp, stamp_of

GALLERY_TILES = 24
WORST_CLASSES = 3


# A part for each component, by the names that these have.
Content = dict[str, Any]


def show_epoch_changes(run: Run, events: RunEvents) -> None:
    """The section on the last finished epoch; before the first, its parts say what will come.

    Only its words are sent with the page: a browser fetches pictures and matrix, once they are near
    the screen, and keeps them.
    """
    epoch = epoch_stamp(events)
    words = drawings = _before_the_first(bool(epoch))
    if epoch:
        try:
            words = epoch_content(run.id, epoch)
        except FmnistError:
            # Curves need no pictures; another page says what is missing.
            return

    def show(kind: Literal["gallery", "matrix", "html"], name: str) -> None:
        is_sent = kind == "html"
        live_epoch(
            kind,
            name,
            (words if is_sent else drawings)[name],
            epoch if is_sent else "",
            epoch,
            run.id,
            lambda _, index: open_image(run.id, index),
        )

    show("html", "title")
    left, right = st.columns(2, gap="medium")
    for column, name in ((left, "learned"), (right, "forgotten")):
        with column:
            show("html", f"{name}_title")
            show("gallery", name)
    left, right = st.columns([3, 2], gap="large")
    with left, st.container(key="live_matrix"):
        show("matrix", "matrix")
    with right, st.container(key="live_hardest"):
        st.subheader("Hardest now", anchor=False)
        show("html", "hardest")


def _before_the_first(is_known: bool) -> Content:
    """What stands in the place of pictures and matrix until they are there.

    Args:
        is_known: whether an epoch has ended, so that they only have to be fetched.
    """
    none = gallery_data([], np.empty((0, SIDE, SIDE), np.uint8), "small", room=GALLERY_TILES)
    return {
        "title": _title("What each epoch changes"),
        "learned_title": _count_html("Learned", "known after the first epoch"),
        "learned": none,
        "forgotten_title": _count_html("Forgotten", "known after the first epoch"),
        "forgotten": none,
        "matrix": matrix_data(
            None,
            None,
            "The confusion matrix, after the first epoch",
            "" if is_known else "The confusion matrix comes with the first epoch.",
        ),
        "hardest": '<p class="fm-live-hardest">The three classes with the most mistakes.</p>',
    }


def epoch_content(run_id: str, epoch: str) -> Content:
    """What an epoch changed: images learned and forgotten, the matrix, the worst classes.

    Args:
        run_id: the run.
        epoch: one of its finished epochs, as ``epoch_stamp`` says it.

    Raises:
        DatasetUnavailable: the pictures are not on this machine.
        NoSuchEpoch: the run has no such epoch, or no longer.
        FmnistError: its predictions cannot be read.
    """
    last, previous = find_epoch(run_id, epoch)
    return _content(run_id, epoch, last, previous)


def find_epoch(run_id: str, epoch: str) -> tuple[EpochEvent, EpochEvent | None]:
    """A finished epoch by what ``epoch_stamp`` says, and the one before it, where there was one.

    Raises:
        NoSuchEpoch: the run has no such epoch, or no longer.
        RunNotFound: there is no such run.
    """
    events = store().events(run_id).epochs
    number = next((n for n, event in enumerate(events) if stamp_of(event) == epoch), None)
    if number is None:
        raise NoSuchEpoch
    return events[number], events[number - 1] if number else None


class NoSuchEpoch(FmnistError):
    """A run has no such epoch, or it was trained again since."""

    def __init__(self) -> None:
        super().__init__("This run has no such epoch.")


# A resource, because all visitors read it and nobody changes it.
@st.cache_resource(show_spinner=False, max_entries=64)
def _content(
    run_id: str, epoch: str, _last_epoch: EpochEvent, _previous_epoch: EpochEvent | None
) -> Content:
    data = dataset()
    labels, images = np.asarray(data.test_labels), data.test_images
    after = epoch_predictions(run_id, _last_epoch)
    before = epoch_predictions(run_id, _previous_epoch) if _previous_epoch else {}
    predictions = after["test_predictions"]
    learned, forgotten = epoch_changes(
        labels,
        before.get("test_probabilities"),
        after["test_probabilities"],
        before.get("test_predictions"),
        predictions,
    )
    matrix = confusion_matrix(labels, predictions)
    matrix_before = confusion_matrix(labels, before["test_predictions"]) if before else None
    number = _last_epoch.epoch
    matrix_label = (
        f"Confusion matrix of the test pictures after epoch {number}: rows are the true classes, "
        "columns the predictions"
    )
    confidences = after["test_probabilities"].max(axis=1)
    return {
        "title": _title(f"What epoch {number} changed"),
        "learned_title": _count("Learned", learned),
        "learned": _changed_images(learned, "right", labels, predictions, images),
        "forgotten_title": _count("Forgotten", forgotten),
        "forgotten": _changed_images(forgotten, "wrong", labels, predictions, images),
        "matrix": matrix_data(matrix, matrix_before, matrix_label),
        "hardest": _worst_html(matrix, labels, predictions, confidences, images),
    }


def _title(words: str) -> str:
    return f'<h2 class="fm-live-title">{words}</h2>'


def _count(title: str, indices: NDArray[np.int64]) -> str:
    count = len(indices)
    return _count_html(title, f"{count:,} test picture{'s' * (count != 1)}")


def _count_html(title: str, words: str) -> str:
    return f'<p class="fm-live-count"><b>{title}:</b> {words}</p>'


def _changed_images(
    indices: NDArray[np.int64],
    tone: Literal["right", "wrong"],
    labels: NDArray[np.uint8],
    predictions: NDArray[np.uint8],
    images: NDArray[np.uint8],
) -> dict[str, Any]:
    """A gallery of the images that changed most; as high with few images as with many."""
    visible = indices[:GALLERY_TILES]
    tiles = [
        Tile("test", int(index), _summary(int(labels[index]), int(predictions[index])), tone=tone)
        for index in visible
    ]
    return gallery_data(tiles, np.asarray(images[visible]), "small", room=GALLERY_TILES)


def _summary(label: int, prediction: int) -> str:
    if label == prediction:
        return f"{CLASS_NAMES[label]}, right now"
    return f"{CLASS_NAMES[label]}, now mistaken for {CLASS_NAMES[prediction]}"


def _worst_html(
    matrix: NDArray[np.int64],
    labels: NDArray[np.uint8],
    predictions: NDArray[np.uint8],
    confidences: NDArray[np.uint8],
    images: NDArray[np.uint8],
) -> str:
    """The classes with the lowest recall as a list, each with its most confident mistake."""
    lines = []
    for row in worst_classes(matrix, WORST_CLASSES).itertuples():
        truth, predicted = int(row.truth), int(row.mistaken_for)
        percent = f"{100 * row.correct / row.total:.0f}"
        picture = confusion = ""
        if predicted >= 0:
            index = most_confident_mistake(labels, predictions, confidences, truth, predicted)
            label = f"Test picture {index}: {_summary(truth, predicted)}"
            picture = picture_html(images[index], label)
            confusion = f"most often mistaken for <em>{for_html(CLASS_NAMES[predicted])}</em>"
        # One text a line: none begins elsewhere when another changes.
        lines.append(
            f"<li>{picture}<div><p><b>{for_html(CLASS_NAMES[truth])}: {percent} % right</b><br>"
            f'{confusion}</p><i class="fm-recall" style="--share: {percent}%"></i></div></li>'
        )
    return f'<ul class="fm-live-hardest">{"".join(lines)}</ul>'


def open_image(run_id: str, image_index: int) -> None:
    """Open a test image that changed: in Mistakes, once the run has ended."""
    run = store().get(run_id)
    if run.has_predictions:
        go_to("mistakes", run=run.id, picture=str(image_index))
    else:
        go_to_image("test", image_index)
