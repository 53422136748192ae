"""Progress of a cross-validation, and the runs that are still missing for it."""

from __future__ import annotations

import streamlit as st

from fmnist_core.errors import FmnistError
from fmnist_core.runs import Run
from fmnist_core.runs.cross_validation import fold_name, folds, missing
from fmnist_core.specs import RunSpec
from ui.escape import plain
from ui.formatting import duration
from ui.rights import actor, may_change
from ui.services import engine, store
from ui.train.duration import expected

MOST_FOLDS = 20
TRAIN_IMAGES = 60_000
POLL_SECONDS = 2.0


def show_cross_validation(run: Run, voted: int) -> None:
    """How far it is, and a button for the parts that nobody has held out."""
    st.progress(
        voted / TRAIN_IMAGES,
        text=f"{voted:,} of 60,000 training pictures were judged by a network that had "
        "never seen them",
    )
    training = run.spec.training
    parts = folds(run.spec)
    if training.label_noise:
        st.caption("This run was trained on labels made wrong on purpose: it judges no label.")
        return
    if not 1 < len(parts) <= MOST_FOLDS:
        st.caption(
            f"This run kept {100 * training.validation_share:g} % of the pictures aside. To judge "
            "all of them, choose a run that kept 5 to 50 % aside."
        )
        return
    left = missing(run.spec, store().list())
    waiting = active_folds(parts)
    if waiting:
        show_active_folds(parts, waiting)
    elif not left:
        st.caption(f"All {len(parts)} parts of “{plain(run.name)}” were held out once.")
    if left and may_change():
        st.button(
            f"Train the {len(left)} missing part{'s' * (len(left) > 1)}",
            icon=":material/play_arrow:",
            on_click=train_missing_folds,
            args=(run,),
            help=f"Trains “{plain(run.name)}” {len(left)} times more, each time with another "
            f"{100 * training.validation_share:g} % of the pictures held out.",
        )
        if (time := expected(run.spec)) is not None:
            seconds = max(10.0, 10 * round(len(left) * time.training.mid / 10))
            st.caption(f"That takes about {duration(seconds)}.")


@st.fragment(run_every=POLL_SECONDS)
def show_active_folds(parts: list[RunSpec], waiting: int) -> None:
    """How many are still to come; the page is drawn again only when the visitor asks for it.

    Other suspects would move what somebody is looking at.
    """
    now = active_folds(parts)
    with st.container(horizontal=True, vertical_alignment="center", key="rotation_watch"):
        st.caption(f"{now} of {len(parts)} parts are being trained or wait for it.")
        if st.button(
            "Take in what has ended",
            key="mistakes.rotation_ended",
            icon=":material/refresh:",
            type="tertiary",
            disabled=now == waiting,
        ):
            st.rerun()


def active_folds(parts: list[RunSpec]) -> int:
    """How many of the parts are being trained or wait for it."""
    return sum(other.spec in parts for other in store().active())


def train_missing_folds(run: Run) -> None:
    """Queue what is missing now; a second click finds nothing missing."""
    parts = folds(run.spec)
    try:
        for spec in missing(run.spec, store().list()):
            name = fold_name(run.name, parts.index(spec), len(parts))
            engine().start(spec, name=name, by=actor())
    except FmnistError as error:
        st.toast(plain(error), icon=":material/error:")
