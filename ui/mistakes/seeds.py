"""Seed variance: which of a run's mistakes its seed replicates make as well."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.analysis.seeds import SeedAgreement, agreement, shared_mistakes
from fmnist_core.errors import FmnistError
from fmnist_core.figures.seeds import shared_bars
from fmnist_core.runs import Run
from fmnist_core.runs.identity import differ_by_chance_alone, identity
from ui.cache import final_predictions
from ui.components.chart import chart
from ui.components.choice import choice
from ui.components.gallery import Tile, gallery
from ui.mistakes.gallery_view import PER_PAGE, tile
from ui.mistakes.predictions import RunPredictions, load_predictions
from ui.mistakes.view_state import IMAGE, PAGE, SHARED_BY, STATE, VIEW
from ui.navigation import page
from ui.pager import pages_of
from ui.services import store
from ui.theme import is_dark


def show_seeds(run: Run) -> None:
    """How many mistakes are shared by how many runs of the same configuration."""
    replicates, unreadable = seed_replicates_of(run)
    if unreadable:
        st.caption(f"{unreadable} more could not be asked: their predictions cannot be read.")
    if not replicates:
        st.info(
            "To tell luck from system, train the same network again: other first weights and "
            "another order of the pictures show which mistakes stay. Change only the seed."
        )
        st.page_link(page("train"), label="Train a network", icon=":material/play_arrow:")
        return
    predictions = load_predictions(run, None)
    labels, mine = predictions.labels, predictions.predicted
    found = agreement(
        labels, mine, [final_predictions(replicate).classes for replicate in replicates]
    )
    counts = shared_mistakes(labels, mine, found)
    st.markdown(seed_variance_sentence(counts))
    left, right = st.columns(2, gap="large")
    if (SHARED_BY.value or 0) >= found.runs:
        STATE.settle(SHARED_BY.to(None))
    by = SHARED_BY.value or found.runs
    with left:
        choice(
            "Mistakes made by so many of the runs",
            range(1, found.runs + 1),
            by,
            key="mistakes.by",
            on_choose=lambda count: choose_run_count(count, found.runs),
            show_label=True,
        )
        chart(
            shared_bars(counts, by, is_dark()),
            key="mistakes.shared",
            height=380,
            on_click=lambda x: choose_run_count(round(x), found.runs),
            label="How many mistakes of this run are made by how many runs",
        )
        st.caption("On the left what only this run gets wrong, on the right what all do.")
    with right:
        numbers = np.flatnonzero((mine != labels) & (found.wrong == by))
        show_shared_mistakes(predictions, found, numbers, by)


def choose_run_count(by: int, runs: int) -> None:
    """Look at mistakes made by another number of runs; all of them need no word."""
    SHARED_BY.set(by if by < runs else None)


def show_shared_mistakes(
    predictions: RunPredictions, found: SeedAgreement, numbers: NDArray[np.int64], by: int
) -> None:
    """The mistakes that so many runs make; those with the same wrong answer first."""
    st.subheader(
        f"{len(numbers):,} picture{'s' * (len(numbers) != 1)} that {by} of {found.runs} runs "
        f"name{'s' * (by == 1)} wrongly",
        anchor=False,
    )
    if not len(numbers):
        st.info("No mistake is made by exactly so many.")
        return
    numbers = numbers[np.argsort(-found.same[numbers], kind="stable")]
    shown = numbers[pages_of(len(numbers), PER_PAGE, PAGE)]
    gallery(
        [with_run_count(tile(predictions, int(one)), int(found.same[one])) for one in shown],
        predictions.data.test_images[shown],
        key="mistakes.luck.gallery",
        on_click=lambda _, image_index: STATE.change(VIEW.to("pictures"), IMAGE.to(image_index)),
    )
    st.caption("× says how many runs give the very same wrong answer.")


def with_run_count(shown: Tile, same: int) -> Tile:
    """The tile with the number of runs that answer alike."""
    return Tile(
        shown.split,
        shown.number,
        shown.name,
        f"{shown.caption.rsplit(' ', 2)[0]}\u00a0×\u00a0{same}",
        shown.tone,
    )


def seed_replicates_of(run: Run) -> tuple[list[Run], int]:
    """Finished runs that differ only in the seed, and how many of these cannot be read."""
    replicates, unreadable = [], 0
    for other in store().list():
        if other.id == run.id or other.state != "done" or not other.summary:
            continue
        if not differ_by_chance_alone(identity(other), identity(run)):
            continue
        try:
            final_predictions(other)
        except FmnistError:
            unreadable += 1
        else:
            replicates.append(other)
    return replicates, unreadable


def seed_variance_sentence(counts: NDArray[np.int64]) -> str:
    """What is system and what is luck, in a sentence."""
    total, runs = int(counts.sum()), len(counts)
    if not total:
        return "It makes no mistake, so there is nothing to explain."
    every = "both" if runs == 2 else f"all {runs}"
    return (
        f"Of its **{total:,}** mistakes, {every} runs of this configuration make "
        f"**{counts[-1]:,}**: that is system. **{counts[0]:,}** are made by this run alone: "
        "every other one names them rightly."
    )
