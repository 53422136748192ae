"""The scene of Train: the accuracy of a network while it learns."""

from __future__ import annotations

from fmnist_core.runs import Run, RunEvents
from ui.cache import run_names
from ui.components.live import live_chart, live_run
from ui.overview.ladder import follow_ladder
from ui.present.scene import Scene
from ui.rights import may_change
from ui.services import store
from ui.train.live import curve
from ui.train.live_parts import announcement, page_key, scene_sentence
from ui.train.view_state import RUN


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
            follow=follow_ladder,
        )
    events = store().events(run.id)

    def draw() -> None:
        figure = curve(run, events, "accuracy")
        key = f"scene.accuracy.{run.id}"
        live_chart(figure, events.end, key, height=0, label="Accuracy over the epochs")

    return Scene(
        run_names()[run.id],
        scene_sentence(run, may_change()),
        draw,
        lambda: _follow(run, events),
        "sentence",
    )


def _follow(run: Run, events: RunEvents) -> None:
    said = announcement(run, events)
    live_run(run.id, events.end, page_key(run), said, on_change=lambda _: None)
    if RUN.value is None:
        # Another one may begin.
        follow_ladder()


def _run() -> Run | None:
    if RUN.value is not None:
        return store().get(RUN.value)
    candidates = [*store().active(), *store().list()]
    return candidates[0] if candidates else None
