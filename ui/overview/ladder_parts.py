"""The parts of the ladder that change while its steps train, as HTML for every browser."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from fmnist_core.analysis.metrics import Interval, accuracy_interval, accuracy_text, percent_text
from fmnist_core.analysis.steps import Step, final_test_accuracy, ladder, missing_steps
from fmnist_core.dataset import TEST_SIZE
from fmnist_core.figures.ladder import Rung, ladder_html
from fmnist_core.presets import PRESETS
from fmnist_core.presets.measured import MEASURED
from fmnist_core.runs import Run
from fmnist_core.runs.identity import name_with_badges
from fmnist_core.specs import parameter_count
from fmnist_core.text import for_html
from ui.formatting import duration
from ui.overview.estimates import presets_time_text
from ui.overview.step_changes import median_text
from ui.services import store
from ui.train.duration import measured
from ui.train.live_parts import button_html
from ui.training_bar import activity_text

# The step that takes longer than all others together.
LONG_STEP = max(PRESETS, key=lambda name: MEASURED[name].seconds)
STOP, TRAIN = "stop", "train "
NUMBERS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
# As many runs as Overview names.
LATEST = 6


def ladder_parts(may_change: bool) -> dict[str, Any]:
    """Everything of Overview that moves while steps train.

    Args:
        may_change: whether its viewers may do more than look.

    Returns:
        ``overview``, a text that is another one once the page has to be drawn again;
        ``ladder_title``, ``ladder`` and ``ladder_training``, HTML.
    """
    runs = store().list()
    steps = ladder(runs)
    title = headline([_test_accuracy(step) for step in steps])
    return {
        "overview": page_key(runs),
        "ladder_title": f'<h2 class="fm-live-title">{for_html(title)}</h2>',
        "ladder": ladder_html(
            [_rung(number, step) for number, step in enumerate(steps, 1)], opened=0
        ),
        "ladder_training": _training_html(steps, may_change),
    }


def page_key(runs: Sequence[Run]) -> str:
    """What Overview begins and ends with: the newest mistake, and the states of the latest runs."""
    with_predictions = next((run.id for run in runs if run.has_predictions), "")
    latest = [f"{run.id} {run.state} {run.name}" for run in runs[:LATEST]]
    return " ".join([with_predictions, str(len(runs)), *latest])


def headline(accuracies: Sequence[float | None]) -> str:
    """What the ladder shows, as a heading that claims no more than was measured.

    Args:
        accuracies: on the test images, of each step in order; ``None`` before its training ends.
    """
    count = NUMBERS[len(accuracies)].capitalize()
    measured_ones = [accuracy for accuracy in accuracies if accuracy is not None]
    if len(measured_ones) < len(accuracies):
        return f"{count} networks, each a step further"
    if all(before < after for before, after in pairwise(measured_ones)):
        return f"{count} networks, each better than the last"
    return f"{count} networks, and not every step helped"


def _test_accuracy(step: Step) -> float | None:
    return final_test_accuracy(step.run) if step.run and step.finished else None


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


def offers(untrained: list[str]) -> list[tuple[str, list[str]]]:
    """What can be trained of the ladder at one click: without the long step, and with it.

    Args:
        untrained: names of presets, at least one.

    Returns:
        The words of each offer, and the presets that it trains.
    """
    short = [name for name in untrained if name != LONG_STEP]
    missing = "All" if len(untrained) == len(PRESETS) else "The missing"
    everything = f"{missing} {NUMBERS[len(untrained)]}"
    if len(untrained) == 1:
        return [(untrained[0], untrained)]
    if len(short) == len(untrained):
        return [(everything, untrained)]
    few = short[0] if len(short) == 1 else f"{NUMBERS[len(short)].capitalize()}"
    without = few if len(short) == 1 else f"{few} without {LONG_STEP}"
    return [(without, short), (everything, untrained)]


def _training_html(steps: list[Step], may_change: bool) -> str:
    """What trains the missing steps, or how far they are, in one place that does not move."""
    untrained = [step.name for step in missing_steps(steps)]
    active_runs = [step.run for step in steps if step.run is not None and step.run.active]
    content = ""
    if active_runs:
        hint = "What has finished stays; the training that runs keeps its finished epochs."
        # The button comes first: the text beside it changes its length.
        content = button_html("Stop the ladder", STOP, hint=hint) if may_change else ""
        content += f"<span>{_activity_html(active_runs, may_change)}</span>"
    elif not untrained:
        content = f"<span>All {NUMBERS[len(steps)]} steps are trained.</span>"
    elif may_change:
        speeds = measured()
        content = "<b>Train the ladder</b>" + "".join(
            button_html(f"{label}, {presets_time_text(names, speeds)}", f"{TRAIN}{len(names)}")
            for label, names in offers(untrained)
        )
    return f'<div class="fm-ladder-training">{content}</div>'


def _activity_html(active_runs: list[Run], may_change: bool) -> str:
    """The run that trains or waits, in a line."""
    running = next((run for run in active_runs if run.state == "running"), None)
    run = running or active_runs[0]
    text = for_html(activity_text(run, may_change))
    name = f"<b>{for_html(name_with_badges(run))}</b>"
    if running is None:
        return f"Next is {name}. {text}"
    more = f" · {len(active_runs) - 1} more waiting" if len(active_runs) > 1 else ""
    return f"Now training {name}. {text}{more}"
