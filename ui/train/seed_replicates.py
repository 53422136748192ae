"""One click that trains a run again with other seeds, and how far these trainings are."""

from __future__ import annotations

import streamlit as st

from fmnist_core.errors import FmnistError
from fmnist_core.runs import Run
from fmnist_core.runs.seed_replicates import (
    active_replicates,
    is_repeatable,
    next_replicates,
    replicate_name,
    used_seeds,
)
from fmnist_core.specs import RunSpec
from fmnist_core.text import for_html
from ui.components.acts import in_order
from ui.components.live import live_part, live_topic
from ui.errors import told_refusals
from ui.formatting import times_text
from ui.navigation import go_to
from ui.rights import actor, looking_on, may_change
from ui.services import engine, store
from ui.train.duration import time_suffix
from ui.training_bar import activity_text, watch_link


def train_replicates_button(run: Run, count: int, key: str) -> None:
    """A button that trains seed replicates of a run; while some train, their progress instead.

    Args:
        run: with a result.
        count: how many more to train.
        key: of the button; what it holds differs from place to place.
    """
    if active_replicates(run, store().active()):
        show_active_replicates(run)
    elif not may_change():
        looking_on()
    elif not is_repeatable(run):
        st.caption(
            "Something was changed while this run trained, and another seed would not repeat "
            "that. Choose a run that was trained as planned."
        )
    else:
        st.button(
            f"Train it {times_text(count)} more with "
            f"{'other seeds' if count > 1 else 'another seed'}{time_suffix(run.spec, count)}",
            icon=":material/play_arrow:",
            key=f"{key}.{run.id}",
            on_click=in_order(start_replicates),
            args=(run, next_replicates(run, store().list(), count)),
        )


def start_replicates(run: Run, specs: list[RunSpec]) -> None:
    """Queue seed replicates of a run; a second click finds their seeds used and starts none."""
    with told_refusals():
        used = used_seeds(run, store().list())
        for spec in specs:
            if spec.training.seed not in used:
                engine().start(spec, name=replicate_name(run, spec), by=actor())


def show_active_replicates(run: Run) -> None:
    """How far the active seed replicates of a run are; when one has ended, a page of its own."""
    parts = replicate_parts(run.id, may_change())
    topic = f"replicates.{run.id}"
    live_topic(topic, f"{topic}.page", parts[f"{topic}.page"], on_change=lambda _: None)
    live_part(topic, parts[topic], f"live.{topic}", lambda run_id: go_to("train", run=run_id))


def replicate_parts(run_id: str, may_change: bool) -> dict[str, str]:
    """What the active seed replicates of a run are doing.

    Args:
        run_id: the run; one that is gone has none.
        may_change: whether the readers may do more than look.

    Returns:
        ``replicates.ID.page``, which ones are active, and ``replicates.ID``, a line each as HTML.
    """
    try:
        active = active_replicates(store().get(run_id), store().active())
    except FmnistError:
        active = []
    lines = "".join(
        f"<li><b>{for_html(replicate.name)}</b>: {for_html(activity_text(replicate, may_change))} "
        f"{watch_link(replicate.id)}</li>"
        for replicate in active
    )
    return {
        f"replicates.{run_id}.page": " ".join(replicate.id for replicate in active),
        f"replicates.{run_id}": f'<ul class="fm-replicates">{lines}</ul>',
    }
