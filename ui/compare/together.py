"""Ensembles of the selected runs: what adding each of them brings."""

from __future__ import annotations

import numpy as np
import streamlit as st

from fmnist_core.analysis.comparison import Member, Paired, ensemble, forward_selection, paired
from fmnist_core.dataset import TEST_SIZE
from fmnist_core.errors import FmnistError
from fmnist_core.figures.ensemble import Joined, ensemble_chart
from fmnist_core.runs import Run
from ui.cache import predictions, run_names
from ui.compare.run_table import styles_of
from ui.components.chart import chart
from ui.errors import show_error
from ui.escape import plain
from ui.formatting import p_text
from ui.services import dataset
from ui.train.seed_replicates import train_replicates_button

_MOST = 20
_ROW_PX, _AXIS_PX = 38, 80


def show_ensemble(selected: list[Run]) -> None:
    """The best ensemble of the selected runs, and how it grows run by run."""
    runs = [run for run in selected if run.test_accuracy is not None and run.has_predictions]
    if len(runs) < 2:
        st.info("An ensemble needs two runs with a result: select another one, or train one more.")
        if runs:
            train_replicates_button(runs[0], 1, key="compare.together")
        return
    best_first = sorted(runs, key=lambda run: -(run.test_accuracy or 0.0))[:_MOST]
    try:
        grown = _grown(tuple((run.id, run.predictions_digest) for run in best_first))
    except FmnistError as error:
        show_error(error)
        return
    if grown is None:
        st.warning("These runs were not tested on the same pictures.")
        return
    members, best_count, comparison = grown
    names, styles = run_names(), styles_of(selected)
    joined_ids = [best_first[member.run].id for member in members]
    best_alone = plain(names[joined_ids[0]])
    accuracies = [member.correct / TEST_SIZE for member in members]
    if best_count > 1:
        left, middle, right = st.columns(3)
        left.metric(f"{best_count} runs together", f"{100 * accuracies[best_count - 1]:.2f} %")
        middle.metric("The best alone", f"{100 * accuracies[0]:.2f} %", help=best_alone)
        gained = 100 * (accuracies[best_count - 1] - accuracies[0])
        right.metric("Gained, percentage points", f"{gained:.2f}")
    st.markdown(_sentence(best_alone, best_count, comparison))
    if best_count == 1:
        train_replicates_button(best_first[members[0].run], 2, key="compare.together")
    chart(
        ensemble_chart(
            [
                Joined(names[run_id], styles[run_id], accuracy)
                for run_id, accuracy in zip(joined_ids, accuracies, strict=True)
            ],
            best_count,
        ),
        key="compare.together",
        height=_AXIS_PX + _ROW_PX * len(members),
        label="Test accuracy as one selected run after the other joins the ensemble",
    )
    st.caption(
        "It begins with the best run; then the one joins that helps most. Filled markers are the "
        "best set. The probabilities of its runs are averaged, and the most likely class is the "
        "answer. The set was chosen on these test pictures, which flatters it a little."
    )
    if len(runs) > _MOST:
        st.caption(f"Only the best {_MOST} of the {len(runs)} runs take part.")


@st.cache_data(show_spinner=False, max_entries=32)
def _grown(digests: tuple[tuple[str, str], ...]) -> tuple[list[Member], int, Paired] | None:
    """How the ensemble grows, how many runs are the best set, and that set against the best run.

    Args:
        digests: ids of the runs, the best first, with the digests of their predictions.

    Returns:
        ``None`` where the runs were not tested on the same images.
    """
    labels = np.asarray(dataset().test_labels)
    probabilities = [predictions(run_id)["test_probabilities"] for run_id, _ in digests]
    if any(len(of_run) != len(labels) for of_run in probabilities):
        return None
    members = forward_selection(labels, probabilities)
    best_count = 1 + int(np.argmax([member.correct for member in members]))
    best_set = [probabilities[member.run] for member in members[:best_count]]
    return (
        members,
        best_count,
        paired(labels, best_set[0].argmax(axis=1), ensemble(best_set).argmax(axis=1)),
    )


def _sentence(best_alone: str, best_count: int, comparison: Paired) -> str:
    if best_count == 1:
        return (
            f"**{best_alone} is best alone**: adding any of the others brings nothing. Runs help "
            "each other where they are about equally good and make different mistakes, as other "
            "seeds of one network do."
        )
    fixed, added = len(comparison.only_b), len(comparison.only_a)
    return (
        f"{best_count} runs together fix **{fixed:,}** mistakes of {best_alone} and make "
        f"**{added:,}** new ones ({p_text(comparison.p)})."
    )
