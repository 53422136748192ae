"""Seed variance of the selected runs."""

from __future__ import annotations

import numpy as np
import streamlit as st

from fmnist_core.analysis.comparison import Spread, seed_groups
from fmnist_core.runs import Run
from fmnist_core.runs.cross_validation import common_name
from fmnist_core.runs.identity import identity_of, name_with_badges
from ui.cache import run_names
from ui.components.plain_table import plain_table
from ui.escape import plain
from ui.train.seed_replicates import train_replicates_button

# With so many more there are three seeds, the least from which a spread can be told.
_MORE_SEEDS = 2


def show_seeds(selected: list[Run]) -> None:
    """Seed variance: mean and spread of test accuracy over runs that differ in the seed alone."""
    # One that trains on has a result of another training than it says.
    runs = [run for run in selected if run.test_accuracy is not None and run.settled]
    groups = seed_groups(
        [identity_of(run) for run in runs], [run.test_accuracy or 0.0 for run in runs]
    )
    st.markdown(
        "The seed decides everything that is drawn by chance: the first weights, the order of the "
        "pictures, dropout, mirrored and shifted pictures, wrong labels, and which pictures are "
        "kept aside for validation. A gain that is smaller than what lies between two seeds of one "
        "configuration may be chance."
    )
    if not groups:
        st.info("None of the selected runs has ended with a result yet.")
        return
    if not any(np.isfinite(group.margin) for group in groups):
        best = runs[groups[0].members[0]]
        st.info(
            "No two of these runs differ in the seed alone. Train "
            f"“{plain(run_names()[best.id])}” again with other seeds to see what chance does."
        )
        train_replicates_button(best, _MORE_SEEDS, key="compare.seeds")
    plain_table(
        {
            "Configuration": [_group_name(runs, group) for group in groups],
            "Runs": [len(group.members) for group in groups],
            "Mean test accuracy": [_mean_text(group) for group in groups],
            "Standard deviation": [_deviation_text(group) for group in groups],
            "Lowest to highest": [_range_text(runs, group) for group in groups],
        },
        label="Configurations with the mean and spread of their seeds",
    )
    st.caption(
        "± is half of the 95 % interval of the mean over the seeds (Student's t). With a single "
        "seed there is none. A run that was changed while it trained is a configuration of its own."
    )


def _group_name(runs: list[Run], group: Spread) -> str:
    first = runs[group.members[0]]
    if len(group.members) == 1:
        return run_names()[first.id]
    trainings = [runs[member].spec.training for member in group.members]
    if group.kind == "folds":
        folds = sorted({training.validation_fold for training in trainings})
        fold_text = ", ".join(str(fold + 1) for fold in folds)
        return f"{common_name(first.name)}, cross-validation, parts {fold_text}"
    seeds = ", ".join(map(str, sorted(training.seed for training in trainings)))
    return f"{name_with_badges(first)}, seeds {seeds}"


def _mean_text(group: Spread) -> str:
    margin = f" ± {100 * group.margin:.2f}" if np.isfinite(group.margin) else ""
    return f"{100 * group.mean:.2f} %{margin}"


def _deviation_text(group: Spread) -> str:
    return f"{100 * group.deviation:.2f} percentage points" if np.isfinite(group.margin) else "–"


def _range_text(runs: list[Run], group: Spread) -> str:
    values = [100 * (runs[member].test_accuracy or 0.0) for member in group.members]
    return f"{min(values):.1f} to {max(values):.1f} %" if len(values) > 1 else "–"
