"""The view state of Mistakes, all of it in the address, so that it can be shared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fmnist_core.analysis.filters import (
    ANSWERS,
    ORDERS,
    Answers,
    Cell,
    ImageFilter,
    Order,
    Selection,
)
from fmnist_core.dataset import CLASS_NAMES, Split
from ui.components.confusion_matrix import Scale
from ui.url_state import PageState, Parameter, one_of, switch, whole_number, write_switch

TEST_IMAGES = 10_000
VIEWS = {
    "pictures": "Pictures",
    "classes": "Classes",
    "sure": "How sure",
    "luck": "Luck or system",
    "suspects": "Suspicious labels",
    "verdicts": "Verdicts",
}
SCALES: dict[Scale, str] = {
    "counts": "Pictures",
    "truth": "% of truth",
    "predicted": "% of predicted",
}
CLASS_ORDERS = {"dataset": "Dataset", "similar": "Similarity"}
IMAGE_PANELS = {
    "epochs": "Over the epochs",
    "sight": "What it looks at",
    "nearest": "Nearest pictures",
    "others": "Other runs",
    "notes": "Notes",
}
NEIGHBOUR_SPACES = {"pixels": "Pixels", "network": "The network's eyes"}
SPLITS: dict[Split, str] = {"test": "Test pictures", "train": "Training pictures"}
_EPOCHS = 9999
_PAGES = 9999
_RUNS = 9999
_ALL = (0, 100)


def _parse_selection(address: Mapping[str, str]) -> Selection | None:
    cells = sorted(
        {cell for part in address.get("cells", "").split("-") if (cell := _parse_cell(part))}
    )
    if len(cells) > 1:
        return Selection(cells=tuple(cells))
    if cells:
        return Selection(*cells[0])
    one = whole_number(len(CLASS_NAMES) - 1)
    return Selection(one(address.get("truth", "")), one(address.get("predicted", "")))


def _format_selection(selection: Selection) -> dict[str, str]:
    ends = {"truth": selection.truth, "predicted": selection.predicted}
    written = {name: str(value) for name, value in ends.items() if value is not None}
    cells = "-".join(f"{truth}{predicted}" for truth, predicted in selection.cells)
    return {**written, "cells": cells}


def _parse_cell(text: str) -> Cell | None:
    if len(text) == 2 and text.isascii() and text.isdigit():
        return int(text[0]), int(text[1])
    return None


def _parse_range(text: str) -> tuple[int, int] | None:
    """``"30-80"`` as percents."""
    low, dash, high = text.partition("-")
    percent = whole_number(100)
    ends = percent(low), percent(high)
    if dash and ends[0] is not None and ends[1] is not None and ends[0] <= ends[1]:
        return ends[0], ends[1]
    return None


def _format_range(ends: tuple[int, int]) -> str:
    return "{}-{}".format(*ends)


STATE = PageState("mistakes")
NEIGHBOUR_SPACE = STATE.parameter("near", "pixels", one_of(tuple(NEIGHBOUR_SPACES)))
IMAGE_PANEL = STATE.parameter("about", "epochs", one_of(tuple(IMAGE_PANELS)))
IMAGE: Parameter[int | None] = STATE.parameter("picture", None, whole_number(TEST_IMAGES - 1))
SUSPECT: Parameter[int | None] = STATE.parameter("suspect", None, whole_number(59_999))
PAGE = STATE.parameter("page", 1, whole_number(_PAGES, lowest=1))
EPOCH: Parameter[int | None] = STATE.parameter(
    "epoch", None, whole_number(_EPOCHS, lowest=1), resets=[PAGE]
)
CLASS_ORDER = STATE.parameter("order", "dataset", one_of(tuple(CLASS_ORDERS)))
SCALE: Parameter[Scale] = STATE.parameter("scale", "counts", one_of(tuple(SCALES)))
SIMILAR_TO: Parameter[int | None] = STATE.parameter("like", None, whole_number(TEST_IMAGES - 1))
ORDER: Parameter[Order] = STATE.parameter("sort", "confidence", one_of(ORDERS), resets=[PAGE])
CONFIDENCE = STATE.parameter("sure", _ALL, _parse_range, _format_range, resets=[PAGE])
OUTCOME: Parameter[Answers | None] = STATE.parameter(
    "answers", None, one_of(ANSWERS), resets=[PAGE]
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
    """What the pictures of the page depend on.

    Attributes:
        selection: in the confusion matrix.
        answers: wrong or right ones, or both.
        low, high: confidence in percent.
        order: of the wall.
        epoch: from 1; ``None`` is the last.
        picture: the open one.
        like: the picture that the others are sorted by, where that is the order.
    """

    selection: Selection
    answers: Answers
    low: int
    high: int
    order: Order
    epoch: int | None
    picture: int | None
    like: int | None

    @property
    def image_filter(self) -> ImageFilter:
        return ImageFilter(self.selection, self.answers, self.low, self.high)


def view_state() -> ViewState:
    """What this visitor looks at now."""
    low, high = CONFIDENCE.value
    like, order = SIMILAR_TO.value, ORDER.value
    return ViewState(
        SELECTION.value,
        OUTCOME.value or default_outcome(SELECTION.value),
        low,
        high,
        "confidence" if order == "similar" and like is None else order,
        EPOCH.value,
        IMAGE.value,
        like,
    )


def open_suspect(split: Split, picture: int) -> None:
    """Look at a suspect; a click that comes late is one on the picture that it was meant for."""
    STATE.change(SPLIT.to(split), SUSPECT.to(picture))


def default_outcome(selection: Selection) -> Answers:
    """All mistakes, but every picture of what was chosen."""
    return "both" if selection else "wrong"


def gallery_heading(count: int, wanted: ImageFilter) -> str:
    """What the wall shows, in words: ``"12 pictures: Shirt, called T-shirt/top"``."""
    chosen, answers = wanted.selection, wanted.answers
    pictures = f"{count:,} picture{'s' * (count != 1)}"
    if chosen.cells:
        return f"{pictures} in {len(chosen.cells)} cells{_outcome_text(answers)}"
    truth = None if chosen.truth is None else CLASS_NAMES[chosen.truth]
    predicted = None if chosen.predicted is None else CLASS_NAMES[chosen.predicted]
    if truth is None and predicted is None:
        return {
            "wrong": f"All {pictures} it gets wrong",
            "right": f"All {pictures} it gets right",
            "both": f"All {pictures}",
        }[answers]
    if predicted is None:
        return f"{pictures} of class {truth}{_outcome_text(answers)}"
    if truth is None:
        return f"{pictures} called {predicted}{_outcome_text(answers)}"
    if truth == predicted:
        return f"{pictures} of class {truth}, rightly named"
    return f"{pictures}: {truth}, called {predicted}"


def _outcome_text(answers: Answers) -> str:
    return "" if answers == "both" else f", named {answers}ly"
