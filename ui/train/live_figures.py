"""The figures of a training: accuracies with their intervals, and how fast it is."""

from __future__ import annotations

from typing import NamedTuple

from fmnist_core.analysis.duration import epochs_done
from fmnist_core.analysis.metrics import accuracy_text, percent_text
from fmnist_core.runs import EpochEvent, Run, RunEvents, Summary


class Figure(NamedTuple):
    """A figure of a training: its title, its value as text, and what it is, for who asks."""

    title: str
    value: str
    help: str


def figures(run: Run, events: RunEvents) -> list[Figure]:
    """The figures of a run in their order; the same ones in every state, so that none moves."""
    measured, when = _measured_epoch(run, events)
    has_label_noise = run.spec.training.label_noise > 0
    validation = measured.validation_accuracy if measured else None
    shown = [
        *_training_figures(run, events, measured, when),
        Figure(
            "Validation accuracy",
            accuracy_text(validation, run.validation_size) if validation is not None else "–",
            f"On {run.validation_size:,} pictures kept aside, after {when}.",
        ),
        Figure(
            "Test accuracy",
            accuracy_text(measured.test_accuracy) if measured else "–",
            f"On the 10,000 test pictures, after {when}. ± is the wider side of the 95 % interval.",
        ),
    ]
    if has_label_noise:
        memorised = measured.memorised if measured else None
        shown.append(
            Figure(
                "Wrong labels memorised",
                f"{100 * memorised:.0f} %" if memorised is not None else "–",
                "Of the training labels that were made wrong on purpose: how many it answers with.",
            )
        )
    speed = images_per_second(run, events)
    return [
        *shown,
        Figure(
            "Pictures a second",
            f"{speed:,.0f}" if speed else "–",
            "Training pictures so far, divided by the time that the training has taken, testing "
            "and saving included.",
        ),
    ]


def _training_figures(
    run: Run, events: RunEvents, measured: EpochEvent | None, when: str
) -> list[Figure]:
    """The training accuracy: Keras's running mean, and what is measured at the end.

    Both have their place from the start, so that nothing moves when the training ends.
    """
    summary, has_label_noise = _final(run, events), run.spec.training.label_noise > 0
    batch = events.batches[-1].accuracy if events.batches else None
    running_mean = measured.train_accuracy if measured else batch
    shown = [
        Figure(
            "Accuracy while training",
            f"{percent_text(running_mean)} %" if running_mean is not None else "–",
            f"Keras's running mean over {when}, with dropout at work.",
        ),
        Figure(
            "Training, given labels" if has_label_noise else "Training accuracy",
            _measured(run, summary.train_accuracy if summary else None),
            "Measured at the end, without dropout, on the pictures trained on.",
        ),
    ]
    if has_label_noise:
        shown.append(
            Figure(
                "Training, true labels",
                _measured(run, summary.train_accuracy_true if summary else None),
                "The same pictures with the labels of the dataset, before some were made wrong.",
            )
        )
    return shown


def _measured_epoch(run: Run, events: RunEvents) -> tuple[EpochEvent | None, str]:
    """The epoch whose figures are shown, and when that was, as it ends a sentence."""
    summary = _final(run, events)
    if summary is not None and summary.result_epoch < len(events.epochs):
        result_epoch = summary.result_epoch
        return events.epochs[result_epoch - 1], f"epoch {result_epoch}, whose network is kept"
    return events.epochs[-1] if events.epochs else None, "the last finished epoch"


def _measured(run: Run, share: float | None) -> str:
    return "–" if share is None else accuracy_text(share, run.training_size)


def _final(run: Run, events: RunEvents) -> Summary | None:
    """A run's summary; not while it is trained longer than the summary covers."""
    summary = run.summary
    is_current = summary is not None and run.settled and summary.epochs == len(events.epochs)
    return summary if is_current else None


def images_per_second(run: Run, events: RunEvents) -> float | None:
    """Training images a second over the whole training; ``None`` before its first batches."""
    summary = _final(run, events)
    seconds = summary.seconds if summary else events.elapsed
    trained_images = epochs_done(events) * run.training_size
    return trained_images / seconds if seconds > 0 else None
