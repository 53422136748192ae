"""What the last epoch changed: images learned and forgotten, the matrix, the worst classes."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.analysis.learning_dynamics import epoch_changes
from fmnist_core.analysis.metrics import confusion_matrix, worst_classes
from fmnist_core.dataset import CLASS_NAMES, SIDE, DatasetUnavailable
from fmnist_core.errors import FmnistError
from fmnist_core.figures.confusion import confusion_heatmap
from fmnist_core.figures.theme import themed_json
from fmnist_core.runs import EpochEvent, Run, RunEvents
from ui.cache import epoch_predictions
from ui.components.chart import chart
from ui.components.gallery import Tile, gallery
from ui.navigation import go_to, go_to_image
from ui.services import dataset
from ui.theme import is_dark

GALLERY_TILES = 24
MATRIX_HEIGHT = 500
WORST_CLASSES = 3


class ChangedImages(NamedTuple):
    """How many images an epoch changed, and tiles and pixels (n, 28, 28) of the foremost."""

    total: int
    tiles: list[Tile]
    images: NDArray[np.uint8]


class EpochChanges(NamedTuple):
    """What an epoch changed: images, the confusion matrix as Plotly JSON, the worst classes."""

    learned: ChangedImages
    forgotten: ChangedImages
    matrix: str
    worst: str


def show_epoch_changes(run: Run, events: RunEvents) -> None:
    """The section on the last finished epoch; before the first, its parts say what will come."""
    last_epoch = events.epochs[-1] if events.epochs else None
    previous_epoch = events.epochs[-2] if len(events.epochs) > 1 else None
    epoch_changes = None
    if last_epoch is not None:
        try:
            times = last_epoch.at, previous_epoch.at if previous_epoch else 0.0
            epoch_changes = _epoch_changes(run.id, times, is_dark(), last_epoch, previous_epoch)
        except (DatasetUnavailable, FmnistError):
            # Curves need no pictures; another page says what is missing.
            return
    st.header(
        f"What epoch {last_epoch.epoch} changed" if last_epoch else "What each epoch changes",
        anchor=False,
    )
    left, right = st.columns(2, gap="medium")
    with left:
        show_changed_images(run, "Learned", epoch_changes.learned if epoch_changes else None)
    with right:
        show_changed_images(run, "Forgotten", epoch_changes.forgotten if epoch_changes else None)
    left, right = st.columns([3, 2], gap="large")
    with left, st.container(key="live_matrix"):
        if last_epoch is None or epoch_changes is None:
            st.html('<div class="fm-later">The confusion matrix comes with the first epoch</div>')
        else:
            chart(
                epoch_changes.matrix,
                key=f"live.matrix.{run.id}",
                height=MATRIX_HEIGHT,
                label=f"Confusion matrix of the test pictures after epoch {last_epoch.epoch}: rows "
                "are the true classes, columns the predictions",
            )
    with right, st.container(key="live_hardest"):
        st.subheader("Hardest now", anchor=False)
        pending = "The three classes with the most mistakes."
        st.markdown(epoch_changes.worst if epoch_changes else pending)


# A resource, because all visitors read it several times a second and nobody changes it.
@st.cache_resource(show_spinner=False, max_entries=64)
def _epoch_changes(
    run_id: str,
    times: tuple[float, float],
    dark: bool,
    _last_epoch: EpochEvent,
    _previous_epoch: EpochEvent | None,
) -> EpochChanges:
    """Computed once an epoch; its times distinguish it from its repetition after a Resume."""
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
    return EpochChanges(
        _changed_images(learned, "right", labels, predictions, images),
        _changed_images(forgotten, "wrong", labels, predictions, images),
        themed_json(confusion_heatmap(matrix, dark), dark),
        _worst_text(matrix),
    )


def _changed_images(
    indices: NDArray[np.int64],
    tone: Literal["right", "wrong"],
    labels: NDArray[np.uint8],
    predictions: NDArray[np.uint8],
    images: NDArray[np.uint8],
) -> ChangedImages:
    visible = indices[:GALLERY_TILES]
    tiles = [
        Tile("test", int(index), _summary(int(labels[index]), int(predictions[index])), tone=tone)
        for index in visible
    ]
    return ChangedImages(len(indices), tiles, np.asarray(images[visible]))


def _summary(label: int, prediction: int) -> str:
    if label == prediction:
        return f"{CLASS_NAMES[label]}, right now"
    return f"{CLASS_NAMES[label]}, now mistaken for {CLASS_NAMES[prediction]}"


def _worst_text(matrix: NDArray[np.int64]) -> str:
    """The classes with the lowest recall, as a Markdown list."""
    lines = []
    for row in worst_classes(matrix, WORST_CLASSES).itertuples():
        share = 100 * row.correct / row.total
        name = CLASS_NAMES[row.truth]
        confusion = (
            f", most often mistaken for *{CLASS_NAMES[row.mistaken_for]}*"
            if row.mistaken_for >= 0
            else ""
        )
        lines.append(f"- **{name}**: {share:.0f} % right{confusion}")
    return "\n".join(lines)


def show_changed_images(run: Run, title: str, changed: ChangedImages | None) -> None:
    """A gallery of the images that changed most; a click leads to the image.

    As high with few images as with many.
    """
    if changed is None:
        st.markdown(f"**{title}**: known after the first epoch")
        changed = ChangedImages(0, [], np.empty((0, SIDE, SIDE), np.uint8))
    else:
        st.markdown(f"**{title}: {changed.total:,} test picture{'s' * (changed.total != 1)}**")
    gallery(
        changed.tiles,
        changed.images,
        key=f"live.{title}.{run.id}",
        size="small",
        room=GALLERY_TILES,
        on_click=lambda _, image_index: open_image(run, image_index),
    )


def open_image(run: Run, image_index: int) -> None:
    """Open a test image that changed: in Mistakes, once the run has ended."""
    if run.has_predictions:
        go_to("mistakes", run=run.id, picture=str(image_index))
    else:
        go_to_image("test", image_index)
