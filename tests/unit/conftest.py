"""What unit tests share: an environment as Python makes it."""

from __future__ import annotations

from pathlib import Path

import pytest
from setups import make_environment, small_project


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `.venv` that `install.py` makes for empty lists of requirements; not to be changed."""
    folder = small_project(tmp_path_factory.mktemp("template"))
    done = make_environment(folder)
    assert done.returncode == 0, done.stderr
    assert "Making an environment in .venv with Python" in done.stdout
    return folder / ".venv"
