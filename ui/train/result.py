"""How a training ended: its accuracy, its step of the ladder, what it confuses, what is kept."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from fmnist_core.analysis.comparison import paired
from fmnist_core.analysis.metrics import accuracy_in_sentence, percent_text
from fmnist_core.analysis.steps import Step, final_test_accuracy, ladder, step_index
from fmnist_core.analysis.telling_mistake import telling_mistake
from fmnist_core.dataset import CLASS_NAMES, TEST_SIZE
from fmnist_core.errors import FmnistError
from fmnist_core.runs import Run, RunEvents, Summary
from fmnist_core.runs.failures import NOTHING_KEPT
from fmnist_core.runs.identity import name_with_badges
from fmnist_core.text import for_html
from ui.base_path import under_base
from ui.cache import final_predictions
from ui.formatting import SIGNIFICANT, answer_text, duration
from ui.mistakes.classes import confusion_sentence
from ui.picture import picture_html
from ui.present.scene import unbroken
from ui.services import dataset, store

# What a press on the picture tells: this, and the index of a test image.
PICTURE = "picture "
_HEADLINES = {
    "stopped": "Stopped before the end",
    "failed": "The training failed",
    "diverged": "The training diverged",
    "interrupted": "The training was interrupted",
}


def result_html(run: Run, events: RunEvents, may_change: bool) -> str:
    """How an ended run ended, as HTML: each end says what is kept and what comes next.

    Args:
        run: has ended.
        events: of its training.
        may_change: whether the reader may resume it or train another.
    """
    if run.has_predictions and run.test_accuracy is not None:
        words, confusion = _accuracy_html(run, events, may_change), _confusion_html(run)
    else:
        words, confusion = _end_html(run, events, may_change), ""
    return (
        f'<div class="fm-live-status fm-result fm-result-{run.state}">'
        f'<div class="fm-result-words">{words}</div>{confusion}</div>'
    )


def _accuracy_html(run: Run, events: RunEvents, may_change: bool) -> str:
    """The accuracy in one sentence, as large as it matters, and how it compares."""
    before, accuracy, after = _sentence(run, events)
    share, _, interval = accuracy.partition(" (")
    if run.state == "done" and run.summary is not None:
        more = [early_stopping_text(run, run.summary).strip(), _comparison_text(run)]
    else:
        more = [_kept_text(run, events, may_change)]
    return (
        f'<p class="fm-result-sentence">{for_html(before)} '
        f"<b>{share} <small>({interval}</small></b> {for_html(after)}</p>"
        f'<p class="fm-result-more">{_sentences_html(more)}</p>'
    )


def _end_html(run: Run, events: RunEvents, may_change: bool) -> str:
    """An end without a result: what happened, what is kept, what to do."""
    headline = _HEADLINES.get(run.state, "Finished")
    kept = _sentences_html([_kept_text(run, events, may_change)])
    return (
        f'<p class="fm-result-headline">{headline}</p>'
        f'<p class="fm-result-more">{for_html(run.reason or "")} {kept}</p>'
    )


def _sentences_html(sentences: Sequence[str]) -> str:
    return for_html(unbroken(" ".join(filter(None, sentences))))


def result_text(run: Run, events: RunEvents) -> str:
    """How a finished run ended, in sentences."""
    summary = run.summary
    if summary is None or summary.test_accuracy is None:
        return "Finished."
    return f"{' '.join(_sentence(run, events))}{early_stopping_text(run, summary)}"


def _sentence(run: Run, events: RunEvents) -> tuple[str, str, str]:
    """The sentence of a result, around its accuracy: before, the accuracy, after."""
    summary = run.summary
    assert summary is not None
    assert summary.test_accuracy is not None
    wrong_count = TEST_SIZE - round(summary.test_accuracy * TEST_SIZE)
    ended = f"Finished in {duration(summary.seconds)}"
    if run.state == "stopped":
        ended = f"Stopped after epoch {len(events.epochs)} of {run.spec.training.epochs}"
    return (
        f"{ended}. It gets",
        accuracy_in_sentence(summary.test_accuracy),
        f"of the 10,000 test pictures right and {wrong_count:,} wrong.",
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


def _kept_text(run: Run, events: RunEvents, may_change: bool) -> str:
    """What is kept of a training that did not reach its end, and what goes on from there."""
    count, epochs = len(events.epochs), run.spec.training.epochs
    if not count:
        kept = "" if run.reason == NOTHING_KEPT else "No epoch had ended, so nothing is kept."
        way = "Resume starts it again."
    else:
        kept = f"{count} of {epochs} epochs {'are' if count > 1 else 'is'} kept."
        if "kept" in (run.reason or ""):
            kept = ""
        if not run.has_predictions:
            accuracy = accuracy_in_sentence(events.epochs[-1].test_accuracy)
            kept += f" After epoch {count} it got {accuracy} of the test pictures right."
        way = f"Resume goes on with epoch {count + 1}."
    if run.state == "diverged":
        way = "A tenth of the learning rate usually helps."
    return f"{kept.strip()} {way if may_change else ''}".strip()


def _comparison_text(run: Run) -> str:
    """The step of the ladder that a run is, or how it compares with the best run here."""
    runs = store().list()
    known = tuple((one.id, one.name, one.state, one.predictions_digest) for one in runs)
    return _cached_comparison(run.id, known, run, runs)


# A resource, because it is looked up several times a second and nobody changes it.
@st.cache_resource(show_spinner=False, max_entries=64)
def _cached_comparison(
    run_id: str, known: tuple[object, ...], _run: Run, _runs: Sequence[Run]
) -> str:
    steps = ladder(_runs)
    index = step_index(steps, run_id)
    if index is not None:
        return _step_text(_run, steps, index)
    others = [one for one in _runs if one.state == "done" and one.id != run_id]
    best = max(others, key=final_test_accuracy, default=None)
    if best is None or best.test_accuracy is None:
        return ""
    name = name_with_badges(best)
    if final_test_accuracy(_run) > best.test_accuracy:
        return f"The best run here, {_difference_text(_run, best, name)}"
    compared = _difference_text(_run, best, f"{name}, the best run here")
    return f"{compared[0].upper()}{compared[1:]}"


def _step_text(run: Run, steps: Sequence[Step], index: int) -> str:
    place = f"Step {index + 1} of {len(steps)} on the ladder"
    previous = steps[index - 1].run if index and steps[index - 1].finished else None
    if previous is None:
        return f"{place}."
    name = f"{steps[index - 1].name}, the step before"
    return f"{place}: {_difference_text(run, previous, name)}"


def _difference_text(run: Run, other: Run, name: str) -> str:
    """Such as ``"1.32 percentage points above LeNet."``, and whether chance explains that.

    Args:
        run: ended.
        other: what it is compared with.
        name: of that.
    """
    share = final_test_accuracy(run) - final_test_accuracy(other)
    if not round(share * TEST_SIZE):
        return f"as accurate as {name}."
    points = f"{percent_text(abs(share), 2)} percentage points"
    chance = " Chance explains that." if _is_chance(run, other) else ""
    return f"{points} {'above' if share > 0 else 'below'} {name}.{chance}"


def _is_chance(run: Run, other: Run) -> bool:
    """Whether the test images cannot tell two runs apart; not where one's answers are unknown."""
    try:
        labels = np.asarray(dataset().test_labels)
        predictions = [final_predictions(one).classes for one in (run, other)]
    except FmnistError:
        return False
    if any(len(classes) != len(labels) for classes in predictions):
        return False
    return paired(labels, *predictions).p >= SIGNIFICANT


