"""The table of runs: search, filters, sort order and the ticks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf
from typing import Any

import pandas as pd
import streamlit as st

from fmnist_core.analysis.metrics import accuracy_text
from fmnist_core.runs import DamagedRun, Run
from fmnist_core.specs import parameter_count
from ui.cache import run_names
from ui.compare.view_state import MOST_RUNS, ORDER, ORDERS, RUNS, STATE
from ui.components.acts import in_order_with_value
from ui.formatting import STATE_WORDS
from ui.services import store

SELECTED_AT_FIRST = 6
_TABLE = "compare.table"
_COLUMNS = (
    *("Run", "State", "Test accuracy", "Test, %", "Training, %", "Parameters", "Epochs"),
    *("Time, s", "Started", "Tags", "Notes"),
)


def list_runs() -> list[Run | DamagedRun]:
    """Every run, newest first, and then the damaged ones."""
    return store().scan().entries


def readable_runs(runs: Sequence[Run | DamagedRun]) -> list[Run]:
    """The runs among them that make sense."""
    return [run for run in runs if isinstance(run, Run)]


def selected_runs(runs: list[Run | DamagedRun]) -> Sequence[Run | DamagedRun]:
    """The runs of the address, in its order; without any, the newest with a result."""
    by_id = {run.id: run for run in runs}
    if RUNS.value is None:
        return [run for run in readable_runs(runs) if run.summary][:SELECTED_AT_FIRST]
    return [by_id[run_id] for run_id in RUNS.value if run_id in by_id]


def select_runs(ids: list[str]) -> None:
    """Put a selection of runs into the address; an empty one is kept, too."""
    RUNS.set(tuple(ids[:MOST_RUNS]))


def filter_runs(runs: list[Run | DamagedRun]) -> list[Run | DamagedRun]:
    """Search, filters and sort order of the runs; returns the runs that pass, sorted."""
    tags = sorted({tag for run in readable_runs(runs) for tag in run.user.tags})
    with st.container(horizontal=True, vertical_alignment="bottom"):
        search = st.text_input(
            "Search", key="compare.search", placeholder="Name, tag, note, optimizer …", width=280
        )
        states = st.multiselect(
            "State",
            sorted({run.state for run in runs}),
            format_func=lambda state: STATE_WORDS[state],
            key="compare.states",
            placeholder="All",
            width=220,
        )
        chosen_tags = st.multiselect("Tags", tags, key="compare.tags", width=220) if tags else []
        ORDER.choose("Sorted", tuple(ORDERS), words=ORDERS, look="list", show_label=True, width=180)
    words = search.lower().split()
    matches = [
        run
        for run in runs
        if (not states or run.state in states)
        and set(chosen_tags) <= (set(run.user.tags) if isinstance(run, Run) else set())
        and (not words or all(word in _search_text(run) for word in words))
    ]
    return sorted(matches, key=lambda run: _sort_key(run, ORDER.value))


def _search_text(run: Run | DamagedRun) -> str:
    texts = [run.name, run.id, STATE_WORDS[run.state]]
    if isinstance(run, Run):
        texts += [*run.user.tags, run.user.notes]
        texts += [run.spec.network.kind, run.spec.training.optimizer, run.spec.network.activation]
    return " ".join(texts).lower()


def _sort_key(run: Run | DamagedRun, order: str) -> tuple[bool, float | str]:
    """Pinned runs come first; what has no figure to sort by comes last."""
    unpinned = isinstance(run, DamagedRun) or not run.user.pinned
    if order == "name":
        return unpinned, run.name.lower()
    if order not in _FIGURES:
        # They come newest first, and sorting keeps what is equal as it is.
        return unpinned, 0.0
    figure = None if isinstance(run, DamagedRun) else _FIGURES[order](run)
    return unpinned, inf if figure is None else figure


def run_parameter_count(run: Run) -> int:
    """Number of parameters of a run's network; computed only where no result says it."""
    return run.summary.parameters if run.summary else parameter_count(run.spec)


