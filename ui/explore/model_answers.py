"""Predictions of every finished run for one image."""

from __future__ import annotations

import streamlit as st

from fmnist_core.dataset import CLASS_NAMES, Dataset, Split
from ui.mistakes.other_runs import runs_with_predictions, show_run_predictions
from ui.navigation import page


def show_runs(data: Dataset, split: Split, picture: int) -> None:
    """A table of answers, and the way to the picture's biography."""
    if split == "train":
        st.info(
            "Networks are asked about the test pictures alone: a training picture they have seen "
            "before, so their answer would say little. Look at one of its look-alikes among the "
            "test pictures."
        )
        return
    runs = runs_with_predictions()
    if not runs:
        st.info("No network has been trained yet that could say what this is.")
        st.page_link(page("train"), label="Train a network", icon=":material/play_arrow:")
        return
    label = int(data.labels(split)[picture])
    name = CLASS_NAMES[label]
    show_run_predictions(runs, picture, label, lambda right, total: in_words(right, total, name))
    st.page_link(
        page("mistakes"),
        label="How the newest network learned it, epoch by epoch",
        icon=":material/timeline:",
        query_params={"run": runs[0].id, "picture": str(picture)},
    )


def in_words(right: int, total: int, name: str) -> str:
    """How many runs name it rightly, in a sentence."""
    if not total:
        return "No run could be asked."
    if total == 1:
        return (
            f"The one finished run calls it **{name}**."
            if right
            else (f"The one finished run does not see that this is labelled **{name}**.")
        )
    if right == total:
        return f"**All {total}** finished runs call it **{name}**, as it is labelled."
    if not right:
        return f"**None of the {total}** finished runs calls it **{name}**. Is the label right?"
    return f"**{right} of {total}** finished runs call it **{name}**, as it is labelled."
