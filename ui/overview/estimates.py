"""How long presets take to train, also before anything was trained on this computer."""

from __future__ import annotations

from collections.abc import Sequence

from fmnist_core.analysis.duration import Span
from fmnist_core.presets import PRESETS
from ui.train.duration import estimate_text, expected, measured_elsewhere, range_text

FIRST = next(iter(PRESETS))


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
        measured_elsewhere(name) if estimate is None else estimate.training
        for name, estimate in zip(names, estimates, strict=True)
    ]
    total = Span(*(sum(limits) for limits in zip(*map(_limits, spans), strict=True)))
    if any(estimate is None for estimate in estimates):
        return f"roughly {range_text(total)}"
    return estimate_text(total)


def _limits(span: Span) -> tuple[float, float, float]:
    return span.low, span.mid, span.high
