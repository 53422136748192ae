"""Look inside: the way of an image through a network, layer by layer."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from fmnist_core.errors import FmnistError
from fmnist_core.runs import Run, RunDamaged
from ui.cache import run_options
from ui.components.acts import in_order
from ui.errors import show_error
from ui.escape import plain
from ui.inspect.runs import missing_reason, openable_runs
from ui.inspect.sections import show_inside
from ui.inspect.view_state import IMAGE, PIXELS, RUN, STATE
from ui.navigation import page
from ui.present.inside import scene
from ui.present.scene import present
from ui.services import expect_tasks, store
from ui.train.start_button import first_run_button
from ui.url_state import Change


def default_parameters() -> list[Change]:
    """Parameters that complete the address: the newest run, and the first picture."""
    changes = [RUN.to(runs[0].id)] if runs and RUN.value is None else []
    if runs and IMAGE.value is None and not PIXELS.value:
        changes.append(IMAGE.to(0))
    return changes


def choose_run(place: DeltaGenerator) -> Run | None:
    """The choice of a run: the one in the address, or what there is instead.

    Args:
        place: where the choice is shown; what is said in its place comes below the title.
    """
    requested = RUN.value
    if requested is not None and requested not in {run.id for run in runs}:
        show_missing(requested)
        if runs:
            st.button(
                "Look into the newest run instead",
                icon=":material/image_search:",
                type="tertiary",
                on_click=in_order(RUN.set),
                args=(runs[0].id,),
            )
        else:
            first_run_button("inside.first_run")
        return None
    if not runs:
        with st.container(border=True):
            st.subheader("No network to look into yet", anchor=False)
            st.markdown(
                "Train one first: the simplest takes a few seconds. Then you see here what each of "
                "its neurons looks for, and every number on the way from a picture to the answer."
            )
            first_run_button("inside.first_run")
        return None
    labels = run_options(runs)
    with place:
        RUN.choose("Run", list(labels), words=labels, look="list")
    return next(run for run in runs if run.id == requested)


def show_missing(run_id: str) -> None:
    """Why there is nothing to look into: the run of the address kept no network, or is none."""
    is_active = False
    try:
        run = store().get(run_id)
        name, reason, is_active = run.name, missing_reason(run), run.active
    except RunDamaged as error:
        name, reason = error.run.name, error.run.reason
    except FmnistError as error:
        show_error(error, icon=":material/search_off:")
        return
    st.info(f"**{plain(name)}** has no network to look into. {plain(reason)}")
    if is_active:
        st.page_link(page("train"), label="Watch it train", query_params={"run": run_id})


runs = openable_runs()
STATE.begin(default_parameters)
present(STATE, scene)
head = st.container(horizontal=True, vertical_alignment="center", key="inside_head")
head.title("Look inside", anchor=False, width="content")
run = choose_run(head)
if run is not None:
    # So that the most exciting pictures need not wait for TensorFlow to load.
    expect_tasks()
    show_inside(run)
