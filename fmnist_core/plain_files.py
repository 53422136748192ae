"""Opening files of the runs folder, where others may have put anything under any name.

A file is opened only if it is a regular one, of a size that makes sense, and reached without a
link. What is checked is the open descriptor, so that nothing can be exchanged between the check and
the use; and opening never waits, as it would for a pipe.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

MEBIBYTE = 2**20
LARGEST_TEXT = MEBIBYTE
_CHUNK_BYTES = 8 * MEBIBYTE
_KINDS = {
    stat.S_IFLNK: "a link",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFDIR: "a folder",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFREG: "a file",
}
_NEVER_FOLLOW = os.O_NOFOLLOW | os.O_CLOEXEC


class NotPlain(OSError):
    """Under a name lies something else than a regular file of a sane size; says what.

    Example: ``"a pipe"``, ``"larger than 1 MB"``
    """


def kind_of(mode: int) -> str:
    """What something in a folder is, from its mode: ``"a link"``, ``"a pipe"``, ``"a file"``."""
    return _KINDS.get(stat.S_IFMT(mode), "something unknown")


def kind_at(path: Path | str) -> str | None:
    """What lies under a name, not following a link; ``None`` where nothing does."""
    try:
        return kind_of(os.lstat(path).st_mode)
    except OSError:
        return None


def open_folder(path: Path, depth: int = 0) -> int:
    """A descriptor of a folder that is no link, nor are so many folders above it.

    Raises:
        NotPlain: it is a link or no folder.
        OSError: it is missing or cannot be read.
    """
    depth = min(depth, len(path.parents))
    base = path.parents[depth - 1] if depth else path
    descriptor = _enter(os.fspath(base), None)
    for name in path.parts[len(path.parts) - depth :]:
        parent = descriptor
        try:
            descriptor = _enter(name, parent)
        finally:
            os.close(parent)
    return descriptor


def _enter(name: str, parent: int | None) -> int:
    try:
        return os.open(name, os.O_RDONLY | os.O_DIRECTORY | _NEVER_FOLLOW, dir_fd=parent)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR):
            raise NotPlain(f"in what is {_kind(name, parent)} and no folder") from error
        raise


def open_plain(path: Path, flags: int = os.O_RDONLY, depth: int = 1) -> int:
    """A descriptor of a regular file.

    Args:
        path: the file.
        flags: of ``os.open``.
        depth: how many folders above the file may not be links either.

    Raises:
        NotPlain: it is something else, or a link lies on the way.
        OSError: it is missing or cannot be opened.
    """
    folder = open_folder(path.parent, depth - 1) if depth else os.open(path.parent, os.O_RDONLY)
    try:
        descriptor = os.open(path.name, flags | os.O_NONBLOCK | _NEVER_FOLLOW, 0o666, dir_fd=folder)
    except OSError as error:
        # A link, and a socket or a pipe that nobody reads.
        if error.errno in (errno.ELOOP, errno.ENXIO, errno.EISDIR):
            raise NotPlain(_kind(path.name, folder)) from error
        raise
    finally:
        os.close(folder)
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        raise NotPlain(kind_of(mode))
    return descriptor


def read_plain(path: Path, limit: int = LARGEST_TEXT, depth: int = 1) -> bytes:
    """The content of a regular file of at most so many bytes; see ``open_plain``.

    Raises:
        NotPlain: it is something else, or larger.
        OSError: it is missing or cannot be read.
    """
    descriptor = open_plain(path, depth=depth)
    try:
        # A file may promise less than it gives, or grow meanwhile.
        if os.fstat(descriptor).st_size <= limit:
            content = _read(descriptor, limit + 1)
            if len(content) <= limit:
                return content
    finally:
        os.close(descriptor)
    raise NotPlain(f"larger than {limit / MEBIBYTE:.4g} MB")


def _read(descriptor: int, limit: int) -> bytes:
    parts = []
    while limit > 0 and (part := os.read(descriptor, min(limit, _CHUNK_BYTES))):
        parts.append(part)
        limit -= len(part)
    return b"".join(parts)


def _kind(name: str, folder: int | None) -> str:
    return kind_of(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