# What each order sorts by, the smallest first.
_FIGURES: dict[str, Callable[[Run], float | None]] = {
    "best": lambda run: None if run.test_accuracy is None else -run.test_accuracy,
    "small": run_parameter_count,
    "quick": lambda run: run.summary.seconds if run.summary else None,
}


def run_table(runs: Sequence[Run | DamagedRun], selected: Sequence[Run | DamagedRun]) -> None:
    """The table of runs; ticking a row selects the run for all views below."""
    ids = [run.id for run in runs]
    selected_ids = [run.id for run in selected]
    # Rows are named by their place: another list of runs is another table. So is a choice that was
    # made elsewhere; the table keeps its own.
    generation = RUNS.key
    key = f"{generation}.{hash(tuple(ids))}"

    def on_tick(event: Any) -> None:
        ticked_ids = [ids[row] for row in event.selection.rows if row < len(ids)]
        # Not what the page was drawn with: an earlier tick may have come since.
        current_ids = selected_ids if RUNS.value is None else RUNS.value
        # A table that was made anew meanwhile tells once more what it was given.
        table_ids = current_ids if generation == RUNS.key else selected_ids
        if set(ticked_ids) == {run_id for run_id in table_ids if run_id in ids}:
            return
        kept_ids = [run_id for run_id in current_ids if run_id in ticked_ids or run_id not in ids]
        new_ids = [*kept_ids, *(run_id for run_id in ticked_ids if run_id not in kept_ids)]
        # In another order it is another table by now, which must hear of this tick.
        same_table = st.session_state[_TABLE] == key
        STATE.change(RUNS.to(tuple(new_ids[:MOST_RUNS])), by_widget=same_table)

    st.session_state[_TABLE] = key
    selected_rows = [ids.index(run_id) for run_id in selected_ids if run_id in ids]
    st.dataframe(
        _table(runs),
        key=key,
        placeholder="–",
        hide_index=True,
        on_select=in_order_with_value(key, on_tick),
        selection_mode="multi-row",
        selection_default={"selection": {"rows": selected_rows}},
        height=min(460, 38 + 35 * max(1, len(runs))),
        column_config={
            "Run": st.column_config.TextColumn(width="medium"),
            # No bar: one that begins at 50 % makes small differences large.
            "Test, %": st.column_config.NumberColumn(format="%.2f"),
            "Training, %": st.column_config.NumberColumn(format="%.2f"),
            "Parameters": st.column_config.NumberColumn(format="localized"),
            "Time, s": st.column_config.NumberColumn(format="%.0f"),
            "Started": st.column_config.DatetimeColumn(format="distance"),
            "Tags": st.column_config.ListColumn(width="small"),
        },
        alt="All runs with their state, accuracies, parameters and time",
    )


def _table(runs: Sequence[Run | DamagedRun]) -> pd.DataFrame:
    return pd.DataFrame([_row(run) for run in runs], columns=_COLUMNS)


def _row(run: Run | DamagedRun) -> dict[str, Any]:
    if isinstance(run, DamagedRun):
        cells = dict.fromkeys(_COLUMNS) | {"Test accuracy": "", "Tags": [], "Notes": ""}
        return cells | {"Run": run_names()[run.id], "State": STATE_WORDS[run.state]}
    summary, test = run.summary, run.test_accuracy
    train = summary.train_accuracy if summary else None
    return {
        "Run": ("★ " if run.user.pinned else "") + run_names()[run.id],
        "State": STATE_WORDS[run.state],
        "Test accuracy": "" if test is None else accuracy_text(test),
        "Test, %": None if test is None else 100 * test,
        "Training, %": None if train is None else 100 * train,
        "Parameters": run_parameter_count(run),
        "Epochs": summary.epochs if summary else None,
        "Time, s": summary.seconds if summary else None,
        "Started": run.created_at,
        "Tags": list(run.user.tags),
        "Notes": run.user.notes,
    }
