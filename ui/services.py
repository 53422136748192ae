"""The process-wide objects that pages share: the run store, the engine, the dataset."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from fmnist_core.annotations import Annotations
from fmnist_core.config import AHEAD, RUNS_DIR
from fmnist_core.dataset import Dataset, load
from fmnist_core.errors import FmnistError
from fmnist_core.runs import RunStore
from fmnist_core.task_types import Arrays, EngineState, TaskState

if TYPE_CHECKING:
    from fmnist_core.engine import Engine

_ENGINE = "fmnist_core.engine"
_engine_is_broken = threading.Event()


class EngineNotLoaded(FmnistError):
    """The engine's code cannot be loaded, because a package that it needs is broken."""

    def __init__(self) -> None:
        super().__init__(
            "The training engine cannot be loaded, because files of an installed package are "
            "missing or damaged. Nothing can be trained now; browsing and comparing still work. "
            "End the dashboard and start it with make run, which finds and replaces them."
        )


def runs_root() -> Path:
    """The folder that holds the runs."""
    return RUNS_DIR.get()


# Streamlit's own cache takes longer to look it up than the store to look into a folder.
@cache
def _store(root: str) -> RunStore:
    return RunStore(Path(root))


@st.cache_resource(show_spinner=False)
def _engine(root: str) -> Engine:
    # Dask takes longer to load than the first page, which needs no engine.
    try:
        from fmnist_core.engine import Engine
        from fmnist_core.interpret.maps import maps_ahead
    except Exception as error:
        note_broken_engine()
        raise EngineNotLoaded from error
    run_store = _store(root)
    return Engine(run_store, ahead=(lambda: maps_ahead(run_store)) if AHEAD.get() else tuple)


def note_broken_engine() -> None:
    """Say from now on that the engine cannot be loaded; only another start tries again."""
    _engine_is_broken.set()


def store() -> RunStore:
    """The run folders, one object for all visitors."""
    return _store(str(runs_root()))


def engine() -> Engine:
    """The connection to the training engine, one for all visitors; made lazily.

    Raises:
        EngineNotLoaded: a package that it needs is broken.
    """
    if _engine_is_broken.is_set():
        raise EngineNotLoaded
    return _engine(str(runs_root()))


def engine_state() -> EngineState:
    """Whether a training would start; never loads Dask, which takes a while."""
    try:
        if _ENGINE in sys.modules or _engine_is_broken.is_set():
            return engine().state()
    except EngineNotLoaded as error:
        return EngineState("unavailable", str(error))
    return EngineState("starting")


def is_overdue(run_id: str) -> bool:
    """Whether a run still waits though its turn came a while ago."""
    return engine_state().state == "ready" and engine().is_overdue(run_id)


def request_task(key: str, function: Callable[..., Arrays], *arguments: object) -> TaskState:
    """Request a background task, as ``Engine.request_task`` does; also where it is broken."""
    try:
        return engine().request_task(key, function, *arguments)
    except EngineNotLoaded as error:
        return TaskState(problem=str(error))


def poll_task(key: str) -> TaskState | None:
    """The state of a background task that has ended, as ``Engine.poll_task``; requests nothing."""
    try:
        return engine().poll_task(key)
    except EngineNotLoaded as error:
        return TaskState(problem=str(error))


def expect_tasks() -> None:
    """Let the engine get ready for the first background task."""
    with contextlib.suppress(EngineNotLoaded):
        engine().expect_tasks()


def close_engine() -> None:
    """Close the connection to the engine, if there is one; the engine goes on by itself."""
    if _ENGINE in sys.modules:
        with contextlib.suppress(EngineNotLoaded):
            engine().close()


@st.cache_resource(show_spinner=False)
def _annotation_store(root: str) -> Annotations:
    return Annotations(Path(root))


def annotation_store() -> Annotations:
    """The annotations of images, one object for all visitors."""
    return _annotation_store(str(runs_root()))


def dataset(*, download: bool = False) -> Dataset:
    """Fashion-MNIST, memory-mapped; raises ``DatasetUnavailable`` where it cannot be had."""
    return load(download=download)
