"""Times in words: how long ago, and in whose time zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from ui import formatting


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """The first hour of a year."""
    moment = datetime(2026, 1, 1, 0, 30, tzinfo=UTC)

    monkeypatch.setattr(formatting, "datetime", SimpleNamespace(now=lambda _: moment))
    return moment


def visit_from(monkeypatch: pytest.MonkeyPatch, time_zone: str | None) -> None:
    context = SimpleNamespace(context=SimpleNamespace(timezone=time_zone))
    monkeypatch.setattr(formatting, "st", context)


@pytest.mark.parametrize(
    ("time_zone", "text"),
    [
        (None, "on 30 December 2025, 23:30"),
        ("UTC", "on 30 December 2025, 23:30"),
        ("Europe/Berlin", "on 31 December 2025, 00:30"),
        ("America/New_York", "on 30 December, 18:30"),
        ("Nowhere/At all", "on 30 December 2025, 23:30"),
        ("../../etc/passwd", "on 30 December 2025, 23:30"),
    ],
)
def test_a_day_is_told_in_the_zone_of_the_visitor_and_with_a_year_that_is_not_this_one(
    monkeypatch: pytest.MonkeyPatch, now: datetime, time_zone: str | None, text: str
) -> None:
    visit_from(monkeypatch, time_zone)
    assert formatting.ago(now - timedelta(hours=25)) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(20, "just now"), (60, "1 minute ago"), (3_540, "59 minutes ago"), (7_200, "2 hours ago")],
)
def test_what_is_recent_is_told_by_how_long_ago_it_was(
    now: datetime, seconds: int, text: str
) -> None:
    assert formatting.ago(now - timedelta(seconds=seconds)) == text
