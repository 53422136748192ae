"""The latest runs on Overview: how each ended, and links to its pages."""

from __future__ import annotations

import streamlit as st

from fmnist_core.analysis.metrics import accuracy_text
from fmnist_core.runs import DamagedRun, Run
from fmnist_core.specs import parameter_count
from fmnist_core.text import for_html
from ui.cache import run_names
from ui.formatting import STATE_WORDS, ago, duration
from ui.navigation import page

_LATEST_COUNT = 6
# What its page of Train tells, by its state; of all others the curves.
_TRAINING_LINKS = {
    "queued": "Watch it learn",
    "running": "Watch it learn",
    "failed": "See what happened",
    "diverged": "See what happened",
    "interrupted": "See what happened",
}


def show_latest_runs(runs: list[Run | DamagedRun]) -> None:
    """A line for each of the latest runs, and a link to all of them.

    Args:
        runs: all runs, newest first; at least one.
    """
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.header("Latest runs", anchor=False)
        if len(runs) > _LATEST_COUNT:
            st.page_link(
                page("compare"), label=f"All {len(runs):,} runs", icon=":material/table_rows:"
            )
    st.caption("With their accuracy on the test pictures and its 95 % interval.")
    names = run_names()
    with st.container(key="overview_latest", gap=None):
        for run in runs[:_LATEST_COUNT]:
            with st.container(
                key=f"overview_run_{run.id}", horizontal=True, vertical_alignment="center"
            ):
                if isinstance(run, DamagedRun):
                    _line(names[run.id], "", f"Damaged: {run.reason}", "damaged")
                else:
                    _show_run(run, names[run.id])


def _show_run(run: Run, name: str) -> None:
    share = run.test_accuracy
    facts = [
        STATE_WORDS[run.state].capitalize(),
        f"{parameter_count(run.spec):,} parameters",
        *([duration(run.summary.seconds)] if run.summary else []),
        ago(run.created_at),
    ]
    result = accuracy_text(share) if share is not None else ""
    _line(
        name,
        result,
        " · ".join(fact.replace(" ", "\N{NO-BREAK SPACE}") for fact in facts),
        run.state,
    )
    with st.container(horizontal=True, width="content", key=f"overview_links_{run.id}"):
        label = _TRAINING_LINKS.get(run.state, "Training curves")
        st.page_link(page("train"), label=label, query_params={"run": run.id})
        if run.has_predictions:
            st.page_link(page("mistakes"), label="Mistakes", query_params={"run": run.id})


def _line(name: str, result: str, facts: str, state: str) -> None:
    accuracy = f'<b class="fm-latest-result">{result}</b>' if result else ""
    st.html(
        f'<div class="fm-latest fm-latest-{state}"><b>{for_html(name)}</b>{accuracy}'
        f"<span>{for_html(facts)}</span></div>"
    )