def _confusion_html(run: Run) -> str:
    """The most frequent confusion in words, with a picture of it that leads to the mistakes."""
    return _cached_confusion(run.id, run.predictions_digest, under_base("/mistakes"), run)


@st.cache_resource(show_spinner=False, max_entries=64)
def _cached_confusion(run_id: str, digest: str, mistakes: str, _run: Run) -> str:
    try:
        data, predictions = dataset(), final_predictions(_run)
    except FmnistError:
        return ""
    labels = np.asarray(data.test_labels)
    if len(predictions.classes) != len(labels):
        return ""
    mistake = telling_mistake(labels, *predictions, suspicious=())
    if mistake is None:
        return ""
    index, truth, predicted = mistake.image_index, mistake.truth, mistake.predicted
    class_size = int((labels == truth).sum())
    sentence = confusion_sentence(truth, predicted, mistake.confused, class_size)
    label = f"Test picture {index}: {CLASS_NAMES[truth]}, mistaken for {CLASS_NAMES[predicted]}"
    return (
        f'<a class="fm-result-confusion" href="{mistakes}?run={run_id}&amp;picture={index}" '
        f'data-act="{PICTURE}{index}">{picture_html(data.test_images[index], label)}'
        f"<span><small>Most frequent confusion</small><b>{for_html(sentence)}.</b> "
        f"<span>{for_html(answer_text(truth, predicted, mistake.confidence))}</span></span></a>"
    )
