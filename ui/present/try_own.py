"""The scene of Try your own: a sheet to draw on, and what the networks say meanwhile."""

from __future__ import annotations

from ui.inspect.runs import openable_runs
from ui.present.scene import Scene
from ui.try_own.sections import chosen_runs, show


def scene() -> Scene:
    """A picture in hand, and the answers of the networks in the address."""
    runs = chosen_runs(openable_runs())
    if not runs:
        return Scene(
            "No network to try yet",
            "A network has to learn first: end this with Esc and press Train a simple network.",
        )
    answer = "the network answers" if len(runs) == 1 else "the networks answer"
    return Scene(
        "Can it recognise yours?",
        f"Draw something to wear, and {answer} while you draw.",
        lambda: show(runs),
    )
