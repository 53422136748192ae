"""Writing a run folder: a new one appears whole, and what cannot be written is said."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from fmnist_core.files import sync_folder, write_content, write_json
from fmnist_core.runs.model import RUN_FILE, USER_FILE, RunRecord, RunsUnwritable, UserRecord


@contextmanager
def told_if_unwritable() -> Iterator[None]:
    """Let what the system refuses be a ``RunsUnwritable``, which says why in a sentence."""
    try:
        yield
    except OSError as error:
        raise unwritable(error) from error


def unwritable(error: OSError) -> RunsUnwritable:
    """The sentence for a file that could not be written."""
    if error.errno == errno.ENOSPC:
        return RunsUnwritable("The disk is full: make room, then try again. Nothing was lost.")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return RunsUnwritable(
            "The folder for runs cannot be written, so nothing can be trained here. Browsing and "
            "comparing still work. Set FMNIST_RUNS_DIR to a folder that can be written."
        )
    return RunsUnwritable(f"The run could not be written: {os.strerror(error.errno or 0)}.")


def make_folder(
    hidden: Path,
    folder: Path,
    record: RunRecord,
    user: UserRecord,
    files: Mapping[str, bytes] | None = None,
) -> bool:
    """Write a new run folder out of sight, then give it its name.

    Args:
        hidden: beside the folder, under a name that nobody else takes.
        folder: of the run.
        record: its description, which is written last.
        user: what visitors said of it.
        files: what else is in it, by name.

    Returns:
        False where the run was there already; then it was left as it is.

    Raises:
        RunsUnwritable: the folder is read-only or the disk is full.
    """
    try:
        hidden.mkdir(parents=True)
        for name, content in (files or {}).items():
            (hidden / name).parent.mkdir(exist_ok=True)
            write_content(hidden / name, content)
        write_json(hidden / USER_FILE, user.model_dump(mode="json"))
        write_json(hidden / RUN_FILE, record.model_dump(mode="json"))
        hidden.rename(folder)
        sync_folder(folder.parent)
    except OSError as error:
        shutil.rmtree(hidden, ignore_errors=True)
        if not os.path.lexists(folder):
            raise unwritable(error) from error
        return False
    return True
