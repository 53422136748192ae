"""Compare: all runs in a table, their curves in one chart."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from fmnist_core.figures.comparison import NamedEvents, accuracy_curves
from fmnist_core.runs import Run
from fmnist_core.specs import parameter_count
from ui.chart import chart
from ui.context import store
from ui.navigation import page
from ui.words import STATE_WORDS, accuracy

CURVES_AT_FIRST = 6
CURVES = {"Test": "test", "Validation": "validation", "Training": "train"}


def table(runs: list[Run]) -> pd.DataFrame:
    """One row a run; figures that were not measured stay empty."""
    rows = []
    for run in runs:
        reached = run.summary
        rows.append(
            {
                "Run": f"{run.name} · {run.id[:4]}",
                "State": STATE_WORDS[run.state],
                "Test accuracy": accuracy(reached.test_accuracy)
                if reached and reached.test_accuracy is not None
                else "",
                "Test, %": 100 * reached.test_accuracy
                if reached and reached.test_accuracy is not None
                else None,
                "Training, %": 100 * reached.train_accuracy
                if reached and reached.train_accuracy is not None
                else None,
                "Parameters": parameter_count(run.spec) if run.record else None,
                "Epochs": reached.epochs if reached else None,
                "Time, s": reached.seconds if reached else None,
                "Started": run.created_at if run.record else None,
            }
        )
    return pd.DataFrame(rows)


st.title("Compare runs", anchor=False)
runs = store().list()
if not runs:
    st.info("There is nothing to compare yet. Train a network, then another one.")
    st.page_link(page("train"), label="Train a network", icon=":material/play_arrow:")
    st.stop()

st.caption(
    "Tick runs to lay their curves over one another. ± is half of the 95 % interval: two runs "
    "whose intervals overlap may be equally good."
)
measured = [number for number, run in enumerate(runs) if run.summary]
picked = st.dataframe(
    table(runs),
    key="compare.table",
    hide_index=True,
    on_select="rerun",
    selection_mode="multi-row",
    selection_default={"selection": {"rows": measured[:CURVES_AT_FIRST]}},
    column_config={
        "Test, %": st.column_config.ProgressColumn(format="%.1f", min_value=50, max_value=100),
        "Training, %": st.column_config.NumberColumn(format="%.1f"),
        "Parameters": st.column_config.NumberColumn(format="localized"),
        "Time, s": st.column_config.NumberColumn(format="%.0f"),
        "Started": st.column_config.DatetimeColumn(format="distance"),
    },
    alt="All runs with their state, accuracies, parameters and time",
)
chosen = [runs[row] for row in picked.selection.rows if row < len(runs)]
curve = st.segmented_control(
    "Accuracy on", list(CURVES), default="Test", required=True, key="compare.curve"
)
if chosen:
    named = [NamedEvents(f"{run.name} · {run.id[:4]}", store().events(run.id)) for run in chosen]
    chart(
        accuracy_curves(named, CURVES[curve]),
        key="compare.curves",
        height=460,
        label=f"{curve} accuracy of the chosen runs over the epochs",
    )
    with st.container(horizontal=True):
        for run in chosen:
            if run.summary and run.summary.test_accuracy is not None:
                st.page_link(
                    page("mistakes"),
                    label=f"Mistakes of {run.name} · {run.id[:4]}",
                    query_params={"run": run.id},
                )
else:
    st.info("Tick one run or more in the table to see their curves here.")
