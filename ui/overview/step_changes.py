"""What a step of the ladder changed: both networks side by side, settings, code, and the gain."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.analysis.metrics import accuracy_text
from fmnist_core.analysis.steps import Gain, Step, final_test_accuracy, gains, ladder
from fmnist_core.dataset import DatasetUnavailable
from fmnist_core.errors import FmnistError
from fmnist_core.export.keras_script import script_diff
from fmnist_core.presets import PRESET_SENTENCES, PRESETS
from fmnist_core.runs import Run
from fmnist_core.runs.identity import Identity
from fmnist_core.runs.settings_table import side_by_side
from fmnist_core.text import for_html
from ui.cache import final_predictions
from ui.formatting import SIGNIFICANT, p_text
from ui.navigation import page
from ui.overview.view_state import STEP
from ui.services import dataset, store
from ui.train.network_drawing import strips

_NAMES = list(PRESETS)


def show_step_changes() -> None:
    """What the open step changed, as a drawing first; the code stands behind a click."""
    st.header("What each step changed", anchor=False)
    step_number = STEP.value
    STEP.choose(
        "Step",
        range(1, len(_NAMES) + 1),
        words=lambda step_number: f"{step_number} · {_NAMES[step_number - 1]}",
        look="pills",
    )
    name = _NAMES[step_number - 1]
    steps = ladder(store().list())
    st.markdown(f"{PRESET_SENTENCES[name]} {_gain_sentence(steps, step_number)}")
    if step_number > 1:
        previous = _NAMES[step_number - 2]
        _show_changes(previous, name)
    else:
        strips({f"Step 1: {name}": PRESETS[name]}, key="overview.networks")
    _show_links(steps[step_number - 1].run)


def _show_changes(previous: str, name: str) -> None:
    specs = PRESETS[previous], PRESETS[name]
    strips(
        {f"Before: {previous}": specs[0], f"Now: {name}": specs[1]},
        key="overview.networks",
    )
    differences = side_by_side([Identity(spec) for spec in specs], differences=True)
    rows = "".join(
        f'<tr><th scope="row">{for_html(setting)}</th><td>{for_html(old)}</td>'
        f"<td>{for_html(new)}</td></tr>"
        for setting, (old, new) in differences.items()
    )
    st.html(
        '<table class="fm-changes"><thead><tr><td></td>'
        f'<th scope="col">{for_html(previous)}</th><th scope="col">{for_html(name)}</th></tr>'
        f"</thead><tbody>{rows}</tbody></table>"
    )
    with st.expander("Show the changed code", icon=":material/code:"):
        st.code(script_diff(*specs), language="diff", wrap_lines=True)


def _show_links(run: Run | None) -> None:
    """Links to the step's run; without one their place is kept."""
    with st.container(horizontal=True, key="overview_step_links"):
        if run is None:
            return
        st.page_link(page("train"), label="See its training", query_params={"run": run.id})
        if run.has_predictions:
            st.page_link(page("mistakes"), label="See its mistakes", query_params={"run": run.id})


def _gain_sentence(steps: list[Step], step_number: int) -> str:
    """Accuracy of a step and its gain over the step before, in a sentence; empty until trained."""
    step = steps[step_number - 1]
    if step.run is None or not step.finished:
        return ""
    count = len(step.finished)
    run_text = f" (the {median_text(count)})" if count > 1 else ""
    share = accuracy_text(final_test_accuracy(step.run))
    sentence = f"It gets **{share}** of the test pictures right{run_text}"
    gain = _gains(steps).get(step.name)
    if gain is None:
        return f"{sentence}."
    points = 100 * gain.share
    gain_text = f"{abs(points):.2f} percentage points {'more' if points >= 0 else 'fewer'}"
    if gain.seeds:
        gain_text = f"{gain_text} than the step before, on average over the seeds"
        return f"{sentence}; {gain_text}. {chance_sentence(gain)}"
    return f"{sentence}, {gain_text} than the step before. {chance_sentence(gain)}"


def median_text(count: int) -> str:
    """The name of the run that stands for a step of several: the (lower) median."""
    if count < 2:
        return ""
    return f"median of {count} runs" if count % 2 else f"lower median of {count} runs"


def _gains(steps: list[Step]) -> dict[str, Gain]:
    """Gain of each step over the one before it, by name of the step."""
    try:
        labels = np.asarray(dataset().test_labels)
    except DatasetUnavailable:
        return {}

    def predictions_of(run: Run) -> NDArray[np.uint8] | None:
        try:
            classes = final_predictions(run).classes
        except FmnistError:
            return None
        return classes if len(classes) == len(labels) else None

    return gains(steps, predictions_of, labels)


def chance_sentence(gain: Gain) -> str:
    """Whether chance explains the gain of a step, in a sentence."""
    by_chance = gain.p >= SIGNIFICANT
    p_value = f"{p_text(gain.p)}, corrected for asking about every step (Holm)"
    if gain.seeds:
        comparison = "is within what" if by_chance else "is more than"
        return f"That {comparison} chance between seeds explains (Welch's t-test, {p_value})."
    if by_chance:
        return f"Chance explains that: the test pictures cannot tell the two apart ({p_value})."
    return (
        f"On these pictures that is more than chance ({p_value}) between these two trained "
        "networks; whether the step itself is better, other seeds of both will tell."
    )
