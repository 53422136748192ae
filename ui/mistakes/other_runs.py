"""Predictions of other runs for one image, as a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd
import streamlit as st

from fmnist_core.dataset import CLASS_NAMES
from fmnist_core.errors import FmnistError
from fmnist_core.runs import Run
from ui.cache import final_predictions
from ui.formatting import run_label
from ui.services import store

MOST_RUNS = 100


def runs_with_predictions() -> list[Run]:
    """The runs that have named all test pictures, newest first."""
    return [run for run in store().list() if run.summary and run.state in ("done", "stopped")]


def show_run_predictions(
    runs: Sequence[Run], image_index: int, label: int, in_words: Callable[[int, int], str]
) -> None:
    """A sentence about how many are right, and a row for each.

    Args:
        runs: whose answers to show.
        image_index: the number of the test picture.
        label: its class.
        in_words: makes the sentence of how many are right and how many could be asked.
    """
    rows, unreadable = [], 0
    for run in runs[:MOST_RUNS]:
        try:
            found = final_predictions(run)
        except FmnistError:
            unreadable += 1
            continue
        answer = int(found.classes[image_index])
        rows.append(
            {
                "Run": run_label(run),
                "Says": CLASS_NAMES[answer],
                "Sure": 100 * float(found.confidences[image_index]),
                "Right": "✓" if answer == label else "✗",
            }
        )
    st.markdown(in_words(sum(row["Right"] == "✓" for row in rows), len(rows)))
    if unreadable:
        st.caption(f"{unreadable} could not be asked: their predictions cannot be read.")
    if rows:
        st.dataframe(
            pd.DataFrame(rows),
            hide_index=True,
            height=min(388, 36 + 35 * len(rows)),
            column_config={
                "Sure": st.column_config.ProgressColumn(
                    "Sure", format="%.0f %%", min_value=0, max_value=100
                )
            },
        )
