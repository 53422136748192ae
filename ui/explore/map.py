"""The map of ten thousand images by PCA or t-SNE."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.analysis.projection import Method, inside_polygon, to_map_coordinates
from fmnist_core.colors import CLASS_COLORS, CONFIDENCE_COLORS, CORRECTNESS_COLORS, color_scheme
from fmnist_core.dataset import CLASS_COUNT, CLASS_NAMES, Dataset
from fmnist_core.errors import FmnistError
from fmnist_core.images import map_indices, sheet_name
from fmnist_core.interpret.maps import map_request
from fmnist_core.runs import Run
from ui.background import ask
from ui.cache import final_predictions, run_options
from ui.components.acts import in_order
from ui.components.gallery import Tile, gallery
from ui.components.image_map import image_map, loop_corners
from ui.errors import show_error
from ui.explore.cache import pca_map
from ui.explore.downloads import show_downloads
from ui.explore.view_state import (
    COLOR,
    COLORS,
    LASSO,
    METHOD,
    METHODS,
    PAGE,
    PIXELS,
    RUN,
    SOURCE,
    ViewState,
    open_image,
)
from ui.formatting import confidence_text
from ui.mistakes.other_runs import runs_with_predictions
from ui.pager import pages_of
from ui.services import dataset, store
from ui.theme import is_dark

METHOD_DESCRIPTIONS: dict[Method, str] = {
    "pca": "The two directions in which the pictures differ most. Far apart means very different.",
    "tsne": "Similar pictures lie side by side. Only who is near counts, not how far apart two "
    "groups lie.",
}
CONFIDENCE_EDGES = (50, 70, 90, 99)
CONFIDENCE_NAMES = ("Below 50 %", "50 to 70 %", "70 to 90 %", "90 to 99 %", "99 % and more")
PER_PAGE = 60


class PointColors(NamedTuple):
    """Colours of the points of the map.

    Attributes:
        categories: (n,) index of each point in ``names`` and ``colors``.
        names: of the categories, for the legend.
        colors: of the categories, as ``#rrggbb``.
        notes: (n,) sentences for the pointer; empty where there are none.
    """

    categories: NDArray[np.uint8]
    names: list[str]
    colors: list[str]
    notes: list[str]


def show_map(data: Dataset, state: ViewState) -> None:
    """The map of the images by PCA or t-SNE, and the images inside the lasso."""
    runs = runs_with_predictions()
    with st.container(horizontal=True, vertical_alignment="bottom", key="explore_map_tools"):
        METHOD.choose("Laid out by", tuple(METHODS), words=METHODS)
        method = METHOD.value
        feature_run = show_feature_source(runs)
        run = show_color_choice(state, runs)
    labels = np.asarray(data.labels(state.split))
    indices = map_indices(labels)
    # What is said while the map is computed, or where it cannot be, moves nothing above it.
    map_place = st.container()
    coordinates = map_points(state, method, feature_run)
    if coordinates is None:
        coordinates, method = pca_map(state.split), "pca"
    try:
        coloring = point_colors(labels[indices], run)
    except FmnistError as error:
        show_error(error)
        coloring = point_colors(labels[indices], None)
    screen_points = to_map_coordinates(coordinates)
    lasso_corners = loop_corners(LASSO.value)
    with map_place:
        image_map(
            "explore.map",
            state.split,
            sheet_name(state.split, None),
            data.sha256,
            indices,
            f"Map of {len(indices):,} pictures. Arrow keys walk from point to point, plus and "
            "minus zoom, Enter opens a picture.",
            labels[indices],
            CLASS_NAMES,
            coloring.categories,
            coloring.names,
            coloring.colors,
            positions=screen_points,
            notes=coloring.notes,
            loop=LASSO.value,
            on_pick=lambda image_index: open_image(state.split, image_index),
            on_loop=LASSO.set,
        )
        sample = "" if len(indices) == len(labels) else ", 1,000 drawn at random from each class"
        st.caption(
            f"{len(indices):,} pictures{sample}. {METHOD_DESCRIPTIONS[method]} Zoom in and the "
            "points become pictures. **Lasso** collects what lies inside a line."
        )
    if len(lasso_corners) > 2:
        show_lasso_images(data, state, indices[inside_polygon(screen_points, lasso_corners)])


def show_feature_source(runs: list[Run]) -> Run | None:
    """The choice of features, pixels or the last layer of a run; returns that run."""
    if not runs:
        return None
    by_id = {run.id: run for run in runs}
    names = run_options(runs)
    if SOURCE.value not in (PIXELS, *by_id):
        SOURCE.page.settle(SOURCE.to(PIXELS))
    SOURCE.choose(
        "Seen by",
        [PIXELS, *by_id],
        words=lambda option: "Pixels" if option == PIXELS else f"As {names[option]}",
        look="list",
        width=250,
    )
    # Where the colours are a run's answers, the choice of that run takes its place.
    if SOURCE.value == runs[0].id or COLOR.value != "class":
        st.empty()
    else:
        st.button(
            "As the newest run sees it",
            icon=":material/visibility:",
            on_click=in_order(SOURCE.set),
            args=(runs[0].id,),
        )
    return by_id.get(SOURCE.value)


def show_color_choice(state: ViewState, runs: list[Run]) -> Run | None:
    """The choice of colours; returns the run whose predictions they show."""
    if state.split != "test" or not runs:
        return None
    by_id = {run.id: run for run in runs}
    COLOR.choose("Coloured by", tuple(COLORS), words=COLORS)
    if COLOR.value == "class":
        return None
    run_id = RUN.value if RUN.value in by_id else runs[0].id
    RUN.choose(
        "Answers of",
        list(by_id),
        run_id,
        words=run_options(runs),
        look="list",
        width=250,
    )
    return by_id[run_id]


def map_points(
    state: ViewState, method: Method, feature_run: Run | None
) -> NDArray[np.float32] | None:
    """Coordinates (n, 2) of the images; ``None``, with a progress bar, until they are computed."""
    if feature_run is None and method == "pca":
        return pca_map(state.split)
    request = map_request(method, state.split, dataset().sha256, store(), feature_run)
    arrays = ask(
        request.key,
        request.function,
        *request.arguments,
        meanwhile="Meanwhile, this is the overall shape of the pixels (PCA).",
    )
    return None if arrays is None else arrays["places"]


def point_colors(labels: NDArray[np.uint8], run: Run | None) -> PointColors:
    """The colours of the points: by class, by correctness or by confidence of a run.

    Args:
        labels: (n,) classes.
        run: whose predictions colour the points; ``None`` colours by class.

    Raises:
        RunUnreadable: the run's predictions are missing or were changed.
    """
    if run is None:
        return PointColors(labels, list(CLASS_NAMES), list(CLASS_COLORS), [])
    predictions = final_predictions(run)
    notes = [
        f"It says {CLASS_NAMES[predicted]}, {confidence_text(share)}."
        for predicted, share in zip(*predictions, strict=True)
    ]
    color_mode = color_scheme(is_dark())
    if COLOR.value == "right":
        misclassified = (predictions.classes != labels).astype(np.uint8)
        return PointColors(misclassified, ["Right", "Wrong"], CORRECTNESS_COLORS[color_mode], notes)
    categories = np.digitize(100 * predictions.confidences, CONFIDENCE_EDGES).astype(np.uint8)
    return PointColors(categories, list(CONFIDENCE_NAMES), CONFIDENCE_COLORS[color_mode], notes)


def show_lasso_images(data: Dataset, state: ViewState, indices: NDArray[np.int64]) -> None:
    """A gallery of the images inside the lasso."""
    if not len(indices):
        st.info("No point lies inside the line.")
        return
    labels = np.asarray(data.labels(state.split))[indices]
    counts = np.bincount(labels, minlength=CLASS_COUNT)
    count_text = ", ".join(
        f"{counts[class_id]:,} {CLASS_NAMES[class_id]}"
        for class_id in np.argsort(-counts, kind="stable")
        if counts[class_id]
    )
    with st.container(horizontal=True, vertical_alignment="center", key="explore_collected"):
        st.subheader(
            f"{len(indices):,} picture{'s' * (len(indices) != 1)} inside the line", anchor=False
        )
        show_downloads(data, state.split, indices, f"{state.split}-collected")
    st.markdown(count_text + ".")
    visible_indices = indices[pages_of(len(indices), PER_PAGE, PAGE)]
    gallery(
        [
            Tile(state.split, int(index), CLASS_NAMES[data.labels(state.split)[index]])
            for index in visible_indices
        ],
        data.images(state.split)[visible_indices],
        key="explore.collected",
        on_click=open_image,
    )
