"""Seed variance and ensembles of the chosen runs."""

from __future__ import annotations

import numpy as np
import streamlit as st

from fmnist_core.analysis.comparison import Spread, ensemble, paired, seed_groups
from fmnist_core.analysis.metrics import accuracy_text
from fmnist_core.errors import FmnistError
from fmnist_core.runs import Run
from fmnist_core.runs.cross_validation import common_name
from fmnist_core.runs.identity import identity_of, name_with_badges
from ui.cache import predictions, run_names
from ui.errors import show_error
from ui.escape import plain
from ui.formatting import SIGNIFICANT, p_text
from ui.services import dataset

_MOST_IN_ENSEMBLE = 20


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
        "kept aside for validation. How far runs of one configuration lie apart is luck; a gain "
        "smaller than that is no progress."
    )
    if not any(np.isfinite(group.margin) for group in groups):
        st.info(
            "No two of these runs differ in the seed alone. Train one again with another seed: "
            "**Change it and train again** on its page."
        )
    st.dataframe(
        {
            "Configuration": [_group_name(runs, group) for group in groups],
            "Runs": [len(group.members) for group in groups],
            "Mean test accuracy": [_mean_text(group) for group in groups],
            "Standard deviation": [_deviation_text(group) for group in groups],
            "Lowest to highest": [_range_text(runs, group) for group in groups],
        },
        hide_index=True,
        alt="Configurations with the mean and spread of their seeds",
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
    seeds = ", ".join(str(training.seed) for training in trainings)
    return f"{name_with_badges(first)}, seeds {seeds}"


def _mean_text(group: Spread) -> str:
    margin = f" ± {100 * group.margin:.2f}" if np.isfinite(group.margin) else ""
    return f"{100 * group.mean:.2f} %{margin}"


def _deviation_text(group: Spread) -> str:
    return f"{100 * group.deviation:.2f} points" if np.isfinite(group.margin) else "–"


def _range_text(runs: list[Run], group: Spread) -> str:
    values = [100 * (runs[member].test_accuracy or 0.0) for member in group.members]
    return f"{min(values):.1f} to {max(values):.1f} %" if len(values) > 1 else "–"


def show_ensemble(selected: list[Run]) -> None:
    """The ensemble of the selected runs (mean probabilities) against the best of them."""
    runs = [run for run in selected if run.test_accuracy is not None][:_MOST_IN_ENSEMBLE]
    if len(runs) < 2:
        st.info("Choose two runs with a result or more to see what they reach together.")
        return
    try:
        labels = np.asarray(dataset().test_labels)
        probabilities = [predictions(run.id)["test_probabilities"] for run in runs]
    except FmnistError as error:
        show_error(error)
        return
    if any(len(of_run) != len(labels) for of_run in probabilities):
        st.warning("These runs were not tested on the same pictures.")
        return
    predicted = [of_run.argmax(axis=1) for of_run in probabilities]
    accuracies = [float((classes == labels).mean()) for classes in predicted]
    best = int(np.argmax(accuracies))
    ensemble_predicted = ensemble(probabilities).argmax(axis=1)
    ensemble_accuracy = float((ensemble_predicted == labels).mean())
    comparison = paired(labels, predicted[best], ensemble_predicted)
    left, middle, right = st.columns(3)
    left.metric(f"All {len(runs)} together", accuracy_text(ensemble_accuracy))
    middle.metric(
        "The best alone", accuracy_text(accuracies[best]), help=plain(run_names()[runs[best].id])
    )
    right.metric("Gained", f"{100 * (ensemble_accuracy - accuracies[best]):+.2f} points")
    mended, added = len(comparison.only_b), len(comparison.only_a)
    more = "more" if comparison.p < SIGNIFICANT else "no more"
    st.markdown(
        f"Together they mend {mended:,} mistakes of the best and make {added:,} new ones: the "
        f"difference is **{more} than luck explains** ({p_text(comparison.p)})."
    )
    st.caption(
        "Each run says how likely each class is; these shares are averaged, and the likeliest "
        "class is the answer. It works best where runs make different mistakes."
    )
