"""Locks between processes, also on a file system that knows none.

Where ``flock`` is refused (NFS without its lock service, some FUSE), a file that is made
exclusively takes its place: it is touched as long as its maker lives, and counts for nothing once
it is not.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import secrets
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from fmnist_core import timeouts

_Stamp = tuple[int, int]


@contextlib.contextmanager
def locked(file: Path) -> Iterator[None]:
    """Hold the lock of a file, as a context manager; other processes wait for it.

    Args:
        file: made where it is missing; what is in it is left as it is.

    Raises:
        OSError: it can be neither opened nor made, is a link or a pipe, or is not let go of.
    """
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with os.fdopen(os.open(file, flags, 0o666), "ab") as stream:
        lock = None if _flock(stream) else _wait_for(file.with_name(f"{file.name}.held"))
        try:
            yield
        finally:
            if lock is not None:
                lock.release()


def _flock(stream: IO[bytes]) -> bool:
    """Lock a file as soon as nobody else does; returns whether this file system knows locks.

    Raises:
        OSError: somebody does not let go of it. Whoever may read a file can lock it.
    """
    deadline = time.monotonic() + timeouts.LOCK_PATIENCE_SECONDS
    while True:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() > deadline:
                raise OSError(errno.EAGAIN, "another program does not let go of it") from error
            time.sleep(timeouts.LOCK_POLL_SECONDS)
        except OSError:
            return False
        else:
            return True


class LockFile:
    """A lock file: only one process can make it, and it is touched until it is released.

    Args:
        file: in a folder that exists.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._inode = 0
        self._released = threading.Event()

    def take(self) -> bool:
        """Make the file; returns whether nobody else had made it.

        Raises:
            OSError: the folder cannot be written.
        """
        try:
            descriptor = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        except FileExistsError:
            return False
        self._inode = os.fstat(descriptor).st_ino
        os.close(descriptor)
        threading.Thread(target=self._beat, name="held", daemon=True).start()
        return True

    def release(self) -> None:
        """Remove the file, unless it is another's by now."""
        self._released.set()
        with contextlib.suppress(OSError):
            if self._file.stat().st_ino == self._inode:
                self._file.unlink()

    def _beat(self) -> None:
        while not self._released.wait(timeouts.LOCK_BEAT_SECONDS):
            with contextlib.suppress(OSError):
                os.utime(self._file)


class LockWatch:
    """Tells lock files whose maker is dead: for a while they are seen not to change.

    The clock of the file system is never compared with ours: they may belong to two machines.
    """

    def __init__(self) -> None:
        self._seen: dict[Path, tuple[_Stamp, float]] = {}

    def dead(self, file: Path) -> bool | None:
        """Whether the maker of a lock file is dead; ``None`` where there is no such file."""
        stamp = _stamp(file)
        if stamp is None:
            self._seen.pop(file, None)
            return None
        now = time.monotonic()
        last_stamp, since = self._seen.get(file, (None, now))
        if last_stamp != stamp:
            self._seen[file] = (stamp, now)
            return False
        return now - since > timeouts.LOCK_DEAD_SECONDS

    def remove(self, file: Path) -> None:
        """Remove the lock file of a dead maker; one that another has made meanwhile stays."""
        seen = self._seen.pop(file, None)
        aside = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
        with contextlib.suppress(OSError):
            file.rename(aside)
            if seen is not None and _stamp(aside) != seen[0]:
                with contextlib.suppress(FileExistsError):
                    os.link(aside, file)
            aside.unlink()


def _wait_for(file: Path) -> LockFile:
    lock, watch = LockFile(file), LockWatch()
    while not lock.take():
        if watch.dead(file):
            watch.remove(file)
        else:
            time.sleep(timeouts.LOCK_POLL_SECONDS)
    return lock


def _stamp(file: Path) -> _Stamp | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ino
