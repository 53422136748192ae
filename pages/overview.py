"""Overview: what this is, how the latest runs did, and the first click."""

from __future__ import annotations

import numpy as np
import streamlit as st

from fmnist_core.analysis.metrics import accuracy_text
from fmnist_core.dataset import CLASS_COUNT, CLASS_NAMES, DatasetUnavailable
from fmnist_core.presets import PRESETS
from fmnist_core.runs import DamagedRun, Run, new_run_id
from fmnist_core.specs import parameter_count
from ui.cache import run_names
from ui.components.acts import in_order
from ui.components.gallery import Tile, gallery
from ui.errors import show_error, show_refusal, told_refusals
from ui.escape import plain
from ui.formatting import STATE_WORDS, ago, duration
from ui.navigation import Name, go_to, go_to_image, page
from ui.overview.ladder import show_ladder
from ui.overview.view_state import STATE
from ui.rights import actor, looking_on, may_change
from ui.services import dataset, engine, store

LATEST_COUNT = 6
EXAMPLES_SEED = 4

STATE.begin()
st.title(
    "See a neural network learn to recognise clothes, and find out why it fails.", anchor=False
)

STEPS: tuple[tuple[Name, str, str], ...] = (
    (
        "explore",
        "1 · Look at the clothes",
        "70,000 small grey pictures in ten classes, from T-shirts to ankle boots.",
    ),
    (
        "train",
        "2 · Watch a network learn",
        "Choose how it is built, press Start, and see its accuracy rise.",
    ),
    (
        "mistakes",
        "3 · Find out why it fails",
        "See which clothes it mixes up, and every single picture it gets wrong.",
    ),
)

runs = store().scan().entries


def start_first_run(form_id: str) -> None:
    """Start a run of the simplest network and open it; a second click starts no other run."""
    with told_refusals("overview.refused"):
        run = engine().start(PRESETS["Simple network"], form_id, by=actor())
        del st.session_state["overview.run_id"]
        go_to("train", run=run.id)


with st.container(horizontal=True, vertical_alignment="center"):
    if not may_change():
        looking_on()
    elif runs:
        st.button(
            "Train another network",
            type="primary",
            icon=":material/play_arrow:",
            on_click=in_order(go_to),
            args=("train",),
            kwargs={"new": "1"},
        )
    else:
        st.button(
            "Train your first model",
            type="primary",
            icon=":material/play_arrow:",
            on_click=in_order(start_first_run),
            args=(st.session_state.setdefault("overview.run_id", new_run_id()),),
        )
    st.page_link(page("explore"), label="Look at the 70,000 pictures", icon=":material/apps:")
show_refusal("overview.refused")
if not runs and may_change():
    st.caption(
        "The first model is the simplest: one hidden layer. It learns from 54,000 pictures in "
        "well under a minute on most computers, and you watch it."
    )


def show_examples() -> None:
    """One test image of each class; a click opens it."""
    try:
        data = dataset()
    except DatasetUnavailable as error:
        show_error(error)
    else:
        labels = np.asarray(data.test_labels)
        random = np.random.default_rng(EXAMPLES_SEED)
        indices = [
            int(random.choice(np.flatnonzero(labels == class_id)))
            for class_id in range(CLASS_COUNT)
        ]
        gallery(
            [
                Tile("test", index, CLASS_NAMES[labels[index]], caption=CLASS_NAMES[labels[index]])
                for index in indices
            ],
            data.test_images[indices],
            key="overview.classes",
            size="large",
            on_click=go_to_image,
        )


def damaged_card(run: DamagedRun) -> None:
    """The card of a damaged run: why it is."""
    with st.container(border=True):
        st.markdown(f"**{plain(run.name)}**")
        st.caption(f"Damaged: {plain(run.reason)}")


def run_card(run: Run) -> None:
    """The card of a run: test accuracy, state, and links to its pages."""
    with st.container(border=True):
        st.markdown(f"**{plain(run_names()[run.id])}**")
        share = run.test_accuracy
        st.metric("Test accuracy", accuracy_text(share) if share is not None else "–")
        duration_text = f" · {duration(run.summary.seconds)}" if run.summary else ""
        st.caption(
            f"{STATE_WORDS[run.state].capitalize()} · {parameter_count(run.spec):,} parameters"
            f"{duration_text} · {ago(run.created_at)}"
        )
        with st.container(horizontal=True):
            st.page_link(page("train"), label="Curves", query_params={"run": run.id})
            if run.has_predictions:
                st.page_link(page("mistakes"), label="Mistakes", query_params={"run": run.id})


if not runs:
    show_examples()
    with st.grid(3, min_column_width=260):
        for name, title, sentence in STEPS:
            with st.container(border=True):
                st.subheader(title, anchor=False)
                st.markdown(sentence)
                st.page_link(page(name), label="Go there", icon=":material/arrow_forward:")

st.header("How it gets better, step by step", anchor=False)
show_ladder()

if runs:
    st.header("Latest runs", anchor=False)
    with st.grid(3, min_column_width=260):
        for run in runs[:LATEST_COUNT]:
            if isinstance(run, DamagedRun):
                damaged_card(run)
            else:
                run_card(run)
    if len(runs) > LATEST_COUNT:
        st.page_link(page("compare"), label=f"All {len(runs)} runs", icon=":material/table_rows:")

if runs:
    st.header("What it learns from", anchor=False)
    show_examples()
