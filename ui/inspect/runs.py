"""The runs whose networks can be looked into."""

from __future__ import annotations

from fmnist_core.runs import Run
from ui.networks import networks
from ui.services import store


def openable_runs() -> list[Run]:
    """Runs that kept a network, at their end or after an epoch so far, newest first."""
    return [run for run in store().list() if _is_openable(run)]


def any_openable() -> bool:
    """Whether there is such a run."""
    return any(_is_openable(run) for run in store().list())


def _is_openable(run: Run) -> bool:
    return run.network_problem is None or bool(networks(run))


def missing_reason(run: Run) -> str:
    """Why a run has no network to look into, in a sentence."""
    if run.active:
        return "Wait until its first epoch has ended."
    return run.network_problem or ""
