"""What the last epoch changed: images learned and forgotten, the matrix, the worst classes."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.analysis.learning_dynamics import epoch_changes
from fmnist_core.analysis.metrics import confusion_matrix, worst_classes
from fmnist_core.dataset import CLASS_NAMES, DatasetUnavailable
from fmnist_core.errors import FmnistError
from fmnist_core.figures.confusion import confusion_heatmap
from fmnist_core.figures.theme import themed_json
from fmnist_core.images import SIDE
from fmnist_core.runs import EpochEvent, Run, RunEvents
from ui.cache import epoch_predictions
from ui.components.chart import chart
from ui.components.gallery import Tile, gallery
from ui.navigation import go_to, go_to_picture
from ui.services import dataset
from ui.theme import is_dark

ON_THE_WALL = 24
MATRIX_HEIGHT = 500
WORST = 3


class ChangedImages(NamedTuple):
    """How many pictures changed, and those that changed most."""

    total: int
    tiles: list[Tile]
    images: NDArray[np.uint8]


class EpochChanges(NamedTuple):
    """Everything that is shown of an epoch; the matrix as a drawn chart."""

    learned: ChangedImages
    forgotten: ChangedImages
    matrix: str
    worst: str


def show_epoch_changes(run: Run, events: RunEvents) -> None:
    """What the last finished epoch changed; before the first, the same parts say what will come."""
    last = events.epochs[-1] if events.epochs else None
    before = events.epochs[-2] if len(events.epochs) > 1 else None
    lesson = None
    if last is not None:
        try:
            lesson = _lesson(run.id, last.at, before.at if before else 0.0, is_dark(), last, before)
        except (DatasetUnavailable, FmnistError):
            # Curves need no pictures; another page says what is missing.
            return
    st.header(
        f"What epoch {last.epoch} changed" if last else "What each epoch changes", anchor=False
    )
    left, right = st.columns(2, gap="medium")
    with left:
        show_wall(run, "Learned", lesson.learned if lesson else None)
    with right:
        show_wall(run, "Forgotten", lesson.forgotten if lesson else None)
    left, right = st.columns([3, 2], gap="large")
    with left, st.container(key="live_matrix"):
        if last is None or lesson is None:
            st.html('<div class="fm-later">After the first epoch: what it takes for what</div>')
        else:
            chart(
                lesson.matrix,
                key=f"live.matrix.{run.id}",
                height=MATRIX_HEIGHT,
                label=f"Confusion matrix of the test pictures after epoch {last.epoch}: rows are "
                "the true classes, columns what the network says",
            )
    with right, st.container(key="live_hardest"):
        st.subheader("Hardest now", anchor=False)
        st.markdown(lesson.worst if lesson else "The three classes that it gets wrong most often.")


# A resource, because all visitors read it several times a second and nobody changes it.
@st.cache_resource(show_spinner=False, max_entries=64)
def _lesson(
    run_id: str,
    at: float,
    before_at: float,
    dark: bool,
    _last: EpochEvent,
    _before: EpochEvent | None,
) -> EpochChanges:
    """Computed once an epoch; the times tell an epoch from its repetition after a Resume."""
    data = dataset()
    labels, images = np.asarray(data.test_labels), data.test_images
    after = epoch_predictions(run_id, _last)
    before = epoch_predictions(run_id, _before) if _before else {}
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
        _wall(learned, "right", labels, predictions, images),
        _wall(forgotten, "wrong", labels, predictions, images),
        themed_json(confusion_heatmap(matrix, "counts", None, dark), dark),
        _worst(matrix),
    )


def _wall(
    numbers: NDArray[np.int64],
    tone: Literal["right", "wrong"],
    labels: NDArray[np.uint8],
    predictions: NDArray[np.uint8],
    images: NDArray[np.uint8],
) -> ChangedImages:
    shown = numbers[:ON_THE_WALL]
    tiles = [
        Tile("test", int(n), _summary(int(labels[n]), int(predictions[n])), tone=tone)
        for n in shown
    ]
    return ChangedImages(len(numbers), tiles, np.asarray(images[shown]))


def _summary(label: int, prediction: int) -> str:
    if label == prediction:
        return f"{CLASS_NAMES[label]}, now named rightly"
    return f"{CLASS_NAMES[label]}, now called {CLASS_NAMES[prediction]}"


def _worst(matrix: NDArray[np.int64]) -> str:
    """The classes it finds hardest, in words."""
    lines = []
    for row in worst_classes(matrix, WORST).itertuples():
        share = 100 * row.correct / row.total
        name = CLASS_NAMES[row.truth]
        called = (
            f", most often called *{CLASS_NAMES[row.mistaken_for]}* instead"
            if row.mistaken_for >= 0
            else ""
        )
        lines.append(f"- **{name}**: {share:.0f} % named rightly{called}")
    return "\n".join(lines)


def show_wall(run: Run, word: str, wall: ChangedImages | None) -> None:
    """The pictures that changed most; a click leads to the picture.

    As high with few pictures as with many.
    """
    if wall is None:
        st.markdown(f"**{word}**: known after the first epoch")
        wall = ChangedImages(0, [], np.empty((0, SIDE, SIDE), np.uint8))
    else:
        st.markdown(f"**{word}: {wall.total:,} test picture{'s' * (wall.total != 1)}**")
    gallery(
        wall.tiles,
        wall.images,
        key=f"live.{word}.{run.id}",
        size="small",
        room=ON_THE_WALL,
        on_click=lambda _, picture: open_picture(run, picture),
    )


def open_picture(run: Run, picture: int) -> None:
    """Look at a picture that changed: among the mistakes, once the run has ended."""
    if run.state in ("done", "stopped"):
        go_to("mistakes", run=run.id, picture=str(picture))
    else:
        go_to_picture("test", picture)
