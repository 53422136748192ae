"""The trained Keras network of a run, built from its spec and its arrays of weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fmnist_core.runs import RunStore
from fmnist_core.specs import RunSpec


def load_network(root: Path | str, run_id: str) -> tuple[Any, RunSpec]:
    """Load the trained network of a run: built from its spec, with the weights of its file.

    Nothing of the file runs: it holds numbers alone, checked against the spec before.

    Args:
        root: the runs folder.
        run_id: a run that has ended with weights.

    Returns:
        A Keras model that takes images (n, 28, 28, 1) with pixels from 0 to 255, and its spec.

    Raises:
        RunNotFound: there is no such run.
        RunUnreadable: it has no weights, or they are not those of its spec.
    """
    from fmnist_core.training.models import build_network
    from fmnist_core.training.state import assign_weights

    store = RunStore(root)
    weights, spec = store.weights(run_id), store.get(run_id).spec
    model = build_network(spec)
    assign_weights(model, weights)
    return model, spec
