"""The trained Keras network of a run, loaded from its file without trusting it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from fmnist_core.errors import FmnistError
from fmnist_core.plain_files import read_plain
from fmnist_core.runs import RunStore, RunUnreadable
from fmnist_core.runs.model import LARGEST_MODEL, MODEL_FILE
from fmnist_core.runs.seal import is_sealed
from fmnist_core.specs import RunSpec


class ForeignModel(FmnistError):
    """A model that this installation did not write is never opened."""

    def __init__(self) -> None:
        super().__init__(
            "The model of this run was not written by this installation, or was changed since. A "
            "model file can hold code, so it is not opened. Train the run again to look inside it."
        )


def load_network(root: Path | str, run_id: str) -> tuple[Any, RunSpec]:
    """Load the trained network of a run: built from its spec, with the weights of its file.

    Args:
        root: the runs folder.
        run_id: a run that has ended with a model.

    Returns:
        A Keras model that takes images (n, 28, 28, 1) with pixels from 0 to 255, and its spec.

    Raises:
        RunNotFound: there is no such run.
        RunUnreadable: it has no model, or the model does not fit its spec.
        ForeignModel: this installation did not write the model.
    """
    from fmnist_core.training.models import build_network

    run = RunStore(root).get(run_id)
    try:
        content = read_plain(run.path / MODEL_FILE, LARGEST_MODEL)
    except OSError as error:
        raise RunUnreadable("model") from error
    if not is_sealed(content, run.record.model_seal):
        raise ForeignModel
    model = build_network(run.spec)
    # What was checked is what is read, whatever happens to the file meanwhile; and only weights
    # are read, so that nothing in the file runs.
    with tempfile.NamedTemporaryFile(suffix=".keras") as temporary:
        temporary.write(content)
        temporary.flush()
        try:
            model.load_weights(temporary.name)
        except (ValueError, OSError, KeyError) as error:
            raise RunUnreadable("model") from error
    return model, run.spec
