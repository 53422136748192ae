"""The Dask worker that runs background tasks: short work beside the trainings.

``dask worker --preload fmnist_core.engine.task_worker`` lowers its priority below that of the
trainings and loads Keras before anybody asks for it.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fmnist_core import dask_http, timeouts
from fmnist_core.errors import FmnistError
from fmnist_core.files import write_arrays, write_json
from fmnist_core.interpret import load_keras
from fmnist_core.task_types import Arrays, Report

_MOST_BYTES = 2 * 10**9
_log = logging.getLogger("fmnist.tasks")


def dask_setup(worker: Any) -> None:
    """Called by ``dask worker --preload``."""
    dask_http.dask_setup(worker)
    os.nice(10)
    threading.Thread(target=_load_keras, name="load-keras", daemon=True).start()


def _load_keras() -> None:
    # Where it is broken, the tasks that need it say so.
    with contextlib.suppress(Exception):
        load_keras()


def result_file(folder: Path, key: str) -> Path:
    """The file that holds the result of a task."""
    return folder / f"{key}.npz"


def progress_file(folder: Path, key: str) -> Path:
    """The file that holds the progress of a task while it runs."""
    return folder / f"{key}.progress"


def run_task(
    folder: str, key: str, function: Callable[..., Arrays], arguments: tuple[object, ...]
) -> None:
    """Run a task and save its result; one that exists already is left alone.

    Args:
        folder: of the results, shared with the dashboard.
        key: names the content.
        function: called with a function that reports progress, then the arguments.
        arguments: as given to ``Engine.request_task``.

    Raises:
        FmnistError: why there is no result, in a sentence for the visitor.
    """
    folder_path = Path(folder)
    file, progress = result_file(folder_path, key), progress_file(folder_path, key)
    if file.is_file():
        return
    folder_path.mkdir(parents=True, exist_ok=True)
    try:
        write_arrays(file, function(_reporter(progress), *arguments))
    except FmnistError as error:
        # As its base, because an error with arguments of its own does not survive the journey.
        raise FmnistError(str(error)) from None
    finally:
        progress.unlink(missing_ok=True)
    _delete_oldest(folder_path)


def _reporter(progress: Path) -> Report:
    last = float("-inf")

    def report(share: float, phase: str) -> None:
        nonlocal last
        if time.monotonic() - last >= timeouts.TASK_REPORT_SECONDS:
            last = time.monotonic()
            with contextlib.suppress(OSError):
                write_json(progress, {"share": share, "words": phase})

    return report


def _delete_oldest(folder: Path) -> None:
    """Delete the oldest results above some gigabytes; a task requested again computes them anew."""
    with contextlib.suppress(OSError):
        files = sorted(folder.glob("*.npz"), key=lambda file: file.stat().st_mtime, reverse=True)
        bytes_left = _MOST_BYTES
        for file in files:
            bytes_left -= file.stat().st_size
            if bytes_left < 0:
                _log.info("%s is forgotten, to make room", file.name)
                file.unlink(missing_ok=True)
