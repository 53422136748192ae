"""Sweep of faults: how thorough it is, and the table of what held."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from fmnist_core import config

THOROUGH = config.THOROUGH.get()
# Fault and what held, how often.
TABLE: Counter[tuple[str, str]] = Counter()

Tally = Callable[[str, int, str], None]
