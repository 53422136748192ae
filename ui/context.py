"""The process-wide objects that pages share: the run store, the engine, the dataset."""

from __future__ import annotations

import gc
import importlib
import os
import threading
from pathlib import Path

import streamlit as st

from fmnist_core.dataset import Dataset, load
from fmnist_core.engine import Engine
from fmnist_core.remarks import Remarks
from fmnist_core.runs import RunStore


def runs_root() -> Path:
    """The folder that holds the runs: ``FMNIST_RUNS_DIR``, else ``runs`` beside the dashboard."""
    chosen = os.environ.get("FMNIST_RUNS_DIR")
    return Path(chosen) if chosen else Path(__file__).resolve().parent.parent / "runs"


@st.cache_resource(show_spinner=False)
def _store(root: str) -> RunStore:
    return RunStore(Path(root))


@st.cache_resource(show_spinner=False)
def _engine(root: str) -> Engine:
    return Engine(_store(root))


def store() -> RunStore:
    """The run folders, one object for all visitors."""
    return _store(str(runs_root()))


def engine() -> Engine:
    """The connection to the training engine, one for all visitors; made lazily."""
    return _engine(str(runs_root()))


@st.cache_resource(show_spinner=False)
def _remarks(root: str) -> Remarks:
    return Remarks(Path(root))


def remarks() -> Remarks:
    """What visitors said about pictures, one object for all of them."""
    return _remarks(str(runs_root()))


def dataset(*, download: bool = False) -> Dataset:
    """Fashion-MNIST, memory-mapped; raises ``DatasetUnavailable`` where it cannot be had."""
    return load(download=download)


def warm_up() -> None:
    """Start the engine and load what pages need in the background, so that clicks are quick."""
    threading.Thread(target=engine().keep_warm, name="engine-warm-up", daemon=True).start()
    threading.Thread(target=_load_pages, name="pages-warm-up", daemon=True).start()


def _load_pages() -> None:
    """Load the libraries behind the pages, and exempt them from garbage collection.

    Streamlit collects all garbage after every run of a script. With a hundred thousand objects of
    libraries to look through, that took most of the time of a live view.
    """
    for name in ("ui.live", "ui.mistakes.sections", "ui.explore.sections", "pandas"):
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
