"""The table of runs: search, filters, sort order and the ticks."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from fmnist_core.runs import Run
from fmnist_core.runs.identity import run_label
from fmnist_core.specs import parameter_count
from ui.compare.view_state import MOST_RUNS, ORDER, ORDERS, RUNS, STATE
from ui.components.acts import in_order_with_value
from ui.formatting import STATE_WORDS, TEST_IMAGES, accuracy
from ui.services import store

CHOSEN_AT_FIRST = 6
_TABLE = "compare.table"


def test_accuracy(run: Run) -> float | None:
    """What a run reached on the test pictures."""
    return run.summary.test_accuracy if run.summary else None


def chosen_runs(runs: list[Run]) -> list[Run]:
    """The runs named in the address, in its order; without any, the newest with a result."""
    known = {run.id: run for run in runs}
    if RUNS.value is None:
        return [run for run in runs if run.summary][:CHOSEN_AT_FIRST]
    return [known[run_id] for run_id in RUNS.value if run_id in known]


def choose(ids: list[str]) -> None:
    """Put the chosen runs into the address; an empty choice is one, too."""
    RUNS.set(tuple(ids[:MOST_RUNS]))


def image_filter(runs: list[Run]) -> list[Run]:
    """Search, filter and order; what was typed stays in this window."""
    tags = sorted({tag for run in runs for tag in run.user.tags})
    with st.container(horizontal=True, vertical_alignment="bottom"):
        wanted = st.text_input(
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
        kept = st.multiselect("Tags", tags, key="compare.tags", width=220) if tags else []
        ORDER.choose("Sorted", tuple(ORDERS), words=ORDERS, look="list", show_label=True, width=180)
    words = wanted.lower().split()
    found = [
        run
        for run in runs
        if (not states or run.state in states)
        and set(kept) <= set(run.user.tags)
        and (not words or all(word in _text(run) for word in words))
    ]
    return sorted(found, key=lambda run: (not run.user.pinned, *_rank(run, ORDER.value)))


def _text(run: Run) -> str:
    said = [run.name, run.id, STATE_WORDS[run.state], *run.user.tags, run.user.notes]
    if run.record is not None:
        said += [run.spec.network.kind, run.spec.training.optimizer, run.spec.network.activation]
    return " ".join(said).lower()


def _rank(run: Run, order: str) -> tuple[float | str, ...]:
    reached = test_accuracy(run)
    if order == "best":
        return (1.0 if reached is None else -reached,)
    if order == "small":
        return (parameters(run) if run.record else 10**12,)
    if order == "quick":
        return (run.summary.seconds if run.summary else 10**12,)
    if order == "name":
        return (run.name.lower(),)
    # They come newest first, and sorting keeps what is equal as it is.
    return ()


def parameters(run: Run) -> int:
    """How many weights a run's network has; counted anew only where no result says it."""
    return run.summary.parameters if run.summary else parameter_count(run.spec)


def run_table(runs: list[Run], chosen: list[Run]) -> None:
    """The runs, one row each; ticking one chooses it for all that is below."""
    ids = [run.id for run in runs]
    wanted = [run.id for run in chosen]
    # Rows are named by their place: another list of runs is another table. So is a choice that was
    # made elsewhere; the table keeps its own.
    generation = RUNS.key
    key = f"{generation}.{hash(tuple(ids))}"

    def ticked(table: Any) -> None:
        ticks = [ids[row] for row in table.selection.rows if row < len(ids)]
        # Not what the page was drawn with: an earlier tick may have come since.
        before = wanted if RUNS.value is None else RUNS.value
        # A table that was made anew meanwhile tells once more what it was given.
        given = before if generation == RUNS.key else wanted
        if set(ticks) == {run_id for run_id in given if run_id in ids}:
            return
        stay = [run_id for run_id in before if run_id in ticks or run_id not in ids]
        now = [*stay, *(run_id for run_id in ticks if run_id not in stay)]
        # In another order it is another table by now, which must hear of this tick.
        still_shown = st.session_state[_TABLE] == key
        STATE.change(RUNS.to(tuple(now[:MOST_RUNS])), by_widget=still_shown)

    st.session_state[_TABLE] = key
    st.dataframe(
        _frame(runs),
        key=key,
        placeholder="–",
        hide_index=True,
        on_select=in_order_with_value(key, ticked),
        selection_mode="multi-row",
        selection_default={"selection": {"rows": [ids.index(i) for i in wanted if i in ids]}},
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


def _frame(runs: list[Run]) -> pd.DataFrame:
    rows = []
    for run in runs:
        reached = run.summary
        test, train = (reached.test_accuracy, reached.train_accuracy) if reached else (None, None)
        rows.append(
            {
                "Run": ("★ " if run.user.pinned else "") + run_label(run),
                "State": STATE_WORDS[run.state],
                "Test accuracy": "" if test is None else accuracy(test, TEST_IMAGES),
                "Test, %": None if test is None else 100 * test,
                "Training, %": None if train is None else 100 * train,
                "Parameters": parameters(run) if run.record else None,
                "Epochs": reached.epochs if reached else None,
                "Time, s": reached.seconds if reached else None,
                "Started": run.created_at if run.record else None,
                "Tags": list(run.user.tags),
                "Notes": run.user.notes,
            }
        )
    return pd.DataFrame(rows)


def all_runs() -> list[Run]:
    """Every run, newest first."""
    return store().list()
