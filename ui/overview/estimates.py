"""How long presets take to train, also before anything was trained on this computer."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, log
from statistics import fmean

from fmnist_core.analysis.duration import Estimate, RunSpeed, Span, estimate
from fmnist_core.presets import PRESETS
from fmnist_core.presets.measured import MEASURED, SPREAD
from ui.train.duration import estimate_text, measured_elsewhere


def presets_time_text(names: Sequence[str], speeds: Sequence[RunSpeed]) -> str:
    """The estimated duration of some presets' trainings, one after the other.

    Args:
        names: of presets, at least one.
        speeds: of earlier runs on this computer, newest first.

    Returns:
        Such as ``"about 9 min"``, or where that is unsure ``"10 to 45 min"``; before the first run
        on this computer ``"roughly 1 to 10 min"``, from what another one took.
    """
    known = {name: estimate(spec, speeds) for name, spec in PRESETS.items()}
    spans = [_span(name, known) for name in names]
    total = Span(
        sum(span.low for span in spans),
        sum(span.mid for span in spans),
        sum(span.high for span in spans),
    )
    return f"{'' if speeds else 'roughly '}{estimate_text(total)}"


def _span(name: str, known: dict[str, Estimate | None]) -> Span:
    """The duration of a preset's training: as it was before, else by the surer of two ways.

    One learns from the networks that were trained here, the other scales what another computer
    took by how much slower this one was with other presets.
    """
    learned, scaled = known[name], _scaled(name, known)
    if learned is None:
        return scaled
    width, scaled_width = (span.high / span.low for span in (learned.training, scaled))
    return learned.training if learned.same_configuration or width < scaled_width else scaled


def _scaled(name: str, known: dict[str, Estimate | None]) -> Span:
    slowdowns = [
        log(learned.training.mid / MEASURED[other].seconds)
        for other, learned in known.items()
        if learned is not None and learned.same_configuration
    ]
    if not slowdowns:
        return measured_elsewhere(name)
    seconds = MEASURED[name].seconds * exp(fmean(slowdowns))
    return Span(seconds / SPREAD, seconds, seconds * SPREAD)
