"""For ``dask worker --preload``: the project's own preload, but stubs in place of trainings."""

from __future__ import annotations

import sys
from pathlib import Path

from fmnist_core.engine import process_pool
from fmnist_core.engine.training_worker import dask_setup, dask_teardown

__all__ = ["dask_setup", "dask_teardown"]
process_pool.COMMAND = [sys.executable, str(Path(__file__).with_name("stub.py")), "--once"]
