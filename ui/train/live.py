"""The live view of a training: progress, curves, what an epoch changed, stop and resume."""

from __future__ import annotations

import time

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from fmnist_core import timeouts
from fmnist_core.analysis.duration import epochs_done
from fmnist_core.analysis.metrics import accuracy_in_sentence, accuracy_text, percent_text
from fmnist_core.dataset import TEST_SIZE
from fmnist_core.figures.theme import themed_json
from fmnist_core.figures.training import (
    Quantity,
    learning_curve,
    learning_rate_text,
    multiplier_text,
)
from fmnist_core.runs import EpochEvent, Run, RunDamaged, RunEvents, RunNotFound, Summary
from fmnist_core.runs.identity import name_with_badges
from fmnist_core.text import for_html
from ui.components.acts import in_order
from ui.components.announcement import announce
from ui.components.chart import chart
from ui.errors import carry_out
from ui.escape import plain
from ui.formatting import STATE_WORDS, duration
from ui.rights import may_change
from ui.services import engine, store
from ui.theme import is_dark
from ui.train.epoch_changes import show_epoch_changes
from ui.train.next_steps import next_steps
from ui.train.view_state import RUN, STATE
from ui.training_bar import progress_text, waiting_text

MULTIPLIERS = (0.1, 1 / 3, 1.0, 3.0, 10.0)


def live_view(run_id: str) -> None:
    """The live view of a run's training; drawn again and again while it trains."""
    run = store().get(run_id)
    # A fragment also when nothing moves any more, so that the charts stay where they are.
    st.fragment(_draw, run_every=_poll_interval(run))(run_id, run.active)


def _poll_interval(run: Run) -> float | None:
    if run.active:
        return timeouts.LIVE_POLL_SECONDS
    # Interrupted is what its silence says; on a machine that stood still for a while it goes on.
    return timeouts.INTERRUPTED_POLL_SECONDS if run.state == "interrupted" else None


def _draw(run_id: str, was_active: bool) -> None:
    STATE.follow()
    if run_id != RUN.value:
        # The visitor has gone on to the form.
        st.rerun()
    try:
        run = store().get(run_id)
    except (RunNotFound, RunDamaged):
        # Deleted or damaged while it was watched: the page says so, with its title and a way on.
        st.rerun()
    announce(_announcement(run), key="training")
    if run.active and not was_active:
        # The whole page once more, which looks more often from then on. At its end it is not drawn
        # again: nothing else on it changes, and parts that are made anew push each other.
        st.rerun()
    _draw_parts(run)
    if run.active and store().control(run.id).stop:
        _poll_until_stopped(run.id)


def _announcement(run: Run) -> str:
    """What a screen reader says as it comes to hold: begun, each epoch, how it ended."""
    name, epochs = name_with_badges(run), run.spec.training.epochs
    if run.state == "queued":
        return f"{name} is waiting to be trained."
    if run.state == "running":
        finished = store().events(run.id).epochs
        if not finished:
            return f"The training of {name} has begun."
        accuracy = f"{percent_text(finished[-1].test_accuracy)} % of the test pictures right"
        return f"Epoch {len(finished)} of {epochs} is done: {accuracy}."
    if run.state == "done":
        return f"{name}: {_result(run)}"
    return f"{name}: {STATE_WORDS[run.state]}. {run.reason or ''}".strip()


def _poll_until_stopped(run_id: str) -> None:
    """Show at once that a training has stopped; the next poll would be late."""
    deadline = time.monotonic() + timeouts.STOP_SHOWN_SECONDS
    # Looking at the session lets a click that comes meanwhile end this.
    while time.monotonic() < deadline and run_id == RUN.value:
        if not store().get(run_id).active:
            st.rerun()
        time.sleep(timeouts.STOP_SHOWN_POLL_SECONDS)


def _draw_parts(run: Run) -> None:
    events = store().events(run.id)
    _title_and_state(run)
    _status_and_actions(run, events)
    _figures(run, events)
    left, right = st.columns(2, gap="medium")
    curves: tuple[tuple[DeltaGenerator, Quantity, str], ...] = (
        (left, "accuracy", "Accuracy over the epochs"),
        (right, "loss", "Loss over the epochs"),
    )
    for column, quantity, label in curves:
        with column:
            chart(
                curve(run, events, quantity),
                key=f"live.{quantity}.{run.id}",
                height=330,
                label=label,
            )
    st.caption(
        "Training curves: *while training* is Keras's running mean during the epoch, with dropout "
        "at work; validation and test are measured after each epoch. The 10,000 test pictures are "
        "never trained on."
    )
    show_epoch_changes(run, events)


def curve(run: Run, events: RunEvents, quantity: Quantity) -> str:
    """A learning curve as Plotly JSON; drawn once for all who watch."""
    reported = (len(events.batches), len(events.epochs), len(events.rates))
    last = [event.at for event in events.batches[-1:]] + [event.at for event in events.epochs[-1:]]
    newest = max(last, default=0.0)
    epochs = run.spec.training.epochs
    return _curve(run.id, reported, newest, epochs, quantity, is_dark(), events)


