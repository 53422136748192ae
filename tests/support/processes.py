"""The processes of an engine, and how to wait for them."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from fmnist_core.runs import Run, RunStore


def processes_of(root: Path) -> list[psutil.Process]:
    """The engine's processes that serve a runs folder: scheduler, workers, trainings."""
    found = []
    for process in psutil.process_iter():
        try:
            shared = process.environ().get("FMNIST_SHARED_FOLDER", "")
            if any(str(root) in word for word in [shared, *process.cmdline()]):
                found += [process, *process.children(recursive=True)]
        except psutil.Error:
            continue
    return [process for process in set(found) if process.pid != os.getpid()]


def processes_with(root: Path, word: str) -> list[psutil.Process]:
    """The engine's processes that have a word among their command-line arguments."""
    found = []
    for process in processes_of(root):
        with contextlib.suppress(psutil.Error):
            if word in process.cmdline():
                found.append(process)
    return found


def trainings_of(root: Path) -> list[psutil.Process]:
    """The training processes, the one that trains and the one that waits warm."""
    return processes_with(root, "fmnist_core.training")


def busy_training(root: Path) -> psutil.Process:
    """The training process that trains: the oldest."""
    return min(trainings_of(root), key=lambda process: process.create_time())


def wait_for(condition: Callable[[], object], seconds: float = 120) -> None:
    """Poll a condition until it holds; fails after so many seconds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def wait_until_ended(store: RunStore, run_id: str, seconds: float = 180) -> Run:
    """Wait until a run neither waits nor trains; returns it."""
    wait_for(lambda: not store.get(run_id).active, seconds)
    return store.get(run_id)
