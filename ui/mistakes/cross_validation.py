"""Progress of a cross-validation, and the runs that are still missing for it."""

from __future__ import annotations

import streamlit as st

from fmnist_core.dataset import TRAIN_SIZE
from fmnist_core.errors import FmnistError
from fmnist_core.runs import Run
from fmnist_core.runs.cross_validation import (
    active_fold_count,
    fold_name,
    fold_specs,
    missing_folds,
)
from ui.components.live import live_part
from ui.errors import told_refusals
from ui.escape import plain
from ui.rights import actor, may_change
from ui.services import engine, store
from ui.train.duration import time_suffix
from ui.train.live_parts import button_html

MOST_FOLDS = 20


def show_cross_validation(run: Run, voted_images: int) -> None:
    """Progress of the cross-validation of a run's configuration, and a button for missing folds."""
    st.progress(
        voted_images / TRAIN_SIZE,
        text=f"{voted_images:,} of 60,000 training pictures were judged by a network that had "
        "never seen them",
    )
    training = run.spec.training
    specs = fold_specs(run.spec)
    if training.label_noise:
        st.caption("This run was trained on labels made wrong on purpose: it judges no label.")
        return
    if not 1 < len(specs) <= MOST_FOLDS:
        st.caption(
            f"This run kept {100 * training.validation_share:g} % of the pictures aside. To judge "
            "all of them, choose a run that kept 5 to 50 % aside."
        )
        return
    missing_specs = missing_folds(run.spec, store().list())
    active_count = active_fold_count(run.spec, store().active())
    if active_count:
        show_active_folds(run)
    elif not missing_specs:
        st.caption(f"All {len(specs)} parts of “{plain(run.name)}” were held out once.")
    if missing_specs and may_change():
        st.button(
            f"Train the {len(missing_specs)} missing part{'s' * (len(missing_specs) > 1)}"
            f"{time_suffix(run.spec, len(missing_specs))}",
            icon=":material/play_arrow:",
            on_click=train_missing_folds,
            args=(run,),
            help=f"Trains “{plain(run.name)}” {len(missing_specs)} times more, each time with "
            f"another {100 * training.validation_share:g} % of the pictures held out.",
        )


def show_active_folds(run: Run) -> None:
    """How many folds are active; the page is drawn again only when the visitor asks for it.

    Other suspects would move what somebody is looking at.
    """
    topic = f"folds.{run.id}"
    part = fold_parts(run.id)[topic]
    drawn = next(variant for variant in part if variant)
    live_part(topic, part, f"live.{topic}", topic=topic, variant=drawn)


def fold_parts(run_id: str) -> dict[str, dict[str, str]]:
    """How many folds of a run's configuration are active, as HTML.

    Args:
        run_id: the run; one that is gone has none.

    Returns:
        ``folds.ID``: by how many were active when a page was drawn, which is up to date then; for
        all others with a button that can be pressed.
    """
    try:
        spec = store().get(run_id).spec
        count, active_count = len(fold_specs(spec)), active_fold_count(spec, store().active())
    except FmnistError:
        count, active_count = 0, 0
    said = f"{active_count} of {count} parts are being trained or wait for it."
    now, later = (
        f'<p class="fm-folds">{said} '
        f"{button_html('Take in what has ended', 'take in', disabled=disabled)}</p>"
        for disabled in (True, False)
    )
    return {f"folds.{run_id}": {str(active_count): now, "": later}}


def train_missing_folds(run: Run) -> None:
    """Queue the missing folds of a run; a second click finds none missing."""
    specs = fold_specs(run.spec)
    with told_refusals():
        for spec in missing_folds(run.spec, store().list()):
            name = fold_name(run.name, specs.index(spec), len(specs))
            engine().start(spec, name=name, by=actor())
