"""The parts of the live view that change while a run trains, as HTML and data for every browser.

Made once for all who watch: by the page when it is drawn, and by the live channel whenever one of
them has changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fmnist_core.analysis.duration import epochs_done
from fmnist_core.analysis.metrics import accuracy_in_sentence, percent_text
from fmnist_core.figures.training import learning_rate_text, multiplier_text
from fmnist_core.runs import EpochEvent, Run, RunEvents
from fmnist_core.runs.identity import name_with_badges
from fmnist_core.runs.writer import Control
from fmnist_core.text import for_html
from ui.formatting import STATE_WORDS
from ui.present.scene import sentence_html
from ui.services import store
from ui.train.live_figures import Figure, figures
from ui.train.result import result_html, result_text
from ui.training_bar import Activity, activity, activity_text

MULTIPLIERS = (0.1, 1 / 3, 1.0, 3.0, 10.0)


def run_parts(run: Run, events: RunEvents, may_change: bool) -> dict[str, Any]:
    """Everything that the live view shows of a run but its curves.

    Args:
        run: in any state.
        events: of its training so far.
        may_change: whether its viewers may do more than look.

    Returns:
        ``page``, a text that is another one once the page has to be drawn again; ``head``,
        ``status``, ``rate``, ``figures`` and ``sentence``, HTML; ``announcement``, a sentence;
        ``epoch``, the last finished one with what tells it from its repetition.
    """
    control = store().control(run.id)
    doing = activity(run, may_change) if run.active else None
    return {
        "page": page_key(run),
        "head": _head(run, events, control, may_change),
        "status": _status(run, events, doing, may_change),
        "rate": _rate(run, events, control) if run.active and may_change else "",
        "figures": _figures_html(figures(run, events)),
        "announcement": announcement(run, events),
        "sentence": sentence_html(doing.text if doing else _ending_sentence(run)),
        "epoch": epoch_stamp(events),
    }


def page_key(run: Run) -> str:
    """What decides how the page of a run is drawn: another text, another page."""
    return f"{run.active} {run.state == 'running'} {run.attempt} {run.spec.training.epochs}"


def scene_sentence(run: Run, may_change: bool) -> str:
    """What a run is doing, or how it ended, in one sentence for a room."""
    return activity_text(run, may_change) if run.active else _ending_sentence(run)


def _ending_sentence(run: Run) -> str:
    if run.test_accuracy is not None:
        gets = accuracy_in_sentence(run.test_accuracy)
        return f"It gets {gets} of the 10,000 test pictures right."
    return run.reason or "Its training ended early."


def missing_parts() -> dict[str, Any]:
    """The parts of a run that was deleted, or whose folder makes no sense."""
    return {"page": "missing"}


def epoch_stamp(events: RunEvents) -> str:
    """The last finished epoch and when it ended, as in an address; empty before the first."""
    return stamp_of(events.epochs[-1]) if events.epochs else ""


def stamp_of(event: EpochEvent) -> str:
    """An epoch and when it ended, which tells it from its repetition: ``"7-1764228000123"``."""
    return f"{event.epoch}-{round(1000 * event.at)}"


def _head(run: Run, events: RunEvents, control: Control, may_change: bool) -> str:
    """The run's name and state, and the buttons that stop or resume it."""
    buttons = ""
    if may_change and run.active:
        buttons = _stop_buttons(run, events, control)
    elif may_change and run.state in ("stopped", "interrupted", "failed"):
        kind = "" if run.has_predictions else " fm-primary"
        buttons = button_html("Resume", "resume", kind=kind)
    return (
        f'<div class="fm-live-head"><h1 class="fm-title">{for_html(name_with_badges(run))}</h1>'
        f'<span class="fm-chip fm-{run.state}">{STATE_WORDS[run.state]}</span>'
        f'<span class="fm-live-buttons">{buttons}</span></div>'
    )


def _stop_buttons(run: Run, events: RunEvents, control: Control) -> str:
    finished = len(events.epochs)
    kept = (
        f" and keeps {finished} finished epoch{'s' * (finished > 1)}."
        if finished
        else ". Nothing is kept before the first epoch has ended."
    )
    stop = (
        button_html("Stopping …", "", disabled=True)
        if control.stop
        else button_html("Stop", "stop", hint=f"Ends it at once{kept}")
    )
    requested = control.stop or control.stop_after_epoch
    after = button_html(
        "Stop after this epoch",
        "stop_after_epoch",
        hint="Lets the running epoch end and keeps it.",
        disabled=requested or run.state == "queued",
    )
    return stop + after