@st.cache_resource(show_spinner=False, max_entries=64)
def _curve(
    run_id: str,
    reported: tuple[int, int, int],
    newest: float,
    epochs: int,
    quantity: Quantity,
    dark: bool,
    _events: RunEvents,
) -> str:
    return themed_json(learning_curve(_events, epochs, quantity, dark), dark)


def _title_and_state(run: Run) -> None:
    """The run's name and state, and buttons to stop or resume it; as high in every state."""
    with st.container(horizontal=True, vertical_alignment="center", key="live_head"):
        st.html(f'<h1 class="fm-title">{for_html(name_with_badges(run))}</h1>', width="content")
        st.html(f'<span class="fm-chip fm-{run.state}">{STATE_WORDS[run.state]}</span>')
        if not may_change():
            return
        if run.active:
            _stop_buttons(run)
        elif run.state in ("stopped", "interrupted", "failed"):
            st.button(
                "Resume",
                key=f"resume.{run.id}",
                icon=":material/play_circle:",
                type="secondary" if run.has_predictions else "primary",
                on_click=in_order(lambda: carry_out(lambda by: engine().resume(run.id, by=by))),
            )


def _stop_buttons(run: Run) -> None:
    """Stop at once, or after the epoch; as wide in every state: one may be under a pointer."""
    control = store().control(run.id)
    if control.stop:
        # Another button, since a longer word would push its icon aside under the pointer.
        st.button(
            "Stopping …",
            key=f"stopping.{run.id}",
            icon=":material/stop_circle:",
            disabled=True,
        )
    else:
        # One word for both, since a waiting run may start under the pointer.
        st.button(
            "Stop",
            key=f"stop.{run.id}",
            icon=":material/stop_circle:",
            help=_stop_help(run),
            on_click=lambda: carry_out(lambda by: engine().stop(run.id, by=by)),
        )
    requested = control.stop or control.stop_after_epoch
    st.button(
        "Stop after this epoch",
        key=f"stop_after.{run.id}",
        icon=":material/hourglass_bottom:",
        help="Lets the running epoch end and keeps it.",
        disabled=requested or run.state == "queued",
        on_click=lambda: carry_out(lambda by: engine().stop(run.id, True, by=by)),
    )


def _stop_help(run: Run) -> str:
    finished = len(store().events(run.id).epochs)
    if finished:
        return f"Ends it at once and keeps {finished} finished epoch{'s' * (finished > 1)}."
    return "Ends it at once. Nothing is kept before the first epoch has ended."


def _status_and_actions(run: Run, events: RunEvents) -> None:
    """The progress or result, and beside it what can be done; as high in every state."""
    with st.container(key="live_now"):
        status, actions = st.columns([3, 2], gap="large")
        with status, st.container(key="live_status"):
            _status(run, events)
        with actions, st.container(key="live_ways"):
            # Each in a place of its own, and both in the same: while one goes and the other comes
            # they are together for a moment, and must not push each other.
            with st.container(key="live_rate"):
                if run.active and may_change():
                    _rate_buttons(run, events)
            with st.container(key="live_ways_on"):
                if not run.active:
                    next_steps(run)


def _status(run: Run, events: RunEvents) -> None:
    epochs = run.spec.training.epochs
    if run.active:
        is_queued = run.state == "queued"
        text = waiting_text(run) if is_queued else progress_text(run, events)
        st.progress(0.0 if is_queued else min(1.0, epochs_done(events) / epochs), text=plain(text))
    elif run.state == "done":
        st.success(_result(run), icon=":material/check_circle:")
    elif run.state == "stopped":
        are = "are" if len(events.epochs) > 1 else "is"
        kept = f"{len(events.epochs)} of {epochs} epochs {are} kept."
        st.info(plain(run.reason or f"Stopped. {kept}"), icon=":material/stop_circle:")
    else:
        st.warning(plain(run.reason or "The training ended early."), icon=":material/warning:")


def _rate_buttons(run: Run, events: RunEvents) -> None:
    """Buttons that change the learning rate; every window shows the same choice.

    Buttons, because a list would send its old choice again from a window that lags behind.
    """
    requested = store().control(run.id).multiplier
    current = requested if requested is not None else events.multiplier
    st.markdown(
        learning_rate_text(run.spec.training, current),
        help="The optimizer's step size. You can change it while the network trains; the curves "
        "mark where.",
    )
    with st.container(horizontal=True, gap="xsmall", key="rate"):
        for multiplier in sorted({*MULTIPLIERS, current}):
            st.button(
                multiplier_text(multiplier),
                key=f"rate.{multiplier}.{run.id}",
                type="primary" if multiplier == current else "secondary",
                on_click=carry_out,
                args=(store().set_multiplier, run.id, multiplier),
            )


