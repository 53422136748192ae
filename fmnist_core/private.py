"""Private folders and files of this user (mode 0700 and 0600): keys, and what runs as code."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import platformdirs

from fmnist_core.config import RUNTIME_DIR
from fmnist_core.errors import FmnistError
from fmnist_core.locks import locked

NAME = "fashion-mnist-atelier"
_LARGEST_SECRET = 2**20


class NotPrivate(FmnistError):
    """There is no folder that this user alone can write, so no secret can be kept."""

    def __init__(self) -> None:
        super().__init__(
            "A folder that only you can write is needed, and none could be made: neither in your "
            "home folder, nor in XDG_RUNTIME_DIR, nor among the temporary files, where a folder of "
            "the same name may belong to somebody else. Set HOME or TMPDIR to a folder of yours."
        )


def data_folder() -> Path:
    """The folder for secrets, made where it is missing: this user's, with nobody else let in.

    It lies in the user's data folder, or without a home among the runtime or temporary files.

    Raises:
        NotPrivate: there is none.
    """
    own = _own_folder(platformdirs.user_data_path)
    home_folders = [] if own is None else [own]
    return _first_private([*home_folders, *_runtime_folders(), _temporary_folder()])


def scratch_folder() -> Path:
    """The folder for what need not be kept, likewise made and guarded; on a disk that is quick.

    Raises:
        NotPrivate: there is none.
    """
    return _first_private([_temporary_folder(), *_runtime_folders()])


def cache_folder() -> Path:
    """The cache folder, for large files that can be made again.

    Returns:
        A folder that may not be there yet; a relative path where this user has none.
    """
    own = _own_folder(platformdirs.user_cache_path)
    if own is not None:
        return own
    with contextlib.suppress(NotPrivate):
        return scratch_folder()
    return Path(NAME)


def make_private(folder: Path) -> None:
    """Make a folder that only this user can enter, or see that it is one.

    Raises:
        OSError: it cannot be made.
        NotPrivate: it is no folder, somebody else's, or others can write into it.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    status = folder.lstat()
    ours = stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid()
    if not ours or status.st_mode & 0o022:
        raise NotPrivate
    if status.st_mode & 0o077:
        folder.chmod(0o700)


def read_or_create(file: Path, make: Callable[[], bytes]) -> bytes:
    """Read a secret file, or create it first; of two processes that create it at once, one wins.

    Args:
        file: made with its folder where it is missing, readable by this user alone.
        make: what it shall hold.

    Raises:
        OSError: it cannot be read or made.
    """
    for _ in range(2):
        with contextlib.suppress(FileNotFoundError), file.open("rb") as stream:
            return stream.read(_LARGEST_SECRET)
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary = file.with_name(f".{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
        try:
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(make())
                stream.flush()
                os.fsync(stream.fileno())
            _rename_unless_exists(temporary, file)
        finally:
            temporary.unlink(missing_ok=True)
    raise OSError(f"{file.name} could not be made")


def _own_folder(kind: Callable[..., Path]) -> Path | None:
    """The user's folder of a kind; ``None`` without a home."""
    try:
        return kind(NAME, appauthor=False)
    except RuntimeError:
        return None


def _rename_unless_exists(temporary: Path, file: Path) -> None:
    # Unlike a rename, a link never replaces what another process made meanwhile.
    try:
        os.link(temporary, file)
    except FileExistsError:
        return
    except OSError:
        # A file system without links.
        with locked(file.with_name(f".{file.name}.lock")):
            if not file.exists():
                temporary.rename(file)


def _runtime_folders() -> Iterator[Path]:
    for folder in (RUNTIME_DIR.get(), Path(f"/run/user/{os.geteuid()}")):
        if folder is not None and folder.is_absolute() and folder.is_dir():
            yield folder / NAME


def _temporary_folder() -> Path:
    return Path(tempfile.gettempdir()) / f"{NAME}-{os.geteuid()}"


def _first_private(folders: list[Path]) -> Path:
    for folder in folders:
        with contextlib.suppress(OSError, NotPrivate):
            make_private(folder)
            return folder
    raise NotPrivate
