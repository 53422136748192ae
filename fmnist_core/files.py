"""Atomic writes: files that appear whole or not at all; JSON and arrays."""

from __future__ import annotations

import hashlib
import io
import json
import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.npz import unpack
from fmnist_core.plain_files import LARGEST_TEXT, MEBIBYTE, open_folder, read_plain

# The largest are results of tasks: 60,000 images as 512 numbers each.
_LARGEST_ARRAYS = 256 * MEBIBYTE


def write_whole(
    path: Path, write: Callable[[IO[bytes]], object], depth: int = 1, *, durable: bool = True
) -> None:
    """Write a file atomically: under a temporary name first, which then replaces its own.

    After a crash or a full disk the old file is there untouched, or the new one complete. A link
    under its name is replaced, not followed.

    Args:
        path: the file to write or replace.
        write: is given the open temporary file.
        depth: how many folders above the file may not be links.
        durable: it must survive a power cut.

    Raises:
        OSError: the disk is full or cannot be written; the temporary file is removed.
    """
    # Nobody can have put a link under a name that nobody can guess.
    temporary = f".{path.name}.{secrets.token_hex(8)}.tmp"
    folder = open_folder(path.parent, depth - 1)
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with os.fdopen(os.open(temporary, flags, 0o666, dir_fd=folder), "wb") as file:
            write(file)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        os.replace(temporary, path.name, src_dir_fd=folder, dst_dir_fd=folder)
        if durable:
            os.fsync(folder)
    except BaseException:
        _remove(temporary, folder)
        raise
    finally:
        os.close(folder)


def write_content(path: Path, content: bytes, depth: int = 1, *, durable: bool = True) -> None:
    """Write a file of this content, atomically; see ``write_whole``."""
    write_whole(path, lambda file: file.write(content), depth, durable=durable)


def _remove(name: str, folder: int) -> None:
    try:
        os.unlink(name, dir_fd=folder)
    except FileNotFoundError:
        return


def move_whole(temporary: Path, path: Path) -> None:
    """Move a finished temporary file to its path in the same folder, safe against a power cut."""
    with temporary.open("rb") as file:
        os.fsync(file.fileno())
    temporary.replace(path)
    sync_folder(path.parent)


def write_json(path: Path, value: Any) -> None:
    """Write a value as indented JSON, atomically."""
    text = json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False)
    write_content(path, text.encode())


def read_json(path: Path) -> Any:
    """The decoded file, or ``None`` where it is missing, no plain file, or makes no sense."""
    try:
        return json.loads(read_plain(path, LARGEST_TEXT))
    except (OSError, ValueError, RecursionError):
        return None


def packed(arrays: Mapping[str, NDArray[Any]], *, compress: bool = True) -> bytes:
    """Named arrays as the content of a ``.npz`` file; weights and logits hardly shrink."""
    buffer = io.BytesIO()
    save = np.savez_compressed if compress else np.savez
    save(buffer, allow_pickle=False, **dict(arrays))
    return buffer.getvalue()


def write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write named arrays to a ``.npz`` file, atomically."""
    write_content(path, packed(arrays))


def read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Read the named arrays of a file that ``write_arrays`` wrote.

    Raises:
        OSError: the file is missing, no plain file, or cannot be read.
        ValueError: it is no such file.
    """
    return unpack(read_plain(path, _LARGEST_ARRAYS), limit=_LARGEST_ARRAYS)


def sha256(content: bytes) -> str:
    """The SHA-256 of a file's content, in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def sync_folder(folder: Path) -> None:
    """Make a rename inside a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
