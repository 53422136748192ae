"""Predictions of every finished run for one image."""

from __future__ import annotations

import streamlit as st

from fmnist_core.dataset import CLASS_NAMES, Dataset, Split
from ui.mistakes.other_runs import runs_with_predictions, show_run_predictions
from ui.navigation import page


def show_model_predictions(data: Dataset, split: Split, image_index: int) -> None:
    """Predictions of all runs for an image, and a link to its history."""
    if split == "train":
        st.info(
            "Networks are asked about the test pictures alone. They have been trained on this "
            "picture, so their answer would say little. Open a similar picture among the test "
            "pictures instead."
        )
        return
    runs = runs_with_predictions()
    if not runs:
        st.info("No network has been trained yet that could say what this is.")
        st.page_link(page("train"), label="Train a network", icon=":material/play_arrow:")
        return
    label = int(data.labels(split)[image_index])
    name = CLASS_NAMES[label]
    show_run_predictions(
        runs, image_index, label, lambda correct, total: agreement_sentence(correct, total, name)
    )
    st.page_link(
        page("mistakes"),
        label="How the newest network learned it, epoch by epoch",
        icon=":material/timeline:",
        query_params={"run": runs[0].id, "picture": str(image_index)},
    )


def agreement_sentence(correct: int, total: int, class_name: str) -> str:
    """How many of so many runs predict the label of an image, in a sentence."""
    if not total:
        return "No run could be asked."
    if total == 1:
        return (
            f"The one finished run calls it **{class_name}**."
            if correct
            else (f"The one finished run does not see that this is labelled **{class_name}**.")
        )
    if correct == total:
        return f"**All {total}** finished runs call it **{class_name}**, as it is labelled."
    if not correct:
        return (
            f"**None of the {total}** finished runs calls it **{class_name}**. Is the label right?"
        )
    return f"**{correct} of {total}** finished runs call it **{class_name}**, as it is labelled."
