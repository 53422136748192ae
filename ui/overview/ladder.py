"""The ladder on Overview: the presets as six steps with their accuracies, live while they train."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import streamlit as st

from fmnist_core import timeouts
from fmnist_core.analysis.metrics import Interval, accuracy_interval, accuracy_text, percent_text
from fmnist_core.analysis.steps import Step, final_test_accuracy, ladder, missing_steps
from fmnist_core.dataset import TEST_SIZE
from fmnist_core.figures.ladder import Rung
from fmnist_core.presets import PRESETS
from fmnist_core.presets.measured import MEASURED
from fmnist_core.presets.references import HUMAN, NETWORKS, RANDOM, TABLE, TWO_CONVOLUTIONS
from fmnist_core.runs import Run, new_run_id
from fmnist_core.specs import parameter_count
from ui.cache import run_names
from ui.components.acts import in_order
from ui.components.ladder import ladder_rows
from ui.errors import carry_out, told_refusals
from ui.escape import plain
from ui.formatting import duration
from ui.overview.estimates import presets_time_text
from ui.overview.step_changes import median_text, show_step_changes
from ui.overview.view_state import STATE, STEP
from ui.rights import actor, may_change
from ui.services import engine, store
from ui.train.duration import measured
from ui.training_bar import progress_text, waiting_text

# The step that takes longer than all others together.
LONG_STEP = max(PRESETS, key=lambda name: MEASURED[name].seconds)
_NUMBERS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def show_ladder() -> None:
    """The ladder, what trains it, and what each step changed."""
    _show_rows(_with_predictions(store().list()))
    show_step_changes()


def _with_predictions(runs: list[Run]) -> set[str]:
    return {run.id for run in runs if run.has_predictions}


@st.fragment(run_every=timeouts.LADDER_SECONDS)
def _show_rows(drawn_with: set[str]) -> None:
    """Headline, rows and buttons of the ladder, drawn again while steps train.

    Args:
        drawn_with: the ids of the runs with predictions when the page was drawn.
    """
    STATE.follow()
    runs = store().list()
    if _with_predictions(runs) != drawn_with:
        # What the page begins with is a mistake of the newest.
        st.rerun()
    steps = ladder(runs)
    st.header(headline([_test_accuracy(step) for step in steps]), anchor=False)
    ladder_rows(
        [_rung(number, step) for number, step in enumerate(steps, 1)],
        STEP.value,
        key="overview.ladder",
        on_open=_open_step,
    )
    st.caption(
        f"The axis begins at 80\N{NO-BREAK SPACE}%; a random guess is right in "
        f"{100 * RANDOM:.0f}\N{NO-BREAK SPACE}%. Part of the "
        "gap is that the test pictures are a little harder. The lines are what people and others "
        "reached: reported, not checked."
    )
    _show_training(steps)
    with st.expander("Sources of the lines", icon=":material/menu_book:"):
        st.markdown(sources_text())


def headline(accuracies: Sequence[float | None]) -> str:
    """What the ladder shows, as a heading that claims no more than was measured.

    Args:
        accuracies: on the test images, of each step in order; ``None`` before its training ends.
    """
    count = _NUMBERS[len(accuracies)].capitalize()
    measured_ones = [accuracy for accuracy in accuracies if accuracy is not None]
    if len(measured_ones) < len(accuracies):
        return f"{count} networks, each a step further"
    if all(before < after for before, after in pairwise(measured_ones)):
        return f"{count} networks, each better than the last"
    return f"{count} networks, and not every step helped"


def _test_accuracy(step: Step) -> float | None:
    return final_test_accuracy(step.run) if step.run and step.finished else None


def _open_step(step_number: int) -> None:
    """Open the step whose row was clicked."""
    STEP.set(step_number)
    # The rows are drawn by themselves; what the step changed stands below them.
    st.rerun()


def _rung(number: int, step: Step) -> Rung:
    size = f"{parameter_count(step.spec):,} parameters"
    expected = MEASURED[step.name].accuracy
    run = step.run
    if run is None:
        return Rung(
            number, step.name, size, f"about {100 * expected:.0f} % expected", expected=expected
        )
    if step.finished and run.summary is not None:
        summary = run.summary
        return Rung(
            number,
            step.name,
            f"{size} · {median_text(len(step.finished)) or duration(summary.seconds)}",
            accuracy_text(summary.test_accuracy),
            _interval(summary.train_accuracy, run.training_size),
            _interval(summary.test_accuracy),
        )
    epochs = store().events(run.id).epochs
    if not epochs:
        result = "first epoch …" if run.state == "running" else "waiting"
        live = run.state == "running"
        return Rung(number, step.name, size, result, expected=expected, live=live)
    last = epochs[-1]
    # Its accuracy on the training pictures is measured at the end.
    return Rung(
        number,
        step.name,
        f"{size} · epoch {last.epoch} of {step.spec.training.epochs}",
        f"{percent_text(last.test_accuracy)} % so far",
        test=_interval(last.test_accuracy),
        live=True,
    )


def _interval(share: float | None, image_count: int = TEST_SIZE) -> Interval | None:
    return None if share is None else accuracy_interval(share, image_count)


def _show_training(steps: list[Step]) -> None:
    """What trains the missing steps, or how far they are, in one place that does not move."""
    untrained = [step.name for step in missing_steps(steps)]
    active_runs = [step.run for step in steps if step.run is not None and step.run.active]
    with st.container(key="ladder_training", horizontal=True, vertical_alignment="center"):
        if active_runs:
            _show_active(active_runs)
        elif not untrained:
            st.markdown(f"All {_NUMBERS[len(steps)]} steps are trained.")
        elif may_change():
            _show_offers(untrained)
    if may_change():
        st.caption(
            "One after the other, while you go on looking around. You can stop at any time: what "
            "has finished stays."
        )


def _show_active(active_runs: list[Run]) -> None:
    # The button comes first: the text beside it changes its length.
    if may_change():
        st.button(
            "Stop the ladder",
            key="overview.stop_ladder",
            icon=":material/stop_circle:",
            help="What has finished stays; the training that runs keeps its finished epochs.",
            on_click=in_order(_stop_runs),
            args=([run.id for run in active_runs],),
        )
    st.markdown(_activity_text(active_runs), width="content")


def _show_offers(untrained: list[str]) -> None:
    st.markdown("**Train the ladder**", width="content")
    speeds = measured()
    for label, names in offers(untrained):
        st.button(
            f"{label}, {presets_time_text(names, speeds)}",
            key=f"overview.train_ladder.{len(names)}",
            icon=":material/stairs:",
            on_click=in_order(_start_steps),
            args=(names,),
        )


def offers(untrained: list[str]) -> list[tuple[str, list[str]]]:
    """What can be trained of the ladder at one click: without the long step, and with it.

    Args:
        untrained: names of presets, at least one.

    Returns:
        The words of each offer, and the presets that it trains.
    """
    short = [name for name in untrained if name != LONG_STEP]
    missing = "All" if len(untrained) == len(PRESETS) else "The missing"
    everything = f"{missing} {_NUMBERS[len(untrained)]}"
    if len(untrained) == 1:
        return [(untrained[0], untrained)]
    if len(short) == len(untrained):
        return [(everything, untrained)]
    few = short[0] if len(short) == 1 else f"{_NUMBERS[len(short)].capitalize()}"
    without = few if len(short) == 1 else f"{few} without {LONG_STEP}"
    return [(without, short), (everything, untrained)]


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
    """The run that trains or waits, in a line."""
    running = next((run for run in active_runs if run.state == "running"), None)
    if running is None:
        waiting = active_runs[0]
        return f"Next is **{plain(run_names()[waiting.id])}**. {plain(waiting_text(waiting))}"
    text = progress_text(running, store().events(running.id))
    more = f" · {len(active_runs) - 1} more waiting" if len(active_runs) > 1 else ""
    return f"Now training **{plain(run_names()[running.id])}**. {plain(text)}{more}"


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
