"""The map of ten thousand images by PCA or t-SNE."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.analysis.projection import Method, inside, on_screen
from fmnist_core.dataset import CLASS_NAMES, Dataset
from fmnist_core.errors import FmnistError
from fmnist_core.figures.theme import CLASS_COLORS, CONFIDENCE_COLORS, RIGHT_WRONG, mode
from fmnist_core.images import on_the_map, sheet_name
from fmnist_core.interpret.features import map_of
from fmnist_core.runs import Run
from ui.background import ask
from ui.cache import final_predictions
from ui.components.gallery import Tile, gallery
from ui.components.image_map import image_map, loop_corners
from ui.escape import plain
from ui.explore.cache import KEY_DIGITS, flat_map
from ui.explore.downloads import show_downloads
from ui.explore.view_state import (
    COLOR,
    COLORS,
    LOOP,
    METHOD,
    METHODS,
    PAGE,
    PIXELS,
    RUN,
    SOURCE,
    ViewState,
    open_picture,
)
from ui.formatting import run_label
from ui.mistakes.other_runs import runs_with_predictions
from ui.pager import pages_of
from ui.services import dataset, runs_root
from ui.theme import is_dark

METHOD_WORDS: dict[Method, str] = {
    "pca": "Left to right and top to bottom are the two directions in which the pictures differ "
    "most. Far apart means very different.",
    "tsne": "Pictures that look alike were moved together. Who is near counts; how far apart two "
    "crowds lie does not.",
}
CONFIDENCE_EDGES = (50, 70, 90, 99)
CONFIDENCE_NAMES = ("Below 50 % sure", "50 to 70 %", "70 to 90 %", "90 to 99 %", "99 % and more")
PER_PAGE = 60


class Paint(NamedTuple):
    """How the points are told apart: (k,) kinds, their names and colours, and hints."""

    kinds: NDArray[np.uint8]
    names: list[str]
    colors: list[str]
    notes: list[str]


def show_map(data: Dataset, now: ViewState) -> None:
    """What the map is made of, the map, and what was collected on it."""
    runs = runs_with_predictions()
    with st.container(horizontal=True, vertical_alignment="bottom", key="explore_tools"):
        METHOD.choose("Laid out by", tuple(METHODS), words=METHODS)
        method = METHOD.value
        seen = show_source(runs)
        run = show_colors(now, runs)
    labels = np.asarray(data.labels(now.split))
    numbers = on_the_map(labels)
    places = found_places(now, method, seen)
    if places is None:
        places, method = flat_map(now.split), "pca"
    try:
        paint = painted(labels[numbers], run)
    except FmnistError as error:
        st.error(plain(error))
        paint = painted(labels[numbers], None)
    points = on_screen(places)
    corners = loop_corners(LOOP.value)
    image_map(
        "explore.map",
        now.split,
        sheet_name(now.split, None),
        data.sha256,
        numbers,
        f"Map of {len(numbers):,} pictures. Arrow keys walk from point to point, plus and minus "
        "zoom, Enter opens a picture.",
        paint.kinds,
        paint.names,
        paint.colors,
        places=points,
        notes=paint.notes,
        loop=LOOP.value,
        on_pick=lambda picture: open_picture(now.split, picture),
        on_loop=LOOP.set,
    )
    sample = "" if len(numbers) == len(labels) else ", drawn by chance, 1,000 of each class"
    st.caption(
        f"{len(numbers):,} pictures{sample}. {METHOD_WORDS[method]} Zoom in and the points become "
        "pictures: click the map, then turn the wheel, or pinch. **Lasso** collects what lies "
        "inside a line."
    )
    if len(corners) > 2:
        show_collected(data, now, numbers[inside(points, corners)])


def show_source(runs: list[Run]) -> Run | None:
    """Whose eyes: the pixels, or the last hidden layer of a run."""
    if not runs:
        return None
    by_id = {run.id: run for run in runs}
    if SOURCE.value not in (PIXELS, *by_id):
        SOURCE.page.settle(SOURCE.to(PIXELS))
    SOURCE.choose(
        "Seen by",
        [PIXELS, *by_id],
        words=lambda each: "Pixels" if each == PIXELS else f"As {run_label(by_id[each])}",
        look="list",
        width=320,
    )
    return by_id.get(SOURCE.value)


def show_colors(now: ViewState, runs: list[Run]) -> Run | None:
    """What the colours say; returns the run whose answers they show."""
    if now.split != "test" or not runs:
        return None
    by_id = {run.id: run for run in runs}
    COLOR.choose("Coloured by", tuple(COLORS), words=COLORS)
    if COLOR.value == "class":
        return None
    chosen = RUN.value if RUN.value in by_id else runs[0].id
    RUN.choose(
        "Answers of",
        list(by_id),
        chosen,
        words=lambda each: run_label(by_id[each]),
        look="list",
        width=320,
    )
    return by_id[chosen]


def found_places(now: ViewState, method: Method, seen: Run | None) -> NDArray[np.float32] | None:
    """Where the points lie; the engine's progress is drawn until it is known."""
    if seen is None and method == "pca":
        return flat_map(now.split)
    parts = ["explore-map", method, now.split, dataset().sha256[:KEY_DIGITS]]
    arguments: list[str] = []
    if seen is not None and seen.record is not None:
        epochs = seen.summary.epochs if seen.summary else 0
        parts += [seen.id, f"a{seen.record.attempt}", f"e{epochs}"]
        arguments = [str(runs_root().resolve()), seen.id]
    found = ask(
        "-".join(parts),
        map_of,
        method,
        now.split,
        *arguments,
        meanwhile="Meanwhile, this is the map of the pixels by main directions.",
    )
    return None if found is None else found["places"]


