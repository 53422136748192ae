"""The trash: where deleted runs wait, so that a delete can be taken back."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from pathlib import Path

from fmnist_core import timeouts
from fmnist_core.files import sync_folder
from fmnist_core.plain_files import kind_at
from fmnist_core.runs.model import is_run_id

_PREFIX = ".deleted-"


def throw_away(root: Path, run_id: str) -> bool:
    """Move a run to the trash, and remove for good what was thrown away long ago.

    Returns:
        False where a run of the same id can still be brought back; then nothing was done.
    """
    remove_old(root)
    trashed = root / f"{_PREFIX}{run_id}"
    if os.path.lexists(trashed):
        return False
    (root / run_id).rename(trashed)
    # The folder's own time, which a rename leaves alone, says how long it has been here.
    os.utime(trashed, follow_symlinks=False)
    sync_folder(root)
    return True


def bring_back(root: Path, run_id: str) -> bool:
    """Move a run out of the trash; returns whether it was there and its place free."""
    trashed = root / f"{_PREFIX}{run_id}"
    if not os.path.lexists(trashed) or os.path.lexists(root / run_id):
        return False
    trashed.rename(root / run_id)
    sync_folder(root)
    return True


def restorable(root: Path) -> list[tuple[str, Path]]:
    """Ids and folders of the runs in the trash that can be brought back, the newest first."""
    entries = []
    for trashed, run_id, age in _entries(root):
        if age <= timeouts.TRASH_SECONDS:
            entries.append((age, run_id, trashed))
    return [(run_id, trashed) for _, run_id, trashed in sorted(entries)]


def remove_old(root: Path) -> None:
    """Remove runs for good whose time in the trash is over."""
    for trashed, _, age in _entries(root):
        if age > timeouts.TRASH_SECONDS:
            _remove(trashed)


def _remove(trashed: Path) -> None:
    """Remove a folder with what is in it, and anything else by its name alone."""
    if kind_at(trashed) == "a folder":
        shutil.rmtree(trashed, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            trashed.unlink()


def _entries(root: Path) -> list[tuple[Path, str, float]]:
    entries = []
    try:
        for trashed in root.glob(f"{_PREFIX}*"):
            run_id = trashed.name.removeprefix(_PREFIX)
            if is_run_id(run_id):
                # A clock that was set back must not keep a run for ever, nor end it at once.
                entries.append((trashed, run_id, abs(time.time() - trashed.lstat().st_mtime)))
    except OSError:
        return entries
    return entries
