"""The settings that scripts read: ``fmnist_core.config``, which needs no installed package."""

from __future__ import annotations

import sys
from pathlib import Path

# Last, so that nothing of the project stands for a module of Python's.
sys.path.append(str(Path(__file__).resolve().parent.parent))

from fmnist_core.config import (
    BASE_PATH,
    CHROMIUM,
    RUNS_DIR,
    SERVER_ADDRESS,
    STRACE,
    WHEELS,
    WrongSetting,
    check,
    start_report,
    table,
)

__all__ = [
    "BASE_PATH",
    "CHROMIUM",
    "RUNS_DIR",
    "SERVER_ADDRESS",
    "STRACE",
    "WHEELS",
    "WrongSetting",
    "check",
    "start_report",
    "table",
]
