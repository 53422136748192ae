"""The limit of open files: raised for the live channel, as far as the system lets it."""

from __future__ import annotations

import resource

import pytest

from ui.live.channel import allow_many_streams
from ui.live.hub import MOST

UNLIMITED = resource.RLIM_INFINITY


@pytest.mark.parametrize(
    ("soft", "hard", "raised"),
    [
        (256, UNLIMITED, True),
        (1_024, 2_000, True),
        (1_024, 1_048_576, True),
        (65_536, 1_048_576, False),
        (UNLIMITED, UNLIMITED, False),
    ],
)
def test_the_limit_is_raised_where_it_is_low_and_never_above_the_hard_one(
    monkeypatch: pytest.MonkeyPatch, soft: int, hard: int, raised: bool
) -> None:
    made: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (soft, hard))
    monkeypatch.setattr(resource, "setrlimit", lambda kind, limits: made.append(limits))
    allow_many_streams()
    assert bool(made) == raised
    for new_soft, new_hard in made:
        assert new_soft > soft
        assert new_hard == hard
        assert new_soft >= min(2 * MOST, hard if hard != UNLIMITED else 2 * MOST)
