"""Pages without a browser: Streamlit's AppTest over the script that the dashboard runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from app_visit import Visit

from fmnist_core.runs import RunStore


@pytest.fixture(autouse=True)
def runs_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Every test has a runs folder of its own, and no engine is started."""
    folder = tmp_path / "runs"
    monkeypatch.setenv("FMNIST_RUNS_DIR", str(folder))
    monkeypatch.delenv("FMNIST_SCHEDULER", raising=False)
    st.cache_resource.clear()
    st.cache_data.clear()
    yield folder
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture
def store(runs_folder: Path) -> RunStore:
    return RunStore(runs_folder)


@pytest.fixture
def visit() -> Visit:
    return Visit()
