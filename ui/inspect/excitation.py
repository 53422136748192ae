"""The test images that excite each unit of a network most, once the engine has found them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fmnist_core.interpret.excitation import excitation
from fmnist_core.runs import Run
from fmnist_core.task_types import TaskState
from ui.base_path import under_base
from ui.services import poll_task, request_task, store


class Progress(NamedTuple):
    """How far the search for these images is.

    Attributes:
        address: of what was found, up to the name of a layer; empty until it is there.
        words: how far it is, or why there is nothing; empty where there is nothing to say.
    """

    address: str = ""
    words: str = ""

    @property
    def ended(self) -> bool:
        """Whether there is nothing to wait for."""
        return bool(self.address) or not self.words.endswith("…")


def excitation_state(run: Run) -> TaskState:
    """The state of the task that finds them; requests it where nobody has."""
    return request_task(_key(run), excitation, str(store().root.resolve()), run.id)


def _key(run: Run) -> str:
    return f"excitation-{run.id}-{run.network_stamp}"


def excitation_progress(run: Run) -> Progress:
    """How far the search is, for the network that a run ended with."""
    if run.network_problem is not None:
        # A run that still trains has no final network; nobody misses what it will bring.
        return Progress()
    state = excitation_state(run)
    if state.arrays is not None:
        digest = run.network_stamp
        return Progress(under_base(f"/excitation/{run.id}-{digest}/"))
    if state.problem is not None:
        return Progress(words=state.problem)
    return Progress(words=f"{state.phase}: {100 * state.share:.0f} % …")


def read_excitation(run_id: str, digest: str, layer: str) -> dict[str, object] | None:
    """What was found for a layer, as JSON takes it; ``None`` where nothing was found yet.

    Args:
        run_id: the run.
        digest: of its network, as in the address.
        layer: the name of the layer that does the work, such as ``"conv"``.

    Raises:
        FmnistError: there is no such run, or it cannot be read.
    """
    run = store().get(run_id)
    if run.network_problem is not None or digest != run.network_stamp:
        return None
    state = poll_task(_key(run))
    arrays = state.arrays if state else None
    if arrays is None or f"{layer}/images" not in arrays:
        return None
    # Of a network whose values overflow; JSON has no words for them.
    strongest = np.nan_to_num(arrays[f"{layer}/values"][:, 0])
    return {
        "images": arrays[f"{layer}/images"].tolist(),
        "places": arrays[f"{layer}/places"].tolist(),
        "strongest": [round(float(value), 4) for value in strongest],
    }
