"""Claims of workers on waiting runs, so that no run is ever trained twice at a time.

Dask may hold several hand-overs of one run: of two dashboards, or anew after something was lost.
The first worker to make the run's claim trains it; the others find the claim and leave it alone.
"""

from __future__ import annotations

from pathlib import Path

from fmnist_core.locks import LockFile, LockWatch
from fmnist_core.runs.model import SHARED_FOLDER

_FOLDER = "claims"


class Claims:
    """The claims of a runs folder, shared by all workers and dashboards that share it.

    Args:
        root: the runs folder.
    """

    def __init__(self, root: Path) -> None:
        self._folder = root / SHARED_FOLDER / _FOLDER
        self._watch = LockWatch()

    def take(self, run_id: str, attempt: int) -> LockFile | None:
        """Claim an attempt of a run, until it is released; ``None`` where it is claimed already.

        A claim whose worker died is not taken over: what it had begun may still go on for a
        moment. ``RunStore.start_over`` makes the next attempt.

        Raises:
            OSError: the folder cannot be written.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        for earlier in self._folder.glob(f"{run_id}-*"):
            attempt_text = earlier.name.removeprefix(f"{run_id}-")
            if attempt_text.isdecimal() and int(attempt_text) < attempt:
                # Of a worker that died over it, while it trained.
                earlier.unlink(missing_ok=True)
        claim = LockFile(self._file(run_id, attempt))
        return claim if claim.take() else None

    def dead(self, run_id: str, attempt: int) -> bool | None:
        """Whether the worker that took an attempt is dead; ``None`` where nobody has taken it."""
        return self._watch.dead(self._file(run_id, attempt))

    def remove(self, run_id: str, attempt: int) -> None:
        """Remove the claim of a worker that is dead."""
        self._watch.remove(self._file(run_id, attempt))

    def _file(self, run_id: str, attempt: int) -> Path:
        return self._folder / f"{run_id}-{attempt}"