def button_html(
    words: str, act: str, kind: str = "", hint: str = "", disabled: bool = False
) -> str:
    """A button of a part, which tells its act when it is pressed.

    Args:
        words: on it.
        act: what ``live_part`` hands on.
        kind: more classes, each with a blank before it.
        hint: what it does.
        disabled: whether it cannot be pressed.
    """
    title = f' title="{for_html(hint)}"' if hint else ""
    off = " disabled" if disabled else ""
    return (
        f'<button type="button" class="fm-button{kind}" data-act="{act}"{title}{off}>'
        f"{for_html(words)}</button>"
    )


def _status(run: Run, events: RunEvents, doing: Activity | None, may_change: bool) -> str:
    """How far the training is, or how it ended."""
    if doing is None:
        return result_html(run, events, may_change)
    done = 0.0 if run.state == "queued" else epochs_done(events) / run.spec.training.epochs
    percent = f"{100 * min(1.0, done):.1f}"
    detail = doing.detail[:1].upper() + doing.detail[1:]
    return (
        '<div class="fm-live-status fm-doing"><div class="fm-progress" role="progressbar" '
        f'aria-label="Training" aria-valuemin="0" aria-valuemax="100" aria-valuenow="{percent}">'
        f'<i style="width:{percent}%"></i></div><p><b>{for_html(doing.headline)}</b> '
        f"<span>{for_html(detail)}</span></p>{_accuracy_so_far(run, events)}</div>"
    )


def _accuracy_so_far(run: Run, events: RunEvents) -> str:
    """The newest accuracy for a phone, where the figures are far below, in the result's place."""
    if run.state == "queued" or not events.batches:
        return ""
    accuracy = percent_text(events.batches[-1].accuracy, digits=0)
    return f'<p class="fm-so-far"><b>{accuracy} %</b> right so far, while it trains</p>'


def _rate(run: Run, events: RunEvents, control: Control) -> str:
    """Buttons that change the learning rate; every window shows the same choice."""
    current = control.multiplier if control.multiplier is not None else events.multiplier
    buttons = "".join(
        button_html(
            multiplier_text(multiplier),
            f"rate {multiplier}",
            kind=" fm-pressed" if multiplier == current else "",
        ).replace("<button ", f'<button aria-pressed="{str(multiplier == current).lower()}" ', 1)
        for multiplier in sorted({*MULTIPLIERS, current})
    )
    words = learning_rate_text(run.spec.training, current)
    help_text = (
        "The optimizer's step size. You can change it while the network trains; the curves mark "
        "where."
    )
    return (
        f'<div class="fm-rate"><p>{for_html(words)} {_help("Learning rate", help_text)}</p>'
        f'<div role="group" aria-label="Learning rate">{buttons}</div></div>'
    )


def _help(about: str, text: str) -> str:
    return (
        f'<button type="button" class="fm-help" aria-label="About {for_html(about)}: '
        f'{for_html(text)}" data-help="{for_html(text)}">?</button>'
    )


def _figures_html(shown: Sequence[Figure]) -> str:
    cells = "".join(
        f"<div><dt>{for_html(figure.title)} {_help(figure.title, figure.help)}</dt>"
        f"<dd>{for_html(figure.value)}</dd></div>"
        for figure in shown
    )
    return f'<dl class="fm-figures">{cells}</dl>'


def announcement(run: Run, events: RunEvents) -> str:
    """What a screen reader says as it comes to hold: begun, each epoch, how it ended."""
    name, epochs = name_with_badges(run), run.spec.training.epochs
    if run.state == "queued":
        return f"{name} is waiting to be trained."
    if run.state == "running":
        finished = events.epochs
        if not finished:
            return f"The training of {name} has begun."
        accuracy = f"{percent_text(finished[-1].test_accuracy)} % of the test pictures right"
        return f"Epoch {len(finished)} of {epochs} is done: {accuracy}."
    if run.state == "done":
        return f"{name}: {result_text(run, events)}"
    return f"{name}: {STATE_WORDS[run.state]}. {run.reason or ''}".strip()
