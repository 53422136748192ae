"""Formatting of accuracies, durations, counts and states."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from fmnist_core.dataset import CLASS_NAMES

# A difference that chance alone brings about more often than this shows nothing.
SIGNIFICANT = 0.05
STATE_WORDS = {
    "queued": "waiting",
    "running": "training",
    "done": "finished",
    "stopped": "stopped",
    "failed": "failed",
    "diverged": "diverged",
    "interrupted": "interrupted",
    "damaged": "damaged",
}


def duration(seconds: float) -> str:
    """A duration in words: ``"8 s"``, ``"2 min 5 s"``, ``"1 h 20 min"``, ``"3 h"``."""
    rounded = max(0, round(seconds))
    if rounded < 60:
        return f"{rounded} s"
    if rounded < 3600:
        return f"{rounded // 60} min {rounded % 60} s" if rounded % 60 else f"{rounded // 60} min"
    hours, minutes = rounded // 3600, rounded % 3600 // 60
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def confidence_text(probability: float) -> str:
    """A confidence as a whole number of percent, which is 100 only where nothing is missing."""
    percent = round(100 * probability)
    if percent == 100 and probability < 0.9995:
        percent = 99
    return f"{percent}\N{NO-BREAK SPACE}%"


def answer_text(label: int, predicted: int, confidence: float) -> str:
    """What a network says of an image and what its label is.

    Args:
        label: its class.
        predicted: the class that the network predicts.
        confidence: the probability of that class, 0 to 1.

    Examples: ``"It says Coat, 89 %, and is right."``,
        ``"It says T-shirt/top, 99 %. It is labelled Shirt."``
    """
    said = f"It says {CLASS_NAMES[predicted]}, {confidence_text(confidence)}"
    if label == predicted:
        return f"{said}, and is right."
    return f"{said}. It is labelled {CLASS_NAMES[label]}."


def times_text(count: int) -> str:
    """How often: ``"once"``, ``"twice"``, ``"3 times"``."""
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def p_text(p: float) -> str:
    """A p-value: ``"p = 0.034"``, ``"p = 0.0008"``, ``"p < 0.0001"``; never rounded across 0.05."""
    if p < 0.0001:
        return "p < 0.0001"
    digits = 4 if p < 0.001 else 3 if p < 0.1 else 2
    while digits < 9 and (round(p, digits) < SIGNIFICANT) != (p < SIGNIFICANT):
        digits += 1
    return f"p = {p:.{digits}f}"


def ago(moment: datetime) -> str:
    """How long ago: ``"just now"``, ``"5 minutes ago"``, ``"on 3 May, 14:20"``.

    A day is told in the visitor's time zone, and with its year where that is not this one:
    ``"on 3 May 2024, 14:20"``.
    """
    now = datetime.now(UTC)
    minutes = int((now - moment).total_seconds() // 60)
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return f"{minutes} minute{'s' * (minutes > 1)} ago"
    if minutes < 24 * 60:
        return f"{minutes // 60} hour{'s' * (minutes >= 120)} ago"
    return f"on {_day(moment.astimezone(time_zone()), now.astimezone(time_zone()))}"


def _day(moment: datetime, now: datetime) -> str:
    year = f" {moment.year}" if moment.year != now.year else ""
    return f"{moment.day} {moment:%B}{year}, {moment:%H:%M}"


def time_zone() -> tzinfo:
    """The visitor's time zone as the browser tells it; UTC where it tells none that is known."""
    name = st.context.timezone
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError):
        return UTC