def painted(labels: NDArray[np.uint8], run: Run | None) -> Paint:
    """The colour of each point.

    Raises:
        RunUnreadable: the run's predictions are missing or were changed.
    """
    if run is None:
        return Paint(labels, list(CLASS_NAMES), list(CLASS_COLORS), [])
    said = final_predictions(run)
    right = said.classes == labels
    notes = [
        f"Labelled {CLASS_NAMES[label]}, called {CLASS_NAMES[answer]}, {100 * share:.0f} % sure"
        for label, answer, share in zip(labels, said.classes, said.confidences, strict=True)
    ]
    look = mode(is_dark())
    if COLOR.value == "right":
        return Paint(right.astype(np.uint8) ^ 1, ["Right", "Wrong"], RIGHT_WRONG[look], notes)
    kinds = np.digitize(100 * said.confidences, CONFIDENCE_EDGES).astype(np.uint8)
    return Paint(kinds, list(CONFIDENCE_NAMES), CONFIDENCE_COLORS[look], notes)


def show_collected(data: Dataset, now: ViewState, numbers: NDArray[np.int64]) -> None:
    """The pictures inside the line, as a wall."""
    if not len(numbers):
        st.info("No point lies inside the line.")
        return
    labels = np.asarray(data.labels(now.split))[numbers]
    counts = np.bincount(labels, minlength=10)
    there = ", ".join(
        f"{counts[number]:,} {CLASS_NAMES[number]}"
        for number in np.argsort(-counts, kind="stable")
        if counts[number]
    )
    with st.container(horizontal=True, vertical_alignment="center", key="explore_collected"):
        st.subheader(
            f"{len(numbers):,} picture{'s' * (len(numbers) != 1)} inside the line", anchor=False
        )
        show_downloads(data, now.split, numbers, f"{now.split}-collected")
    st.markdown(there + ".")
    shown = numbers[pages_of(len(numbers), PER_PAGE, PAGE)]
    gallery(
        [Tile(now.split, int(n), CLASS_NAMES[data.labels(now.split)[n]]) for n in shown],
        data.images(now.split)[shown],
        key="explore.collected",
        on_click=open_picture,
    )
