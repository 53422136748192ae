"""Predictions of other runs for one image, as a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from fmnist_core.dataset import CLASS_NAMES
from fmnist_core.errors import FmnistError
from fmnist_core.runs import Run
from ui.cache import final_predictions, run_names
from ui.components.plain_table import plain_table
from ui.formatting import confidence_text
from ui.services import store

MOST_RUNS = 100


def runs_with_predictions() -> list[Run]:
    """Runs that have predictions for all test images, newest first."""
    return [run for run in store().list() if run.has_predictions]


def show_run_predictions(
    runs: Sequence[Run], image_index: int, label: int, sentence: Callable[[int, int], str]
) -> None:
    """How many runs predict the label of a test image, and a table of their predictions.

    Args:
        runs: whose predictions to show.
        image_index: of the test image.
        label: its class.
        sentence: of how many runs are correct, and of how many whose predictions can be read.
    """
    table: dict[str, list[str]] = {"Run": [], "Says": [], "Confidence": [], "Right": []}
    correct, unreadable, names = 0, 0, run_names()
    for run in runs[:MOST_RUNS]:
        try:
            predictions = final_predictions(run)
        except FmnistError:
            unreadable += 1
            continue
        predicted = int(predictions.classes[image_index])
        correct += predicted == label
        row = (
            names[run.id],
            CLASS_NAMES[predicted],
            confidence_text(predictions.confidences[image_index]),
            "✓" if predicted == label else "✗",
        )
        for column, text in zip(table.values(), row, strict=True):
            column.append(text)
    st.markdown(sentence(correct, len(table["Run"])))
    if unreadable:
        st.caption(f"{unreadable} could not be asked: their predictions cannot be read.")
    if table["Run"]:
        plain_table(table, "What each run says of this picture, and how confident it is")
