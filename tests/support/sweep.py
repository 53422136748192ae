"""Sweep of faults: how thorough it is, and the table of what held."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable

THOROUGH = bool(os.environ.get("FMNIST_THOROUGH"))
# Fault and what held, how often.
TABLE: Counter[tuple[str, str]] = Counter()

Tally = Callable[[str, int, str], None]
