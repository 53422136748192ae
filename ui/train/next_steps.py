"""What leads on from a run that has ended: its mistakes, and the next training."""

from __future__ import annotations

import streamlit as st

from fmnist_core.analysis.steps import ladder, step_index
from fmnist_core.permissions import Actor
from fmnist_core.presets import PRESET_SENTENCES, PRESETS
from fmnist_core.runs import Run, new_run_id
from fmnist_core.specs import MAX_EPOCHS, RunSpec, spec_text
from fmnist_core.specs.schema import TrainingSpec, bounds
from ui.components.acts import in_order
from ui.errors import carry_out
from ui.navigation import go_to
from ui.rights import may_change
from ui.services import engine, store
from ui.train.duration import training_time
from ui.train.view_state import open_form, open_run

MORE_EPOCHS = 5
# A loss that became infinite comes from steps that were far too large.
_SLOWER = 10


def next_steps(run: Run) -> None:
    """Buttons that lead on from an ended run, the first one stands out; at least one a state."""
    further = _further_step(run) if may_change() else None
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        if run.state == "diverged" and may_change():
            _train_slower(run)
        if further is not None:
            _train_step(run, *further)
        if run.has_predictions:
            st.button(
                "See its mistakes",
                key=f"mistakes.{run.id}",
                type="secondary" if further is not None else "primary",
                icon=":material/image_search:",
                on_click=in_order(go_to),
                args=("mistakes",),
                kwargs={"run": run.id},
            )
        if not may_change():
            return
        st.button(
            "Change and train again",
            key=f"again.{run.id}",
            icon=":material/edit:",
            on_click=in_order(open_form),
            args=(spec_text(run.spec),),
        )
    if run.has_predictions:
        _train_longer(run)


def _further_step(run: Run) -> tuple[int, str] | None:
    """The step of the ladder after that of a run, from 1, and its preset; ``None`` once it has run.

    A run that is no step has none after it.
    """
    steps = ladder(store().list())
    index = step_index(steps, run.id)
    if index is None or index + 1 == len(steps) or steps[index + 1].run is not None:
        return None
    return index + 2, steps[index + 1].name


def _train_step(run: Run, number: int, name: str) -> None:
    """A button that trains the next step of the ladder."""
    spec = PRESETS[name]
    help_text = f"{PRESET_SENTENCES[name]} It takes {training_time(spec)[0]}."
    _train_button(f"step.{run.id}", spec, f"Train step {number}: {name}", help_text)


def _train_slower(run: Run) -> None:
    """A button that trains a diverged run's network again, at a tenth of its learning rate."""
    spec = slower(run.spec, store().events(run.id).multiplier)
    _train_button(
        f"slower.{run.id}",
        spec,
        f"Train again at learning rate {spec.training.learning_rate:g}",
        "A tenth of the learning rate at which the loss became infinite.",
    )


def _train_button(key: str, spec: RunSpec, label: str, help_text: str) -> None:
    """A button that trains one run, however often it is clicked."""
    form_id = st.session_state.setdefault(key, new_run_id())
    st.button(
        label,
        key=f"{key}.button",
        type="primary",
        icon=":material/play_arrow:",
        help=help_text,
        on_click=in_order(lambda: carry_out(lambda by: _start(spec, form_id, by)), last=True),
    )


def _start(spec: RunSpec, form_id: str, by: Actor) -> None:
    open_run(engine().start(spec, form_id, by=by).id)


def slower(spec: RunSpec, multiplier: float) -> RunSpec:
    """The same training at a tenth of the learning rate that it had.

    Args:
        spec: what diverged.
        multiplier: what a visitor had multiplied its learning rate with.
    """
    lowest, _ = bounds(TrainingSpec.model_fields["learning_rate"])
    rate = max(lowest, float(f"{spec.training.learning_rate * multiplier / _SLOWER:.2g}"))
    training = spec.training.model_copy(update={"learning_rate": rate})
    return spec.model_copy(update={"training": training})


def _train_longer(run: Run) -> None:
    """A button that trains a run for more epochs from where it ended."""
    finished = run.summary.epochs if run.summary else 0
    if not 0 < finished < MAX_EPOCHS:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.markdown("More epochs", width="content")
        key = f"more.{run.id}"
        st.number_input(
            "More epochs",
            1,
            MAX_EPOCHS - finished,
            min(MORE_EPOCHS, MAX_EPOCHS - finished),
            key=key,
            width=150,
            label_visibility="collapsed",
        )
        st.button(
            "Train longer",
            key=f"longer.{run.id}",
            icon=":material/add_circle:",
            help="Goes on from where it ended, at the last learning rate of its plan.",
            on_click=in_order(
                lambda: carry_out(
                    lambda by: engine().train_longer(run.id, st.session_state[key], by=by)
                )
            ),
        )
