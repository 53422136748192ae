"""Estimated durations are told as precisely as they are known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmnist_core.analysis.duration import Span
from ui.train.duration import estimate_text, range_text, time_text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "1 s"),
        (11.4, "11 s"),
        (59.4, "59 s"),
        (82, "80 s"),
        (89, "2 min"),
        (251, "4 min"),
        (3_569, "59 min"),
        (3_600, "1 h"),
        (4_900, "1 h 20 min"),
    ],
)
def test_a_time_left_has_no_seconds_once_it_takes_minutes(seconds: float, text: str) -> None:
    assert time_text(seconds) == text


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (Span(9, 11, 14), "about 11 s"),
        (Span(5, 11, 22), "5 to 25 s"),
        (Span(29, 56, 117), "25 s to 2 min"),
        (Span(100, 200, 290), "1 to 5 min"),
        (Span(120, 200, 290), "about 3 min"),
        (Span(900, 2000, 4100), "15 to 70 min"),
        (Span(0.2, 0.5, 0.9), "1 to 2 s"),
    ],
)
def test_an_estimate_is_a_range_where_it_is_unsure(span: Span, text: str) -> None:
    assert estimate_text(span) == text


SIZES = {"s": 1, "min": 60, "h": 3600}


@given(st.floats(1, 50_000), st.floats(1, 50))
def test_a_range_holds_the_whole_estimate(low: float, factor: float) -> None:
    high = low * factor
    first, _, last = range_text(Span(low, low, high)).partition(" to ")
    number, unit = last.split()
    assert int(number) * SIZES[unit] >= high - 1e-6
    said, *own = first.split()
    assert int(said) * SIZES[own[0] if own else unit] <= low + 1e-6
