"""The ladder on the overview: six networks, each a step further, filled while they train."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.analysis.metrics import Interval, accuracy_interval
from fmnist_core.analysis.steps import Gain, Step, final_test_accuracy, gains, ladder, missing_steps
from fmnist_core.dataset import DatasetUnavailable
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
from ui.escape import plain
from ui.formatting import SIGNIFICANT, TEST_IMAGES, accuracy, duration, p_text
from ui.navigation import page
from ui.overview.view_state import STATE, STEP
from ui.rights import actor, may_change
from ui.services import dataset, engine, store
from ui.theme import is_dark
from ui.train.duration import expected
from ui.training_bar import progress_text, waiting_text

LOOK_SECONDS = 2.0
_NAMES = list(PRESETS)


def show_ladder() -> None:
    """The chart, the button that trains what is missing, and what each step changed."""
    _live()
    _what_changed()


@st.fragment(run_every=LOOK_SECONDS)
def _live() -> None:
    """What trains and what is missing, as it is now; whoever looks on sees only this change."""
    STATE.follow()
    steps = ladder(store().list())
    chart(
        _chart(tuple(_rung(step) for step in steps), is_dark()),
        key="overview.ladder",
        height=560,
        label="Training and test accuracy of the six steps, with what people and others reach",
        on_click=lambda x: _open_step(round(x)),
    )
    _train_the_rest(steps)


@st.cache_resource(show_spinner=False, max_entries=64)
def _chart(rungs: tuple[Rung, ...], dark: bool) -> str:
    """Drawn once for all who look on."""
    return themed_json(ladder_chart(list(rungs), dark), dark)


def _open_step(place: int) -> None:
    """Show what the step changed whose place in the chart was clicked."""
    if 1 <= place <= len(_NAMES):
        STEP.set(place)
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
        took = f"trained in {duration(summary.seconds)}"
        which = median_words(count) or took
        return Rung(
            name,
            f"{size}<br>{which}",
            _interval(summary.train_accuracy, summary.train_pictures),
            _interval(summary.test_accuracy, TEST_IMAGES),
        )
    epochs = store().events(run.id).epochs
    if not epochs:
        doing = "in its first epoch" if run.state == "running" else "waiting"
        return Rung(name, f"{size}<br>{doing}", None, None)
    last = epochs[-1]
    # Its accuracy on the training pictures is measured at the end.
    return Rung(
        name,
        f"{size}<br>after epoch {last.epoch} of {step.spec.training.epochs}",
        None,
        _interval(last.test_accuracy, TEST_IMAGES),
        live=True,
    )


def _interval(share: float | None, pictures: int) -> Interval | None:
    return None if share is None else accuracy_interval(share, pictures)


def _train_the_rest(steps: list[Step]) -> None:
    """The buttons and one sentence; each has its place whether it is there or not."""
    left = missing_steps(steps)
    waiting = [step.run for step in steps if step.run is not None and step.run.active]
    if may_change():
        _ladder_buttons(left, waiting)
    with st.container(key="ladder_now"):
        st.markdown(_now(waiting) or _left(left, len(steps)))
    st.caption(
        "Bars span the 95 % interval. The gap between the two accuracies shows overfitting; a part "
        "of it is that the test pictures are a little harder. What others reached is reported, not "
        "checked: see **Sources** below."
    )


def _ladder_buttons(left: list[Step], waiting: list[Run]) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="ladder_buttons"):
        st.button(
            "Train the ladder",
            key="overview.train_ladder",
            type="primary",
            icon=":material/stairs:",
            on_click=_start,
            args=([step.name for step in left],),
            disabled=not left,
        )
        if waiting:
            st.button(
                "Stop the ladder",
                key="overview.stop_ladder",
                icon=":material/stop_circle:",
                help="What has finished stays; the training that runs keeps its finished epochs.",
                on_click=_stop,
                args=([run.id for run in waiting],),
            )


def _left(left: list[Step], of: int) -> str:
    """What is missing and how long it takes."""
    return f"{_count(len(left), of)}: {_time(left)}" if left else f"All {of} steps are trained."


def _count(left: int, of: int) -> str:
    if left == of:
        return f"All {of} steps, one after the other"
    return f"{left} step{'s' * (left > 1)} left"


def _time(left: list[Step]) -> str:
    """How long the missing steps take together."""
    known = [time.training.mid for step in left if (time := expected(step.spec)) is not None]
    if not known:
        return "no estimate yet, the first one will tell how fast this computer is."
    total = sum(known)
    rounded = 60 * round(total / 60) if total > 600 else 10 * max(1, round(total / 10))
    more = "" if len(known) == len(left) else f", and {len(left) - len(known)} nobody can say yet"
    return f"about {duration(rounded)} on this computer{more}. You can go on looking around."


def _start(names: list[str]) -> None:
    """Queue the steps; the ids are kept, so that a second click starts nothing twice."""
    ids = st.session_state.setdefault("overview.ladder_ids", {})
    now = {step.name for step in missing_steps(ladder(store().list()))}
    try:
        for name in names:
            if name in now:
                run_id = ids.setdefault(name, new_run_id())
                engine().start(PRESETS[name], run_id, by=actor())
                # The next one, after this run was deleted, is another.
                ids.pop(name)
    except FmnistError as error:
        st.toast(plain(error), icon=":material/error:")


def _stop(run_ids: list[str]) -> None:
    for run_id in reversed(run_ids):
        try:
            engine().stop(run_id, by=actor())
        except FmnistError as error:
            st.toast(plain(error), icon=":material/error:")


def _now(waiting: list[Run]) -> str:
    """What trains at the moment, in a line; nothing where nothing trains or waits."""
    running = next((run for run in waiting if run.state == "running"), None)
    if running is not None:
        text = progress_text(running, store().events(running.id))
        return f"Now training **{plain(running.name)}**. {plain(text)}"
    if waiting:
        return f"Next is **{plain(waiting[0].name)}**. {plain(waiting_text(waiting[0]))}"
    return ""


def _what_changed() -> None:
    """What a step does differently from the one before: a sentence, settings, code."""
    st.subheader("What each step changed", anchor=False)
    place = STEP.value
    STEP.choose(
        "Step",
        range(1, len(_NAMES) + 1),
        words=lambda place: f"{place} · {_NAMES[place - 1]}",
    )
    name = _NAMES[place - 1]
    spec = PRESETS[name]
    before = PRESETS[_NAMES[place - 2]] if place > 1 else None
    st.markdown(f"{PRESET_SENTENCES[name]} {_gain(place)}")
    if before is not None:
        table, code = st.columns([2, 3], gap="large")
        rows = side_by_side([Identity(before), Identity(spec)], differences=True)
        with table:
            lines = [f"| | {_NAMES[place - 2]} | {name} |", "|---|---|---|"]
            lines += [f"| {what} | {old} | {new} |" for what, (old, new) in rows.items()]
            st.markdown("\n".join(lines))
        with code, st.container(height=420, key="overview_diff"):
            st.code(script_diff(before, spec), language="diff", wrap_lines=True)
    with st.container(horizontal=True):
        run = ladder(store().list())[place - 1].run
        if run is not None:
            st.page_link(page("train"), label="See its training", query_params={"run": run.id})
            if run.summary is not None and run.summary.test_accuracy is not None:
                st.page_link(
                    page("mistakes"), label="See its mistakes", query_params={"run": run.id}
                )
    with st.expander("Sources", icon=":material/menu_book:"):
        st.markdown(sources())


def sources() -> str:
    """Where the results of others come from, row by row."""
    head = "| | Test accuracy | Row of the table | Sent in by | There since |"
    lines = [head, "|---|---|---|---|---|"]
    for one in (HUMAN, *NETWORKS):
        share, by = f"{100 * one.accuracy:.1f} %", f"[{one.submitted_by}]({one.link})"
        lines.append(f"| {one.name} | {share} | {one.classifier} | {by} | {one.since} |")
    low, high = (f"{100 * share:.1f}" for share in TWO_CONVOLUTIONS)
    return (
        f"From the [table of benchmarks]({TABLE}) of Fashion-MNIST's authors (Xiao, Rasul and "
        "Vollgraf, 2017, Zalando Research), sent in by others and not checked by the authors. The "
        "people had no expertise in fashion: 1,000 test pictures drawn at random, three answers a "
        f"picture, the majority counts. The table's networks with two convolutions reach {low} to "
        f"{high} %.\n\n" + "\n".join(lines)
    )


def _gain(place: int) -> str:
    """What the step brought, once it and the one before have been trained."""
    steps = ladder(store().list())
    step = steps[place - 1]
    if step.run is None or not step.finished:
        return ""
    count = len(step.finished)
    which = f" (the {median_words(count)})" if count > 1 else ""
    said = (
        f"It gets **{accuracy(final_test_accuracy(step.run))}** of the test pictures right{which}"
    )
    gain = _gains(steps).get(step.name)
    if gain is None:
        return f"{said}."
    points = 100 * gain.share
    more = f"{abs(points):.2f} percentage points {'more' if points >= 0 else 'fewer'}"
    if gain.seeds:
        more = f"{more} than the step before, on average over the seeds"
        return f"{said}; {more}. {chance_words(gain)}"
    return f"{said}, {more} than the step before. {chance_words(gain)}"


def median_words(count: int) -> str:
    """Which of several runs stands for a step; of an even number the lower one in the middle."""
    if count < 2:
        return ""
    return f"median of {count} runs" if count % 2 else f"lower median of {count} runs"


def _gains(steps: list[Step]) -> dict[str, Gain]:
    """What each step gains over the one before it."""
    try:
        labels = np.asarray(dataset().test_labels)
    except DatasetUnavailable:
        return {}

    def said(run: Run) -> NDArray[np.uint8] | None:
        try:
            classes = final_predictions(run).classes
        except FmnistError:
            return None
        return classes if len(classes) == len(labels) else None

    return gains(steps, said, labels)


def chance_words(gain: Gain) -> str:
    """Whether chance explains what a step gains."""
    chance = gain.p >= SIGNIFICANT
    p = f"{p_text(gain.p)}, corrected for asking about every step (Holm)"
    if gain.seeds:
        finding = "is within what" if chance else "is more than"
        return f"That {finding} chance between seeds explains (Welch's t-test, {p})."
    if chance:
        return f"Chance explains that: the test pictures cannot tell the two apart ({p})."
    return (
        f"On these pictures that is more than chance ({p}) between these two trained networks; "
        "whether the step itself is better, other seeds of both will tell."
    )
