"""What can be done before a run is known, so that its first point comes at once."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import keras

from fmnist_core.dataset import DatasetUnavailable, load
from fmnist_core.models import build_model
from fmnist_core.specs import PRESETS
from fmnist_core.training.calibration import Memory, mode_for
from fmnist_core.training.execution import Loop
from fmnist_core.training.pictures import Feed, choose
from fmnist_core.training.train import train

SHARED_FOLDER_VARIABLE = "FMNIST_SHARED_FOLDER"


def warm_up() -> Callable[..., None]:
    """Load and check the pictures, and train *Simple network* for two steps in its fastest mode.

    That mode is measured here if it never was, so that the first run of all need not wait for it.

    Returns:
        ``fmnist_core.training.train``, ready to go.
    """
    try:
        data = load(download=False)
    except DatasetUnavailable:
        # The training itself says so, where the visitor sees it.
        return train
    spec = PRESETS["Simple network"]
    feed = Feed(choose(data, spec.training), spec.training)
    folder = os.environ.get(SHARED_FOLDER_VARIABLE)
    mode = mode_for(Memory(Path(folder) if folder else None), spec, feed)
    model = build_model(spec, precision=mode.precision)
    model.train_function = Loop(model, feed, mode.xla)
    model.fit(feed.dataset, steps_per_epoch=2, shuffle=False, verbose=0)
    keras.backend.clear_session()
    return train
