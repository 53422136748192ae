"""The component of Look inside: what the browser computes a network's inside from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from fmnist_core.dataset import CLASS_NAMES, TEST_SIZE
from fmnist_core.runs import Run
from ui.base_path import under_base
from ui.cache import misclassified_indices
from ui.components.acts import receive, seen
from ui.components.modules import component
from ui.inspect.excitation import Progress
from ui.inspect.view_state import STATE, choice, read_choice
from ui.networks import NetworkAtEpoch, final_network
from ui.theme import is_dark

_component = component("inside")
# So many are enough to step through, and few enough to send.
_MOST_MISTAKES = 200
_SEED = 1


def inside(
    run: Run,
    networks: Sequence[NetworkAtEpoch],
    progress: Progress,
    key: str,
    presented: bool = False,
) -> None:
    """Show the way of an image through the network of a run.

    Args:
        run: whose network it is.
        networks: of it that were kept, at least one.
        progress: of the images that excite its units most.
        key: of the component.
        presented: whether only the overview is shown, larger.
    """
    final = final_network(run)
    data: dict[str, Any] = {
        "run": run.id,
        "networks": [network._asdict() for network in networks],
        "result": final.epoch if final else None,
        "choice": choice(),
        "wrong": _mistakes(run),
        "classes": list(CLASS_NAMES),
        "total": TEST_SIZE,
        "folder": under_base("/pixels/test-"),
        "exciting": progress._asdict(),
        "presented": presented,
        "dark": is_dark(),
        "seen": seen(key),
    }
    _component(
        key=key,
        data=data,
        on_view_change=receive(key, "view", read_choice, lambda changes: STATE.change(*changes)),
    )


def _mistakes(run: Run) -> list[int]:
    """Some test images that a run gets wrong, shuffled; none where it has no predictions."""
    indices = misclassified_indices(run)
    shuffled: list[int] = np.random.default_rng(_SEED).permutation(indices).tolist()
    return shuffled[:_MOST_MISTAKES]
