"""The scene of Look inside: the way of one picture through a network."""

from __future__ import annotations

from fmnist_core.runs import Run
from ui.cache import run_names
from ui.inspect.component import inside
from ui.inspect.excitation import Progress
from ui.inspect.runs import openable_runs
from ui.inspect.view_state import RUN
from ui.networks import networks
from ui.present.scene import Scene
from ui.services import store


def scene() -> Scene:
    """What the address says is shown, as one thing.

    Raises:
        FmnistError: the run of the address cannot be read.
    """
    run = _run()
    if run is None:
        return Scene(
            "Nothing to look into yet",
            "A network has to learn first: end this with Esc and press Train a simple network.",
        )
    kept = networks(run)
    if not kept:
        return Scene("Nothing to look into yet", "This run has kept no network so far.")
    return Scene(
        "From the picture to the answer",
        f"{run_names()[run.id]}: what each layer makes of it, and what the next one gets.",
        lambda: inside(run, kept, Progress(), key="scene.inside", presented=True),
    )


def _run() -> Run | None:
    if RUN.value is not None:
        return store().get(RUN.value)
    runs = openable_runs()
    return runs[0] if runs else None
