"""The scene of Train: the accuracy of a network while it learns."""

from __future__ import annotations

from fmnist_core import timeouts
from fmnist_core.analysis.metrics import accuracy_in_sentence
from fmnist_core.runs import Run, RunEvents
from ui.cache import run_names
from ui.components.chart import chart
from ui.present.scene import Scene
from ui.services import store
from ui.train.live import curve
from ui.train.view_state import RUN
from ui.training_bar import progress_text, waiting_text


def scene() -> Scene:
    """The run of the address; without one the run that trains, or the newest.

    Raises:
        FmnistError: the run of the address cannot be read.
    """
    run = _run()
    if run is None:
        return Scene(
            "No network has learned yet",
            "End this with Esc and press Start training: its accuracy rises here.",
            poll_seconds=timeouts.SCENE_POLL_SECONDS,
        )
    events = store().events(run.id)
    return Scene(
        run_names()[run.id],
        _sentence(run, events),
        lambda: chart(
            curve(run, events, "accuracy"),
            key=f"scene.accuracy.{run.id}",
            height="place",
            label="Accuracy over the epochs",
        ),
        timeouts.LIVE_POLL_SECONDS if run.active else timeouts.SCENE_POLL_SECONDS,
    )


def _run() -> Run | None:
    if RUN.value is not None:
        return store().get(RUN.value)
    candidates = [*store().active(), *store().list()]
    return candidates[0] if candidates else None


def _sentence(run: Run, events: RunEvents) -> str:
    if run.active:
        return waiting_text(run) if run.state == "queued" else progress_text(run, events)
    if run.test_accuracy is not None:
        return (
            f"It gets {accuracy_in_sentence(run.test_accuracy)} of the 10,000 test pictures right."
        )
    return run.reason or "Its training ended early."
