"""Warm start of a training process: what can be compiled before its run is known."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from fmnist_core import timeouts
from fmnist_core.config import WORKERS_SHARED_FOLDER
from fmnist_core.dataset import DatasetUnavailable, load
from fmnist_core.files import write_whole
from fmnist_core.presets import PRESETS
from fmnist_core.runs import RunStore
from fmnist_core.specs import RunSpec
from fmnist_core.training.autotune import (
    ModeCache,
    is_measured,
    mode_for,
    remembered_mode,
    unmeasured_specs,
)
from fmnist_core.training.batches import BatchSource, select_images
from fmnist_core.training.prepared import PreparedModels

_log = logging.getLogger("fmnist.training")


class _JobWaits(Exception):
    """A job waits, so what was begun for it ends."""


def warm_up() -> PreparedModels:
    """Load and verify the dataset, and prepare *Simple network* in its fastest mode.

    That mode is measured here if it never was.
    """
    prepared = PreparedModels()
    try:
        data = load(download=False)
    except DatasetUnavailable:
        # The training itself says so, where the visitor sees it.
        return prepared
    spec = PRESETS["Simple network"]
    images = prepared.select_images(data, spec.training)
    cache = ModeCache(WORKERS_SHARED_FOLDER.get())
    measured = mode_for(cache, spec, BatchSource(images, spec.training))
    prepared.prepare(spec, remembered_mode(cache, spec) or measured, images)
    return prepared


def measure_presets(job_waits: Callable[[float], bool]) -> None:
    """Measure the execution mode of each preset, and of networks that started without.

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
        for spec in (*PRESETS.values(), *unmeasured_specs(cache)):
            if is_measured(cache, spec):
                continue
            while store.active():
                if job_waits(timeouts.WARM_START_IDLE_SECONDS):
                    return
            batches = BatchSource(select_images(data, spec.training), spec.training)
            mode_for(cache, spec, batches, on_progress=give_up_for_a_job)
    except _JobWaits:
        return


def prepare_presets(
    prepared: PreparedModels,
    job_waits: Callable[[float], bool],
    presets: Iterable[RunSpec] = tuple(PRESETS.values()),
) -> None:
    """Prepare each preset in the execution mode that it was measured with, until a job comes.

    Rests while anything trains. Whatever goes wrong is logged: the process is there to train.

    Args:
        prepared: takes the models.
        job_waits: waits for a job, at most so many seconds; returns whether there is one.
        presets: the specs; those that are ready soonest come first.
    """

    def give_up_for_a_job(seconds: float = 0) -> None:
        if job_waits(seconds):
            raise _JobWaits

    folder = WORKERS_SHARED_FOLDER.get()
    cache = ModeCache(folder)
    try:
        data = load(download=False)
        for spec in presets:
            while folder is not None and RunStore(folder.parent).active():
                give_up_for_a_job(timeouts.WARM_START_IDLE_SECONDS)
            give_up_for_a_job()
            mode = remembered_mode(cache, spec)
            if mode is not None:
                images = prepared.select_images(data, spec.training)
                prepared.prepare(spec, mode, images, give_up_for_a_job)
    except (_JobWaits, DatasetUnavailable):
        return
    except Exception:
        _log.exception("the presets could not be prepared")
