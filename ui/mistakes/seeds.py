"""Seed variance: which of a run's mistakes its seed replicates make as well."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.analysis.seeds import SeedAgreement, seed_agreement, shared_mistakes
from fmnist_core.errors import FmnistError
from fmnist_core.figures.seeds import shared_bars
from fmnist_core.runs import Run
from fmnist_core.runs.identity import differ_by_chance_alone, identity_of
from ui.cache import final_predictions
from ui.components.chart import chart
from ui.components.choice import choice
from ui.components.gallery import Tile, gallery
from ui.mistakes.gallery_view import CAPTION_BREAK, PER_PAGE, tile
from ui.mistakes.predictions import RunPredictions, load_predictions
from ui.mistakes.view_state import IMAGE, PAGE, SHARED_BY, STATE, VIEW
from ui.pager import pages_of
from ui.services import store
from ui.theme import is_dark
from ui.train.seed_replicates import train_replicates_button


def show_seeds(run: Run) -> None:
    """Mistakes of a run by the number of its seed replicates that share them."""
    replicates, unreadable = seed_replicates_of(run)
    if unreadable:
        st.caption(f"{unreadable} more could not be asked: their predictions cannot be read.")
    if not replicates:
        with st.container(border=True):
            st.subheader("Which mistakes are systematic, and which are chance?", anchor=False)
            st.markdown(
                "Train it again with another seed: other first weights and another order of the "
                "pictures. The mistakes that remain are systematic, the others are chance."
            )
            train_replicates_button(run, 2, "mistakes.replicates")
        return
    predictions = load_predictions(run, None)
    labels, predicted = predictions.labels, predictions.predicted
    replicate_agreement = seed_agreement(
        labels, predicted, [final_predictions(replicate).classes for replicate in replicates]
    )
    counts = shared_mistakes(labels, predicted, replicate_agreement)
    st.markdown(seed_variance_sentence(counts))
    left, right = st.columns(2, gap="large")
    if (SHARED_BY.value or 0) >= replicate_agreement.runs:
        STATE.settle(SHARED_BY.to(None))
    run_count = SHARED_BY.value or replicate_agreement.runs
    with left:
        choice(
            "Mistakes shared by … runs",
            range(1, replicate_agreement.runs + 1),
            run_count,
            key="mistakes.by",
            on_choose=lambda count: choose_run_count(count, replicate_agreement.runs),
            show_label=True,
        )
        chart(
            shared_bars(counts, run_count, is_dark()),
            key="mistakes.shared",
            height=380,
            on_click=lambda x: choose_run_count(round(x), replicate_agreement.runs),
            label="How many mistakes of this run are made by how many runs",
        )
        st.caption("On the left what this run alone gets wrong, on the right what all of them do.")
        train_replicates_button(run, 1, "mistakes.replicate")
    with right:
        indices = np.flatnonzero(
            (predicted != labels) & (replicate_agreement.misclassified == run_count)
        )
        show_shared_mistakes(predictions, replicate_agreement, indices, run_count)


def choose_run_count(run_count: int, total: int) -> None:
    """Show the mistakes of so many runs; all runs need no parameter in the address."""
    SHARED_BY.set(run_count if run_count < total else None)


def show_shared_mistakes(
    predictions: RunPredictions,
    replicate_agreement: SeedAgreement,
    indices: NDArray[np.int64],
    run_count: int,
) -> None:
    """A gallery of the mistakes that so many runs make, most equal predictions first.

    Args:
        predictions: of the open run.
        replicate_agreement: agreement of the run with its seed replicates.
        indices: (m,) of the test images that so many runs misclassify.
        run_count: how many.
    """
    st.subheader(
        f"{len(indices):,} picture{'s' * (len(indices) != 1)} that {run_count} of "
        f"{replicate_agreement.runs} runs get{'s' * (run_count == 1)} wrong",
        anchor=False,
    )
    if not len(indices):
        st.info("No mistake is shared by exactly so many runs.")
        return
    indices = indices[np.argsort(-replicate_agreement.agreeing[indices], kind="stable")]
    visible_indices = indices[pages_of(len(indices), PER_PAGE, PAGE)]
    gallery(
        [
            with_run_count(tile(predictions, int(index)), int(replicate_agreement.agreeing[index]))
            for index in visible_indices
        ],
        predictions.data.test_images[visible_indices],
        key="mistakes.luck.gallery",
        size="large",
        on_click=lambda _, image_index: STATE.change(VIEW.to("pictures"), IMAGE.to(image_index)),
    )
    st.caption("× says how many runs give the very same wrong answer.")


def with_run_count(tile: Tile, count: int) -> Tile:
    """The tile with the number of runs that predict the same class."""
    return Tile(
        tile.split,
        tile.index,
        tile.name,
        f"{tile.caption.partition(CAPTION_BREAK)[0]}{CAPTION_BREAK}×\N{NO-BREAK SPACE}{count}",
        tile.tone,
    )


def seed_replicates_of(run: Run) -> tuple[list[Run], int]:
    """Seed replicates of a run, and how many more have predictions that cannot be read."""
    replicates, unreadable = [], 0
    for candidate in store().list():
        if candidate.id == run.id or candidate.state != "done" or not candidate.has_predictions:
            continue
        if not differ_by_chance_alone(identity_of(candidate), identity_of(run)):
            continue
        try:
            final_predictions(candidate)
        except FmnistError:
            unreadable += 1
        else:
            replicates.append(candidate)
    return replicates, unreadable


def seed_variance_sentence(counts: NDArray[np.int64]) -> str:
    """Mistakes that all seeds share and that one seed makes alone, in a sentence.

    Args:
        counts: (runs,) mistakes that 1, 2, … runs share.
    """
    total, runs = int(counts.sum()), len(counts)
    if not total:
        return "It makes no mistake, so there is nothing to explain."
    all_runs = "both" if runs == 2 else f"all {runs}"
    return (
        f"Of its **{total:,}** mistakes, {all_runs} runs of this configuration make "
        f"**{counts[-1]:,}**: these are systematic. **{counts[0]:,}** are made by this run alone: "
        "another seed would have got them right."
    )
