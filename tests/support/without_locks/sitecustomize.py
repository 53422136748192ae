"""A file system without locks, for every Python that has this folder on its path."""

from __future__ import annotations

import errno
import fcntl


def refuse(*_: object) -> None:
    raise OSError(errno.ENOLCK, "No locks available")


fcntl.flock = refuse
