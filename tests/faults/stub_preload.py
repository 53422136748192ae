"""For ``dask worker --preload``: the project's own preload, but stubs in place of trainings."""

from __future__ import annotations

import sys
from pathlib import Path

from fmnist_core.engine import processes
from fmnist_core.engine.worker import dask_setup, dask_teardown

__all__ = ["dask_setup", "dask_teardown"]
processes.COMMAND = [sys.executable, str(Path(__file__).with_name("stub.py")), "--once"]
