"""Sample tasks for the engine's task worker; a module that its processes can import."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np

from fmnist_core.engine import QueueFull
from fmnist_core.task_types import Arrays, Report


def squares(report: Report, count: int, called: str) -> Arrays:
    """A task that computes the first squares; leaves a line for every call."""
    with Path(called).open("a") as file:
        file.write("called\n")
    return {"squares": np.arange(count) ** 2}


def slow(report: Report, go: str) -> Arrays:
    """A task that reports half of its progress and waits until a file is there."""
    report(0.5, "Half of it is done")
    while not Path(go).exists():
        time.sleep(0.05)
    return {"done": np.ones(1)}


def refused(report: Report) -> Arrays:
    """A task that ends in a sentence, raised as an error whose class takes a number."""
    raise QueueFull(7)


def broken(report: Report) -> Arrays:
    """A task that ends in an unforeseen error."""
    raise ZeroDivisionError("a detail")


def dies_once(report: Report, mark: str) -> Arrays:
    """A task that kills its process the first time."""
    if not Path(mark).exists():
        Path(mark).touch()
        os._exit(1)
    return {"alive": np.ones(1)}
