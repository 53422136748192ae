"""How long presets take to train, also before anything was trained on this computer."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor

from fmnist_core.analysis.duration import Span
from fmnist_core.presets import PRESETS
from fmnist_core.presets.measured import FASTEST, MEASURED, SLOWEST
from ui.formatting import duration
from ui.train.duration import expected

FIRST = next(iter(PRESETS))
# A wider estimate is told as a range.
_NARROW = 2.5


def time_text(names: Sequence[str]) -> str:
    """The estimated duration of some presets' trainings, one after the other.

    Args:
        names: of presets, at least one.

    Returns:
        ``"about 9 min"``, as a range where that is unsure: ``"2 to 10 min"``; where the durations
        measured on another computer are all there is, ``"roughly 2 to 10 min"``.
    """
    estimates = [expected(PRESETS[name]) for name in names]
    spans = [
        _elsewhere(name) if estimate is None else estimate.training
        for name, estimate in zip(names, estimates, strict=True)
    ]
    total = Span(*(sum(limits) for limits in zip(*map(_limits, spans), strict=True)))
    if any(estimate is None for estimate in estimates):
        return f"roughly {range_text(total)}"
    if total.high > _NARROW * total.low:
        return range_text(total)
    return f"about {duration(_rounded(total.mid))}"


def range_text(span: Span) -> str:
    """Both ends of an estimate: ``"5 to 20 s"``, ``"15 to 70 min"``, ``"1 to 3 h"``."""
    size, unit = (1, "s") if span.high < 90 else (60, "min") if span.high < 5400 else (3600, "h")
    step = 5 if span.high / size > 12 else 1
    low = step * floor(span.low / size / step) or 1
    high = step * ceil(span.high / size / step)
    return f"{low} to {max(high, low + 1)} {unit}"


def _elsewhere(name: str) -> Span:
    """The duration of a preset's training by what another computer took."""
    seconds = MEASURED[name].seconds
    return Span(FASTEST * seconds, seconds, SLOWEST * seconds)


def _limits(span: Span) -> tuple[float, float, float]:
    return span.low, span.mid, span.high


def _rounded(seconds: float) -> float:
    """Whole seconds below a minute, whole minutes above it."""
    return max(1, round(seconds)) if seconds < 60 else 60 * round(seconds / 60)
