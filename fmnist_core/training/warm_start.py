"""Warm start of a training process: what can be compiled before its run is known."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path

import keras

from fmnist_core import timeouts
from fmnist_core.config import WORKERS_SHARED_FOLDER
from fmnist_core.dataset import DatasetUnavailable, load
from fmnist_core.files import write_whole
from fmnist_core.presets import PRESETS
from fmnist_core.runs import RunStore
from fmnist_core.training.autotune import ModeCache, is_measured, mode_for
from fmnist_core.training.batches import BatchSource, select_images
from fmnist_core.training.loop import Loop
from fmnist_core.training.models import build_model
from fmnist_core.training.run import train

_log = logging.getLogger("fmnist.training")


class _JobWaits(Exception):
    """A job waits, so measuring ends."""


def warm_up() -> Callable[..., None]:
    """Load and verify the dataset, and train *Simple network* for two steps in its fastest mode.

    That mode is measured here if it never was, so that the first run of all need not wait for it.

    Returns:
        ``fmnist_core.training.run.train``, ready to go.
    """
    try:
        data = load(download=False)
    except DatasetUnavailable:
        # The training itself says so, where the visitor sees it.
        return train
    spec = PRESETS["Simple network"]
    batches = BatchSource(select_images(data, spec.training), spec.training)
    mode = mode_for(ModeCache(WORKERS_SHARED_FOLDER.get()), spec, batches)
    model = build_model(spec, precision=mode.precision)
    model.train_function = Loop(model, batches, mode.xla)
    model.fit(batches.dataset, steps_per_epoch=2, shuffle=False, verbose=0)
    keras.backend.clear_session()
    return train


def measure_presets(job_waits: Callable[[float], bool]) -> None:
    """Measure the execution mode of each preset, so that its first run need not wait for it either.

    Begins after some idle seconds, rests while anything trains, and gives up when a job comes.
    Whatever goes wrong is logged: the process is there to train.

    Args:
        job_waits: waits for a job, at most so many seconds; returns whether there is one.
    """
    folder = WORKERS_SHARED_FOLDER.get()
    if folder is None or job_waits(timeouts.WARM_START_IDLE_SECONDS):
        return
    turn_file = folder / "calibration.turn"
    try:
        if not _is_taken(turn_file):
            turn_file.parent.mkdir(parents=True, exist_ok=True)
            write_whole(turn_file, lambda file: None)
            _measure_presets(folder, job_waits)
            turn_file.unlink()
    except (DatasetUnavailable, OSError):
        return
    except Exception:
        _log.exception("the presets could not be measured")


def _is_taken(turn_file: Path) -> bool:
    """Whether another process measures, or was killed for it a short while ago."""
    try:
        return abs(time.time() - turn_file.lstat().st_mtime) < timeouts.WARM_START_TURN_SECONDS
    except FileNotFoundError:
        return False


def _measure_presets(folder: Path, job_waits: Callable[[float], bool]) -> None:
    cache, store = ModeCache(folder), RunStore(folder.parent)

    def give_up_for_a_job() -> None:
        if job_waits(0):
            raise _JobWaits

    data = load(download=False)
    try:
        for spec in PRESETS.values():
            if is_measured(cache, spec, spec.training.batch_size):
                continue
            while store.active():
                if job_waits(timeouts.WARM_START_IDLE_SECONDS):
                    return
            batches = BatchSource(select_images(data, spec.training), spec.training)
            mode_for(cache, spec, batches, on_progress=give_up_for_a_job)
    except _JobWaits:
        return
