"""What every finished run says of one picture."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from fmnist_core.dataset import CLASS_NAMES, Dataset, Split
from fmnist_core.errors import FmnistError
from fmnist_core.runs import Run
from ui.cached import answers
from ui.context import store
from ui.navigation import page
from ui.words import run_label

MOST_RUNS = 100


def able_runs() -> list[Run]:
    """The runs that have named all test pictures, newest first."""
    return [run for run in store().list() if run.summary and run.state in ("done", "stopped")]


def show_runs(data: Dataset, split: Split, picture: int) -> None:
    """A table of answers, and the way to the picture's biography."""
    if split == "train":
        st.info(
            "Networks are asked about the test pictures alone: a training picture they have seen "
            "before, so their answer would say little. Look at one of its look-alikes among the "
            "test pictures."
        )
        return
    runs = able_runs()
    if not runs:
        st.info("No network has been trained yet that could say what this is.")
        st.page_link(page("train"), label="Train a network", icon=":material/play_arrow:")
        return
    label = int(data.labels(split)[picture])
    rows, unreadable = [], 0
    for run in runs[:MOST_RUNS]:
        try:
            found = answers(run)
        except FmnistError:
            unreadable += 1
            continue
        answer = int(found.classes[picture])
        rows.append(
            {
                "Run": run_label(run),
                "Says": CLASS_NAMES[answer],
                "Sure": 100 * float(found.confidences[picture]),
                "Right": "✓" if answer == label else "✗",
            }
        )
    right = sum(row["Right"] == "✓" for row in rows)
    st.markdown(in_words(right, len(rows), CLASS_NAMES[label]))
    if unreadable:
        st.caption(f"{unreadable} could not be asked: their predictions cannot be read.")
    if rows:
        st.dataframe(
            pd.DataFrame(rows),
            hide_index=True,
            column_config={
                "Sure": st.column_config.ProgressColumn(
                    "Sure", format="%.0f %%", min_value=0, max_value=100
                )
            },
        )
    st.page_link(
        page("mistakes"),
        label="How the newest network learned it, epoch by epoch",
        icon=":material/timeline:",
        query_params={"run": runs[0].id, "picture": str(picture)},
    )


def in_words(right: int, asked: int, name: str) -> str:
    """How many runs name it rightly, in a sentence."""
    if not asked:
        return "No run could be asked."
    if asked == 1:
        return (
            f"The one finished run calls it **{name}**."
            if right
            else (f"The one finished run does not see that this is labelled **{name}**.")
        )
    if right == asked:
        return f"**All {asked}** finished runs call it **{name}**, as it is labelled."
    if not right:
        return f"**None of the {asked}** finished runs calls it **{name}**. Is the label right?"
    return f"**{right} of {asked}** finished runs call it **{name}**, as it is labelled."
