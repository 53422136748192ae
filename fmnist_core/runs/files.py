"""Files that appear whole or not at all."""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray


def write_whole(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Write a file under a temporary name, then give it its own.

    After a crash or a full disk the old file is there untouched, or the new one complete.

    Args:
        path: the file to write or replace.
        write: is given the open temporary file.

    Raises:
        OSError: the disk is full or cannot be written; the temporary file is removed.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            write(file)
        move_whole(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def move_whole(temporary: Path, path: Path) -> None:
    """Give a finished file its own name, in the same folder, so that it survives a power cut."""
    with temporary.open("rb") as file:
        os.fsync(file.fileno())
    temporary.replace(path)
    sync_folder(path.parent)


def write_json(path: Path, value: Any) -> None:
    """Write JSON that people can read, whole or not at all."""
    text = json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False)
    write_whole(path, lambda file: file.write(text.encode()))


def read_json(path: Path) -> Any:
    """The decoded file, or ``None`` where it is missing or makes no sense."""
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None


def write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write named arrays, whole or not at all."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **dict(arrays))
    write_whole(path, lambda file: file.write(buffer.getbuffer()))


def read_arrays(source: Path | io.BytesIO) -> dict[str, NDArray[Any]]:
    """What ``write_arrays`` wrote.

    Raises:
        OSError: the file is missing or cannot be read.
        ValueError: it is not such a file.
    """
    try:
        with np.load(source, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except (EOFError, KeyError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError("not a file of arrays") from error


def sync_folder(folder: Path) -> None:
    """Make a rename inside a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
