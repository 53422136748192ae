"""Train: choose a network and watch it learn."""

from __future__ import annotations

import streamlit as st

from fmnist_core.runs import RunDamaged, RunNotFound, new_run_id
from fmnist_core.runs.identity import Identity, identity_of
from fmnist_core.specs import (
    RunSpec,
    SpecError,
    parse_spec,
)
from ui.components.acts import in_order
from ui.errors import show_error, show_refusal, told_refusals
from ui.escape import plain
from ui.navigation import page
from ui.present.scene import present
from ui.present.train import scene
from ui.rights import actor, looking_on, may_change
from ui.services import engine, engine_state, store
from ui.train import form_state
from ui.train.code import show_code
from ui.train.facts import show_facts
from ui.train.form import main_settings, spec_form, start_from
from ui.train.live import follow_missing, live_view
from ui.train.network_drawing import architecture
from ui.train.view_state import CONFIG, NEW, RUN, STATE, open_form, open_run
from ui.url_state import Change


def default_parameters() -> list[Change]:
    """Parameters that complete the address: the active run, or the form where it was requested.

    Both stay in the address: the page still shows this run when it has ended, and a training
    that is started elsewhere does not replace this form.
    """
    if RUN.value is None and not NEW.value and (active := store().active()):
        return [RUN.to(active[0].id)]
    return [] if RUN.value else [NEW.to(True), CONFIG.to(form_state.written())]


def show_run(run_id: str) -> None:
    """The live view of a run, with links to the form and to all runs."""
    try:
        run = store().get(run_id)
    except RunNotFound as error:
        st.title("Train a network", anchor=False)
        show_error(error, icon=":material/search_off:")
        follow_missing(run_id)
        show_form_button("Train a network")
        return
    except RunDamaged as error:
        st.title(plain(error.run.name), anchor=False)
        show_error(error)
        follow_missing(run_id)
        show_ways_on()
        return
    live_view(run.id)
    show_ways_on()
    show_code(identity_of(run))


def show_ways_on() -> None:
    """Links from a run to the form and to all runs."""
    with st.container(horizontal=True, vertical_alignment="center"):
        show_form_button()
        st.page_link(page("compare"), label="Compare all runs", icon=":material/table_rows:")


def show_form_button(label: str = "Back to the form") -> None:
    """A button that opens the form as it was left."""
    if not may_change():
        return
    st.button(
        label,
        icon=":material/tune:",
        type="tertiary",
        on_click=in_order(open_form),
    )


def show_form() -> None:
    """The form: presets, the network with the start button, the settings."""
    try:
        spec, problems = parse_spec(form_state.form_values()), []
    except SpecError as error:
        spec, problems = None, error.problems
    start_from(spec)
    form_state.show_link_problems()
    with st.container(key="train_card", border=True):
        show_network(spec)
    spec_form()
    if spec is None:
        show_problems(problems)
    else:
        show_code(Identity(spec))


def show_network(spec: RunSpec | None) -> None:
    """The network of the form: name, size, estimated time, start button, main settings, drawing.

    Args:
        spec: of the form; ``None`` where that is invalid.
    """
    facts_column, button_column = st.columns([4, 1], vertical_alignment="center")
    with facts_column, st.container(key="train_facts", gap=None):
        if spec is None:
            st.html("<h2>This cannot be trained yet</h2>")
        else:
            show_facts(spec)
    with button_column, st.container(key="train_start"):
        start_button(disabled=spec is None)
    main_settings()
    if may_change() and (problem := engine_state().problem) is not None:
        st.warning(plain(problem), icon=":material/warning:")
    if spec is not None:
        architecture(spec)


def start_button(disabled: bool) -> None:
    """The start button; a form starts one run, however often it is clicked."""
    if not may_change():
        looking_on()
        return
    st.button(
        "Start training",
        type="primary",
        icon=":material/play_arrow:",
        width="stretch",
        disabled=disabled,
        on_click=in_order(start_run, last=True),
        args=(st.session_state.setdefault("train.run_id", new_run_id()),),
    )
    show_refusal("train.refused")


def start_run(form_id: str) -> None:
    """Start a run of the spec in the form; an invalid form shows its problems itself."""
    try:
        spec = parse_spec(form_state.form_values())
    except SpecError:
        return
    with told_refusals("train.refused"):
        run = engine().start(spec, form_id, by=actor())
        st.session_state.pop("train.run_id", None)
        open_run(run.id)


def show_problems(problems: list[str]) -> None:
    """The problems of an invalid form, in view wherever in the form the visitor is."""
    with st.container(key="train_refused"):
        for problem in problems:
            st.error(plain(problem), icon=":material/block:")


STATE.begin(default_parameters)
present(STATE, scene)
if RUN.value is not None:
    show_run(RUN.value)
else:
    st.title("Train a network", anchor=False)
    show_form()
