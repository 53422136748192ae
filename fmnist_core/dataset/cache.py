"""The dataset cache: four `.npy` files in the user's cache folder, memory-mapped."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import tempfile
import time
from pathlib import Path

import numpy as np

from fmnist_core import timeouts
from fmnist_core.dataset.content import FILES, Arrays, Bytes, IdxFile, SourceFailed


def read(folder: Path) -> Arrays:
    """Memory-map and verify the four arrays.

    Returns:
        The array of each file, uint8, read-only, backed by the files.

    Raises:
        SourceFailed: a file is missing, unreadable, or its values are not the published ones.
    """
    if not any((folder / f"{file.name}.npy").exists() for file in FILES):
        raise SourceFailed("nothing has been saved yet")
    return {file: _map(folder / f"{file.name}.npy", file) for file in FILES}


def is_complete(folder: Path) -> bool:
    """Whether all four files are there."""
    return all((folder / f"{file.name}.npy").is_file() for file in FILES)


def write(folder: Path, arrays: Arrays) -> None:
    """Save the four arrays; each file appears whole or not at all.

    Raises:
        OSError: the folder cannot be written.
    """
    if not folder.is_absolute():
        raise OSError(errno.ENOENT, "this user has no folder of their own")
    folder.mkdir(parents=True, exist_ok=True)
    _sweep(folder)
    for file in FILES:
        _write_one(folder, file, arrays[file])
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _npy_header(file: IdxFile) -> bytes:
    stream = io.BytesIO()
    description = {"descr": "|u1", "fortran_order": False, "shape": file.shape}
    np.lib.format.write_array_header_1_0(stream, description)
    return stream.getvalue()


def _map(path: Path, file: IdxFile) -> Bytes:
    # The header is compared and not parsed: only one header is right.
    header = _npy_header(file)
    try:
        with path.open("rb") as stream:
            intact = stream.read(len(header)) == header
            size = stream.seek(0, os.SEEK_END)
            if not intact or size != len(header) + int(np.prod(file.shape)):
                raise SourceFailed(f"{file.name} is damaged", damaged=True)
            mapped = np.memmap(
                stream, dtype=np.uint8, mode="r", offset=len(header), shape=file.shape
            )
    except FileNotFoundError:
        raise SourceFailed(f"{file.name} is missing") from None
    except OSError:
        raise SourceFailed(f"{file.name} cannot be read", damaged=True) from None
    if not file.matches(mapped):
        raise SourceFailed(f"{file.name} is damaged", damaged=True)
    return mapped.view(np.ndarray)


def _write_one(folder: Path, file: IdxFile, array: Bytes) -> None:
    descriptor, name = tempfile.mkstemp(prefix=f".{file.name}-", suffix=".tmp", dir=folder)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(_npy_header(file))
            stream.write(np.ascontiguousarray(array).data)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(folder / f"{file.name}.npy")
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _sweep(folder: Path) -> None:
    for path in folder.glob(".*.tmp"):
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > timeouts.ABANDONED_SECONDS:
                path.unlink()
