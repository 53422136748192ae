"""The trash: where deleted runs wait, so that a delete can be taken back."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from pathlib import Path

from fmnist_core.files import sync_folder
from fmnist_core.plain_files import kind_at
from fmnist_core.runs.model import is_run_id

# Long enough to notice a mistake, short enough that a full disk is soon empty again.
KEPT_SECONDS = 15 * 60
_PREFIX = ".deleted-"


def throw_away(root: Path, run_id: str) -> bool:
    """Take a run out of the list, and remove for good what was thrown away long ago.

    Returns:
        False where a run of the same id can still be brought back; then nothing was done.
    """
    remove_old(root)
    place = root / f"{_PREFIX}{run_id}"
    if os.path.lexists(place):
        return False
    (root / run_id).rename(place)
    # The folder's own time, which a rename leaves alone, says how long it has been here.
    os.utime(place, follow_symlinks=False)
    sync_folder(root)
    return True


def bring_back(root: Path, run_id: str) -> bool:
    """Put a run back into the list; says whether it was there to be brought back."""
    place = root / f"{_PREFIX}{run_id}"
    if not os.path.lexists(place) or os.path.lexists(root / run_id):
        return False
    place.rename(root / run_id)
    sync_folder(root)
    return True


def content(root: Path) -> list[tuple[str, Path]]:
    """Ids and folders of what can be brought back, the last thrown away first."""
    found = []
    for place, run_id, age in _places(root):
        if age <= KEPT_SECONDS:
            found.append((age, run_id, place))
    return [(run_id, place) for _, run_id, place in sorted(found)]


def remove_old(root: Path) -> None:
    """Remove for good what has waited long enough."""
    for place, _, age in _places(root):
        if age > KEPT_SECONDS:
            _remove(place)


def _remove(place: Path) -> None:
    """Remove a folder with what is in it, and anything else by its name alone."""
    if kind_at(place) == "a folder":
        shutil.rmtree(place, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            place.unlink()


def _places(root: Path) -> list[tuple[Path, str, float]]:
    found = []
    try:
        for place in root.glob(f"{_PREFIX}*"):
            run_id = place.name.removeprefix(_PREFIX)
            if is_run_id(run_id):
                # A clock that was set back must not keep a run for ever, nor end it at once.
                found.append((place, run_id, abs(time.time() - place.lstat().st_mtime)))
    except OSError:
        return found
    return found
