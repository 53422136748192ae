"""The ladder on Overview: the presets as six steps with their accuracies, live while they train."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core import timeouts
from fmnist_core.analysis.metrics import Interval, accuracy_interval, accuracy_text
from fmnist_core.analysis.steps import Gain, Step, final_test_accuracy, gains, ladder, missing_steps
from fmnist_core.dataset import TEST_SIZE, DatasetUnavailable
from fmnist_core.errors import FmnistError
from fmnist_core.export.keras_script import script_diff
from fmnist_core.figures.ladder import Rung, ladder_chart
from fmnist_core.figures.theme import themed_json
from fmnist_core.presets import PRESET_SENTENCES, PRESETS
from fmnist_core.presets.references import HUMAN, NETWORKS, TABLE, TWO_CONVOLUTIONS
from fmnist_core.runs import Run, new_run_id
from fmnist_core.runs.identity import Identity
from fmnist_core.runs.settings_table import side_by_side
from fmnist_core.specs import parameter_count
from ui.cache import final_predictions
from ui.components.chart import chart
from ui.errors import carry_out, told_refusals
from ui.escape import plain
from ui.formatting import SIGNIFICANT, duration, p_text
from ui.navigation import page
from ui.overview.view_state import STATE, STEP
from ui.rights import actor, may_change
from ui.services import dataset, engine, store
from ui.theme import is_dark
from ui.train.duration import expected
from ui.training_bar import progress_text, waiting_text

_NAMES = list(PRESETS)


def show_ladder() -> None:
    """The ladder: chart, button that trains the missing steps, and what each step changed."""
    _show_chart()
    _show_step_changes()


@st.fragment(run_every=timeouts.LADDER_SECONDS)
def _show_chart() -> None:
    """Chart and buttons of the ladder, redrawn while steps train."""
    STATE.follow()
    steps = ladder(store().list())
    chart(
        _chart_json(tuple(_rung(step) for step in steps), is_dark()),
        key="overview.ladder",
        height=560,
        label="Training and test accuracy of the six steps, with what people and others reach",
        on_click=lambda x: _open_step(round(x)),
    )
    _show_training(steps)


@st.cache_resource(show_spinner=False, max_entries=64)
def _chart_json(rungs: tuple[Rung, ...], dark: bool) -> str:
    """The chart of the ladder as JSON, cached for all sessions."""
    return themed_json(ladder_chart(list(rungs), dark), dark)


def _open_step(step_number: int) -> None:
    """Open the step whose column in the chart was clicked; its number is from 1."""
    if 1 <= step_number <= len(_NAMES):
        STEP.set(step_number)
        # The chart is drawn by itself; what the step changed stands below it.
        st.rerun()


def _rung(step: Step) -> Rung:
    words = step.name.split()
    half = max(1, len(words) // 2)
    name = (
        step.name
        if len(step.name) < 13
        else " ".join(words[:half]) + "<br>" + " ".join(words[half:])
    )
    size = f"{parameter_count(step.spec):,} parameters"
    run = step.run
    if run is None:
        return Rung(name, f"{size}<br>not trained yet", None, None)
    if step.finished and run.summary is not None:
        summary, count = run.summary, len(step.finished)
        duration_text = f"trained in {duration(summary.seconds)}"
        run_text = median_text(count) or duration_text
        return Rung(
            name,
            f"{size}<br>{run_text}",
            _interval(summary.train_accuracy, run.training_size),
            _interval(summary.test_accuracy),
        )
    epochs = store().events(run.id).epochs
    if not epochs:
        state_text = "in its first epoch" if run.state == "running" else "waiting"
        return Rung(name, f"{size}<br>{state_text}", None, None)
    last = epochs[-1]
    # Its accuracy on the training pictures is measured at the end.
    return Rung(
        name,
        f"{size}<br>after epoch {last.epoch} of {step.spec.training.epochs}",
        None,
        _interval(last.test_accuracy),
        live=True,
    )


def _interval(share: float | None, image_count: int = TEST_SIZE) -> Interval | None:
    return None if share is None else accuracy_interval(share, image_count)


def _show_training(steps: list[Step]) -> None:
    """Buttons and a sentence on the training of the ladder, in places that do not move."""
    untrained = missing_steps(steps)
    active_runs = [step.run for step in steps if step.run is not None and step.run.active]
    if may_change():
        _ladder_buttons(untrained, active_runs)
    with st.container(key="ladder_now"):
        st.markdown(_activity_text(active_runs) or _missing_text(untrained, len(steps)))
    st.caption(
        "Bars span the 95 % interval. The gap between the two accuracies shows overfitting; a part "
        "of it is that the test pictures are a little harder. What others reached is reported, not "
        "checked: see **Sources** below."
    )


def _ladder_buttons(untrained: list[Step], active_runs: list[Run]) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="ladder_buttons"):
        st.button(
            "Train the ladder",
            key="overview.train_ladder",
            type="primary",
            icon=":material/stairs:",
            on_click=_start_steps,
            args=([step.name for step in untrained],),
            disabled=not untrained,
        )
        if active_runs:
            st.button(
                "Stop the ladder",
                key="overview.stop_ladder",
                icon=":material/stop_circle:",
                help="What has finished stays; the training that runs keeps its finished epochs.",
                on_click=_stop_runs,
                args=([run.id for run in active_runs],),
            )


def _missing_text(untrained: list[Step], total: int) -> str:
    """How many of the steps are missing, and how long their training takes."""
    if not untrained:
        return f"All {total} steps are trained."
    return f"{_count_text(len(untrained), total)}: {_time_text(untrained)}"


def _count_text(missing_count: int, total: int) -> str:
    if missing_count == total:
        return f"All {total} steps, one after the other"
    return f"{missing_count} step{'s' * (missing_count > 1)} left"


def _time_text(untrained: list[Step]) -> str:
    """The estimated training time of the missing steps together."""
    estimates = [expected(step.spec) for step in untrained]
    seconds = [estimate.training.mid for estimate in estimates if estimate is not None]
    if not seconds:
        return "no estimate yet, the first one will tell how fast this computer is."
    total = sum(seconds)
    rounded = 60 * round(total / 60) if total > 600 else 10 * max(1, round(total / 10))
    unknown = len(untrained) - len(seconds)
    unknown_text = f", and {unknown} nobody can say yet" if unknown else ""
    return (
        f"about {duration(rounded)} on this computer{unknown_text}. You can go on looking around."
    )


def _start_steps(names: list[str]) -> None:
    """Queue the steps; the run ids are kept, so that a second click starts no run twice."""
    ids = st.session_state.setdefault("overview.ladder_ids", {})
    missing_names = {step.name for step in missing_steps(ladder(store().list()))}
    with told_refusals():
        for name in names:
            if name in missing_names:
                run_id = ids.setdefault(name, new_run_id())
                engine().start(PRESETS[name], run_id, by=actor())
                # The next one, after this run was deleted, is another.
                ids.pop(name)


def _stop_runs(run_ids: list[str]) -> None:
    for run_id in reversed(run_ids):
        carry_out(engine().stop, run_id)


def _activity_text(active_runs: list[Run]) -> str:
    """The run that trains or waits, in a line; empty without one."""
    running = next((run for run in active_runs if run.state == "running"), None)
    if running is not None:
        text = progress_text(running, store().events(running.id))
        return f"Now training **{plain(running.name)}**. {plain(text)}"
    if active_runs:
        return f"Next is **{plain(active_runs[0].name)}**. {plain(waiting_text(active_runs[0]))}"
    return ""


def _show_step_changes() -> None:
    """What the open step changed: a sentence, the changed settings, the changed code."""
    st.subheader("What each step changed", anchor=False)
    step_number = STEP.value
    STEP.choose(
        "Step",
        range(1, len(_NAMES) + 1),
        words=lambda step_number: f"{step_number} · {_NAMES[step_number - 1]}",
    )
    name = _NAMES[step_number - 1]
    spec = PRESETS[name]
    previous_spec = PRESETS[_NAMES[step_number - 2]] if step_number > 1 else None
    st.markdown(f"{PRESET_SENTENCES[name]} {_gain_sentence(step_number)}")
    if previous_spec is not None:
        table, code = st.columns([2, 3], gap="large")
        differences = side_by_side([Identity(previous_spec), Identity(spec)], differences=True)
        with table:
            table_lines = [f"| | {_NAMES[step_number - 2]} | {name} |", "|---|---|---|"]
            table_lines += [
                f"| {setting} | {old} | {new} |" for setting, (old, new) in differences.items()
            ]
            st.markdown("\n".join(table_lines))
        with code, st.container(height=420, key="overview_diff"):
            st.code(script_diff(previous_spec, spec), language="diff", wrap_lines=True)
    with st.container(horizontal=True):
        run = ladder(store().list())[step_number - 1].run
        if run is not None:
            st.page_link(page("train"), label="See its training", query_params={"run": run.id})
            if run.has_predictions:
                st.page_link(
                    page("mistakes"), label="See its mistakes", query_params={"run": run.id}
                )
    with st.expander("Sources", icon=":material/menu_book:"):
        st.markdown(sources_text())


def sources_text() -> str:
    """Sources of the published results, as a Markdown table."""
    header = "| | Test accuracy | Row of the table | Sent in by | There since |"
    lines = [header, "|---|---|---|---|---|"]
    for entry in (HUMAN, *NETWORKS):
        percent, link = f"{100 * entry.accuracy:.1f} %", f"[{entry.submitted_by}]({entry.link})"
        lines.append(f"| {entry.name} | {percent} | {entry.classifier} | {link} | {entry.since} |")
    low, high = (f"{100 * share:.1f}" for share in TWO_CONVOLUTIONS)
    return (
        f"From the [table of benchmarks]({TABLE}) of Fashion-MNIST's authors (Xiao, Rasul and "
        "Vollgraf, 2017, Zalando Research), sent in by others and not checked by the authors. The "
        "people had no expertise in fashion: 1,000 test pictures drawn at random, three answers a "
        f"picture, the majority counts. The table's networks with two convolutions reach {low} to "
        f"{high} %.\n\n" + "\n".join(lines)
    )


def _gain_sentence(step_number: int) -> str:
    """Accuracy of a step and its gain over the step before, in a sentence; empty until trained."""
    steps = ladder(store().list())
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