def _measured_epoch(run: Run, events: RunEvents) -> tuple[EpochEvent | None, str]:
    """The epoch whose figures are shown, and when that was, as it ends a sentence."""
    summary = _final(run, events)
    if summary is not None and summary.result_epoch < len(events.epochs):
        result_epoch = summary.result_epoch
        return events.epochs[result_epoch - 1], f"epoch {result_epoch}, whose network is kept"
    return events.epochs[-1] if events.epochs else None, "the last finished epoch"


def _figures(run: Run, events: RunEvents) -> None:
    measured, when = _measured_epoch(run, events)
    has_label_noise = run.spec.training.label_noise > 0
    with st.grid(7 if has_label_noise else 5, min_column_width=150, key="live_figures"):
        _training_figures(run, events, measured, when)
        st.metric(
            "Validation accuracy",
            accuracy_text(measured.validation_accuracy, run.validation_size)
            if measured and measured.validation_accuracy is not None
            else "–",
            help=f"On {run.validation_size:,} pictures kept aside, after {when}.",
        )
        st.metric(
            "Test accuracy",
            accuracy_text(measured.test_accuracy) if measured else "–",
            help=f"On the 10,000 test pictures, after {when}. ± is the wider side of the 95 % "
            "interval.",
        )
        if has_label_noise:
            memorised = measured.memorised if measured else None
            st.metric(
                "Wrong labels memorised",
                f"{100 * memorised:.0f} %" if memorised is not None else "–",
                help="Of the training labels that were made wrong on purpose: how many it "
                "answers with.",
            )
        speed = images_per_second(run, events)
        st.metric(
            "Pictures a second",
            f"{speed:,.0f}" if speed else "–",
            help="Training pictures of all finished epochs, divided by the time that the training "
            "has taken, testing and saving included.",
        )


def _training_figures(run: Run, events: RunEvents, measured: EpochEvent | None, when: str) -> None:
    """The training accuracy: Keras's running mean, and what is measured at the end.

    Both have their place from the start, so that nothing moves when the training ends.
    """
    summary, has_label_noise = _final(run, events), run.spec.training.label_noise > 0
    batch = events.batches[-1].accuracy if events.batches else None
    running_mean = measured.train_accuracy if measured else batch
    st.metric(
        "Accuracy while training",
        f"{percent_text(running_mean)} %" if running_mean is not None else "–",
        help=f"Keras's running mean over {when}, with dropout at work.",
    )
    st.metric(
        "Training, given labels" if has_label_noise else "Training accuracy",
        _measured(run, summary.train_accuracy if summary else None),
        help="Measured at the end, without dropout, on the pictures trained on.",
    )
    if has_label_noise:
        st.metric(
            "Training, true labels",
            _measured(run, summary.train_accuracy_true if summary else None),
            help="The same pictures with the labels of the dataset, before some were made wrong.",
        )


def _measured(run: Run, share: float | None) -> str:
    return "–" if share is None else accuracy_text(share, run.training_size)


def _final(run: Run, events: RunEvents) -> Summary | None:
    """A run's summary; not while it is trained longer than the summary covers."""
    summary = run.summary
    is_current = summary is not None and run.settled and summary.epochs == len(events.epochs)
    return summary if is_current else None


def images_per_second(run: Run, events: RunEvents) -> float | None:
    """Training images a second over the whole training; ``None`` before the first epoch."""
    if not events.epochs:
        return None
    summary = _final(run, events)
    seconds = summary.seconds if summary else events.epochs[-1].elapsed
    trained_images = len(events.epochs) * run.training_size
    return trained_images / seconds if seconds > 0 else None


def _result(run: Run) -> str:
    summary = run.summary
    if summary is None or summary.test_accuracy is None:
        return "Finished."
    wrong_count = TEST_SIZE - round(summary.test_accuracy * TEST_SIZE)
    return (
        f"Finished in {duration(summary.seconds)}. It gets "
        f"{accuracy_in_sentence(summary.test_accuracy)} of the 10,000 test "
        f"pictures right and {wrong_count:,} wrong."
        f"{early_stopping_text(run, summary)}"
    )


def early_stopping_text(run: Run, summary: Summary) -> str:
    """What early stopping did and which network is kept; empty where it did nothing."""
    training = run.spec.training
    is_last = summary.result_epoch == summary.epochs
    if not training.early_stopping_patience or (summary.epochs >= training.epochs and is_last):
        return ""
    kept = f"the network of epoch {summary.result_epoch} is kept"
    if summary.kept_epoch is not None:
        kept += ", the best one by validation loss"
    elif summary.best_epoch not in (None, summary.epochs):
        # A run of a version that kept the last epoch always.
        kept += f"; the best one by validation loss was that of epoch {summary.best_epoch}"
    ended = summary.epochs < training.epochs
    after = f" Early stopping ended it after epoch {summary.epochs} of {training.epochs}, and"
    return f"{after if ended else ' By early stopping'} {kept}."
