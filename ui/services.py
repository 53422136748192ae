"""The process-wide objects that pages share: the run store, the engine, the dataset."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from fmnist_core.annotations import Annotations
from fmnist_core.config import RUNS_DIR
from fmnist_core.dataset import Dataset, load
from fmnist_core.runs import RunStore

if TYPE_CHECKING:
    from fmnist_core.engine import Engine, EngineState

_ENGINE = "fmnist_core.engine"


def runs_root() -> Path:
    """The folder that holds the runs."""
    return RUNS_DIR.get()


@st.cache_resource(show_spinner=False)
def _store(root: str) -> RunStore:
    return RunStore(Path(root))


@st.cache_resource(show_spinner=False)
def _engine(root: str) -> Engine:
    # Dask takes longer to load than the first page, which needs no engine.
    from fmnist_core.engine import Engine

    return Engine(_store(root))


def store() -> RunStore:
    """The run folders, one object for all visitors."""
    return _store(str(runs_root()))


def engine() -> Engine:
    """The connection to the training engine, one for all visitors; made lazily."""
    return _engine(str(runs_root()))


def engine_state() -> EngineState | None:
    """The engine's state: whether a training would start; ``None`` while Dask is not loaded."""
    return engine().state() if _ENGINE in sys.modules else None


def is_overdue(run_id: str) -> bool:
    """Whether a run still waits though its turn came a while ago."""
    return _ENGINE in sys.modules and engine().is_overdue(run_id)


def close_engine() -> None:
    """Close the connection to the engine, if there is one; the engine goes on by itself."""
    if _ENGINE in sys.modules:
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
