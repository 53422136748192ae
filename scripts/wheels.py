"""The compiled requirements lists with their hashes, and the wheels that are kept."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

_PINNED = re.compile(r"([\w.-]+)==([^\s;\\]+)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def requirements(lists: Iterable[Path]) -> dict[tuple[str, str], str]:
    """The entry of each package in compiled requirements lists, hashes included.

    Args:
        lists: compiled lists of requirements; a missing one holds nothing.

    Returns:
        By normalised name and version.
    """
    entries = {}
    for path in lists:
        text = path.read_text() if path.exists() else ""
        for entry in re.sub(r"\\\n", " ", text).splitlines():
            if pinned := _PINNED.match(entry):
                entries[normalised(pinned[1]), pinned[2]] = entry
    return entries


def normalised(name: str) -> str:
    """A package's name as the lists write it: ``ml-dtypes`` for ``ml_dtypes``."""
    return re.sub(r"[-_.]+", "-", name).lower()


def kept_wheels(folder: Path, lists: Iterable[Path]) -> list[str]:
    """Addresses, with their hashes, of the wheels in a folder that the lists name.

    pip takes no file without a hash; one that the lists do not name is removed.
    """
    listed_digests = {digest for path in lists for digest in _HASH.findall(path.read_text())}
    addresses = []
    for wheel in sorted(folder.glob("*.whl")):
        with wheel.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        if digest in listed_digests:
            addresses.append(f"{wheel.as_uri()}#sha256={digest}")
        else:
            wheel.unlink()
    return addresses
