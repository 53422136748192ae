"""The training processes of a worker."""

from __future__ import annotations

import sys

import pytest

from fmnist_core.engine import process_pool
from fmnist_core.engine.process_pool import ProcessPool


def test_a_worker_that_ends_keeps_no_run_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """It once held the run that it had taken until its nanny killed it, a minute later."""
    monkeypatch.setattr(process_pool, "COMMAND", [sys.executable, "-c", "input()"])
    warm, looks = ProcessPool(), iter(range(20))
    warm.close()
    assert warm.take(lambda: next(looks, None) is not None) is None
    assert list(looks)
