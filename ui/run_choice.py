"""The run that a page is about: the choice of it, and what is said where there is none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from fmnist_core.errors import FmnistError
from fmnist_core.runs import Run, RunDamaged
from ui.cache import run_options
from ui.components.acts import in_order
from ui.errors import show_error
from ui.escape import plain
from ui.navigation import page
from ui.services import store
from ui.train.start_button import first_run_button
from ui.url_state import Parameter


class RunChoice(NamedTuple):
    """What a page says about its run.

    Attributes:
        parameter: the run in the page's address.
        lacks: what a run has not that the page cannot show, such as ``"no network to look into"``.
        why: the reason, in a sentence.
        instead: leads to the newest run.
        empty: the title where no run can be shown.
        explanation: what the page shows once there is one.
    """

    parameter: Parameter[str | None]
    lacks: str
    why: Callable[[Run], str]
    instead: str
    empty: str
    explanation: str

    @property
    def key(self) -> str:
        """Of the button that trains the first network."""
        return f"{self.parameter.page.name}.first_run"


def choose_run(place: DeltaGenerator, runs: Sequence[Run], choice: RunChoice) -> Run | None:
    """Let a visitor choose a run: the one in the address, or what there is instead.

    Args:
        place: where the choice is shown; what is said in its place comes below the title.
        runs: that can be shown, newest first.
        choice: what the page says.

    Returns:
        The chosen run; ``None`` where there is nothing to show but what was said.
    """
    requested = choice.parameter.value
    if requested is not None and requested not in {run.id for run in runs}:
        _show_missing(requested, choice)
        if runs:
            st.button(
                choice.instead,
                icon=":material/image_search:",
                type="tertiary",
                on_click=in_order(choice.parameter.set),
                args=(runs[0].id,),
            )
        else:
            first_run_button(choice.key)
        return None
    if not runs:
        nothing_yet(choice.empty, choice.explanation, choice.key)
        return None
    labels = run_options(runs)
    with place:
        choice.parameter.choose("Run", list(labels), words=labels, look="list")
    return next(run for run in runs if run.id == requested)


def nothing_yet(title: str, explanation: str, key: str) -> None:
    """What a page shows before the first training, and one click to it.

    Args:
        title: in a few words, as Markdown.
        explanation: what the page will show, as Markdown.
        key: of the button.
    """
    with st.container(border=True):
        st.subheader(title, anchor=False)
        st.markdown(explanation)
        first_run_button(key)


def _show_missing(run_id: str, choice: RunChoice) -> None:
    """Why the run of the address is not shown."""
    is_active = False
    try:
        run = store().get(run_id)
        name, reason, is_active = run.name, choice.why(run), run.active
    except RunDamaged as error:
        name, reason = error.run.name, error.run.reason
    except FmnistError as error:
        show_error(error, icon=":material/search_off:")
        return
    st.info(f"**{plain(name)}** has {choice.lacks}. {plain(reason)}")
    if is_active:
        st.page_link(page("train"), label="Watch it train", query_params={"run": run_id})
