"""The view state of Mistakes, all of it in the address, so that it can be shared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fmnist_core.analysis.filters import (
    CORRECTNESS,
    ORDERS,
    Cell,
    Correctness,
    ImageFilter,
    Order,
    Selection,
)
from fmnist_core.dataset import CLASS_COUNT, CLASS_NAMES, CLASS_NOUNS, TEST_SIZE, Split
from ui.components.confusion_matrix import Scale
from ui.url_state import PageState, Parameter, one_of, switch, whole_number, write_switch

VIEWS = {
    "pictures": "Matrix",
    "classes": "Classes",
    "sure": "Confidence",
    "luck": "Seeds",
    "suspects": "Suspicious labels",
    "verdicts": "Verdicts",
}
SCALES: dict[Scale, str] = {
    "counts": "Count",
    "truth": "% of true class",
    "predicted": "% of predictions",
}
CLASS_ORDERS = {"dataset": "Dataset order", "similar": "By similarity"}
IMAGE_PANELS = {
    "epochs": "Over the epochs",
    "sight": "What it looks at",
    "nearest": "Similar pictures",
    "others": "Other runs",
    "notes": "Note",
}
NEIGHBOUR_SPACES = {"pixels": "Pixels", "network": "The network's features"}
SPLITS: dict[Split, str] = {"test": "Test pictures", "train": "Training pictures"}
_EPOCHS = 9999
_PAGES = 9999
_RUNS = 9999
_ALL = (0, 100)


def _parse_selection(parameters: Mapping[str, str]) -> Selection | None:
    cells = sorted(
        {cell for part in parameters.get("cells", "").split("-") if (cell := _parse_cell(part))}
    )
    if len(cells) > 1:
        return Selection(cells=tuple(cells))
    if cells:
        return Selection(*cells[0])
    parse_class = whole_number(CLASS_COUNT - 1)
    truth, predicted = (parse_class(parameters.get(name, "")) for name in ("truth", "predicted"))
    return Selection(truth, predicted)


def _format_selection(selection: Selection) -> dict[str, str]:
    classes = {"truth": selection.truth, "predicted": selection.predicted}
    parameters = {name: str(value) for name, value in classes.items() if value is not None}
    cells = "-".join(f"{truth}{predicted}" for truth, predicted in selection.cells)
    return {**parameters, "cells": cells}


def _parse_cell(text: str) -> Cell | None:
    if len(text) == 2 and text.isascii() and text.isdigit():
        return int(text[0]), int(text[1])
    return None


def _parse_range(text: str) -> tuple[int, int] | None:
    """``"30-80"`` as percents."""
    low, separator, high = text.partition("-")
    parse_percent = whole_number(100)
    bounds = parse_percent(low), parse_percent(high)
    if separator and bounds[0] is not None and bounds[1] is not None and bounds[0] <= bounds[1]:
        return bounds[0], bounds[1]
    return None


def _format_range(bounds: tuple[int, int]) -> str:
    return "{}-{}".format(*bounds)


STATE = PageState("mistakes")
NEIGHBOUR_SPACE = STATE.parameter("near", "pixels", one_of(tuple(NEIGHBOUR_SPACES)))
IMAGE_PANEL = STATE.parameter("about", "epochs", one_of(tuple(IMAGE_PANELS)))
IMAGE: Parameter[int | None] = STATE.parameter("picture", None, whole_number(TEST_SIZE - 1))
SUSPECT: Parameter[int | None] = STATE.parameter("suspect", None, whole_number(59_999))
PAGE = STATE.parameter("page", 1, whole_number(_PAGES, lowest=1))
EPOCH: Parameter[int | None] = STATE.parameter(
    "epoch", None, whole_number(_EPOCHS, lowest=1), resets=[PAGE]
)
CLASS_ORDER = STATE.parameter("order", "dataset", one_of(tuple(CLASS_ORDERS)))
SCALE: Parameter[Scale] = STATE.parameter("scale", "counts", one_of(tuple(SCALES)))
SIMILAR_TO: Parameter[int | None] = STATE.parameter("like", None, whole_number(TEST_SIZE - 1))
ORDER: Parameter[Order] = STATE.parameter("sort", "confidence", one_of(ORDERS), resets=[PAGE])
CONFIDENCE = STATE.parameter("sure", _ALL, _parse_range, _format_range, resets=[PAGE])
OUTCOME: Parameter[Correctness | None] = STATE.parameter(
    "answers", None, one_of(CORRECTNESS), resets=[PAGE]
)
SELECTION = STATE.parts(
    "selection",
    Selection(),
    _parse_selection,
    _format_selection,
    resets=[OUTCOME, PAGE, IMAGE],
)
THRESHOLD: Parameter[int | None] = STATE.parameter("threshold", None, whole_number(100))
SHARED_BY: Parameter[int | None] = STATE.parameter(
    "by", None, whole_number(_RUNS, lowest=1), resets=[PAGE]
)
UNANNOTATED_ONLY = STATE.parameter("left", False, switch, write_switch, resets=[PAGE])
SPLIT: Parameter[Split] = STATE.parameter(
    "of", "test", one_of(tuple(SPLITS)), resets=[SUSPECT, PAGE]
)
VIEW = STATE.parameter("view", "pictures", one_of(tuple(VIEWS)), resets=[PAGE, SUSPECT])
RUN: Parameter[str | None] = STATE.parameter("run", None, str, resets=[PAGE, EPOCH])


@dataclass(frozen=True)
class ViewState:
    """The view state of Mistakes: selection, filter and order of the images, epoch, open image.

    Attributes:
        selection: cells of the confusion matrix.
        outcome: misclassified images, correct ones, or both.
        low, high: confidence in percent, ends included.
        order: of the gallery.
        epoch: whose predictions are shown, from 1; ``None`` is the one that the run kept.
        image_index: of the open test image; ``None`` shows the gallery.
        similar_to: index of the image that the others are sorted by, where that is the order.
    """

    selection: Selection
    outcome: Correctness
    low: int
    high: int
    order: Order
    epoch: int | None
    image_index: int | None
    similar_to: int | None

    @property
    def image_filter(self) -> ImageFilter:
        """The filter of the images in the gallery."""
        return ImageFilter(self.selection, self.outcome, self.low, self.high)


def view_state() -> ViewState:
    """The view state in the address of this session."""
    low, high = CONFIDENCE.value
    similar_to, order = SIMILAR_TO.value, ORDER.value
    return ViewState(
        SELECTION.value,
        OUTCOME.value or default_outcome(SELECTION.value),
        low,
        high,
        "confidence" if order == "similar" and similar_to is None else order,
        EPOCH.value,
        IMAGE.value,
        similar_to,
    )


def open_suspect(split: Split, image_index: int) -> None:
    """Open a suspect; a late click names the image that it was meant for."""
    STATE.change(SPLIT.to(split), SUSPECT.to(image_index))


def default_outcome(selection: Selection) -> Correctness:
    """The outcome without a choice: misclassified images, or all images of a selection."""
    return "both" if selection else "wrong"


def gallery_heading(count: int, image_filter: ImageFilter) -> str:
    """The heading of the gallery: ``"12 shirts taken for T-shirt/top"``."""
    selection, outcome = image_filter.selection, image_filter.correctness
    images = f"{count:,} picture{'s' * (count != 1)}"
    if selection.cells:
        return f"{images} in {len(selection.cells)} cells{_outcome_text(outcome)}"
    truth, predicted = selection.truth, selection.predicted
    if truth is None:
        if predicted is None:
            return f"All {images}{_outcome_text(outcome).removeprefix(' that')}"
        return f"{images} taken for {CLASS_NAMES[predicted]}{_outcome_text(outcome)}"
    noun = CLASS_NOUNS[truth]
    clothes = f"{count:,} {noun.one if count == 1 else noun.many}"
    if predicted is None:
        return f"{clothes}{_outcome_text(outcome)}"
    if truth == predicted:
        return f"{clothes}{_outcome_text('right')}"
    return f"{clothes} taken for {CLASS_NAMES[predicted]}"


def _outcome_text(outcome: Correctness) -> str:
    return "" if outcome == "both" else f" that it gets {outcome}"
