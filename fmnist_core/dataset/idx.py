"""Parsing IDX files, believing nothing that their bytes do not prove."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from pathlib import Path

import numpy as np

from fmnist_core.dataset.content import FILES, Arrays, Bytes, IdxFile, SourceFailed, reason


def read_folder(folder: Path) -> Arrays:
    """Read and verify the four files in `folder`, each compressed (".gz") or not.

    Returns:
        The array of each file, uint8, read-only.

    Raises:
        SourceFailed: a file is missing, unreadable, or not what was published.
    """
    try:
        names = {entry.name for entry in folder.iterdir()}
    except FileNotFoundError:
        raise SourceFailed("nothing is there") from None
    except OSError as error:
        raise SourceFailed(f"the folder cannot be read ({reason(error)})") from None
    if not any(_present(file, names) for file in FILES):
        raise SourceFailed("the folder holds none of the four files")
    return {file: _read_any(folder, file, names) for file in FILES}


def read_file(path: Path, file: IdxFile) -> Bytes:
    """Read and verify one IDX file, compressed or not.

    Returns:
        uint8 array of shape `file.shape`, read-only.

    Raises:
        SourceFailed: the file is unreadable or not what was published.
    """
    try:
        content = _content(path, file.size + 1)
    except FileNotFoundError:
        raise SourceFailed(f"{file.name} is missing") from None
    except EOFError:
        raise SourceFailed(f"{file.name} is cut short", damaged=True) from None
    except (zlib.error, gzip.BadGzipFile):
        raise SourceFailed(f"{file.name} is damaged and cannot be unpacked", damaged=True) from None
    except OSError as error:
        raise SourceFailed(f"{file.name} cannot be read ({reason(error)})", damaged=True) from None
    return _verify(content, file)


def _content(path: Path, limit: int) -> bytes:
    # One byte more than expected is enough to see that a file is too long; reading on would
    # let a few kilobytes of gzip fill the memory. The first bytes decide and not the name:
    # some servers unpack ".gz" files while they send them.
    with path.open("rb") as stream:
        packed = stream.read(2) == b"\x1f\x8b"
        stream.seek(0)
        if not packed:
            return stream.read(limit)
        with gzip.GzipFile(fileobj=stream) as unpacked:
            return unpacked.read(limit)


def _verify(content: bytes, file: IdxFile) -> Bytes:
    if len(content) < file.size:
        raise SourceFailed(
            f"{file.name} is cut short: {len(content):,} bytes instead of {file.size:,}",
            damaged=True,
        )
    header = file.header
    if content[:4] != header[:4]:
        raise SourceFailed(
            f"{file.name} is not a file of the expected kind (it starts with other bytes)",
            damaged=True,
        )
    if content[: len(header)] != header:
        shape = np.frombuffer(content[4 : len(header)], dtype=">u4")
        raise SourceFailed(
            f"{file.name} says that it holds {' × '.join(f'{axis:,}' for axis in shape)} values "
            f"instead of {' × '.join(f'{axis:,}' for axis in file.shape)}",
            damaged=True,
        )
    if len(content) > file.size:
        raise SourceFailed(f"{file.name} is longer than the published file", damaged=True)
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise SourceFailed(
            f"{file.name} differs from the published file (damaged or forged)", damaged=True
        )
    return np.frombuffer(content, dtype=np.uint8, offset=len(header)).reshape(file.shape)


def _present(file: IdxFile, names: set[str]) -> list[str]:
    return [name for name in (file.name, f"{file.name}.gz") if name in names]


def _read_any(folder: Path, file: IdxFile, names: set[str]) -> Bytes:
    failure = SourceFailed(f"{file.name} is missing")
    for name in _present(file, names):
        try:
            return read_file(folder / name, file)
        except SourceFailed as error:
            failure = error
    raise failure
