"""Paths of the project and of tests/support, for tests that start other programs."""

from __future__ import annotations

from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
# Of what tests share; on the path of the programs that are to know it.
SUPPORT = Path(__file__).resolve().parent
