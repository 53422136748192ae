"""Sweeps: how thorough they are, and of those of faults the table of what held."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

import pytest

from fmnist_core import config

THOROUGH = config.THOROUGH.get()
# Fault and what held, how often.
TABLE: Counter[tuple[str, str]] = Counter()

Tally = Callable[[str, int, str], None]


def sampled(values: Iterable[object], *places: int) -> list[object]:
    """Values of a parameter: `make test` tries those at some places, `make very-slow` the rest."""
    return [
        pytest.param(value, marks=() if place in places else pytest.mark.very_slow)
        for place, value in enumerate(values)
    ]
