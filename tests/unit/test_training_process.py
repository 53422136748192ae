"""A training process while it waits for a run."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from fmnist_core.config import AHEAD
from fmnist_core.training import __main__ as process

pytestmark = pytest.mark.slow
AHEAD_OF_RUNS = ("warm_up", "measure_presets", "prepare_presets")


@pytest.mark.parametrize(("setting", "done"), [("1", AHEAD_OF_RUNS), ("0", ())])
def test_it_works_ahead_unless_it_is_told_not_to_and_is_ready_before_the_presets(
    monkeypatch: pytest.MonkeyPatch, setting: str, done: tuple[str, ...]
) -> None:
    said = io.StringIO()
    called: list[tuple[str, str]] = []

    def notes(name: str) -> Callable[..., None]:
        return lambda *_: called.append((name, said.getvalue().strip()))

    for name in AHEAD_OF_RUNS:
        monkeypatch.setattr(process, name, notes(name))
    monkeypatch.setattr(process, "_prefer_as_oom_victim", lambda: None)
    monkeypatch.setattr("os.nice", lambda _: 0)
    monkeypatch.setattr("sys.stdout", said)
    # It ends with its input.
    monkeypatch.setattr("sys.stdin", io.StringIO())
    monkeypatch.setenv(AHEAD.name, setting)
    process.main()
    assert [name for name, _ in called] == list(done)
    assert [words for _, words in called] == ["", process.READY, process.READY][: len(done)]
    assert said.getvalue().strip() == process.READY
