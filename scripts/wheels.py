"""The compiled lists of packages and their hashes, and the wheels that are at hand already."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable
from pathlib import Path

from failures import SetupFailed

WHEELS_VARIABLE = "FMNIST_WHEELS"

_PINNED = re.compile(r"([\w.-]+)==([^\s;\\]+)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def requirements(lists: Iterable[Path]) -> dict[tuple[str, str], str]:
    """What the lists say of each package, as lines for a list of its own.

    Args:
        lists: compiled lists of requirements; one that is not there holds nothing.

    Returns:
        By normalised name and version.
    """
    found = {}
    for path in lists:
        text = path.read_text() if path.exists() else ""
        for entry in re.sub(r"\\\n", " ", text).splitlines():
            if pinned := _PINNED.match(entry):
                found[normalised(pinned[1]), pinned[2]] = entry
    return found


def normalised(name: str) -> str:
    """A package's name as the lists write it: ``ml-dtypes`` for ``ml_dtypes``."""
    return re.sub(r"[-_.]+", "-", name).lower()


def kept_wheels(folder: Path, lists: Iterable[Path]) -> list[str]:
    """Addresses, with their hashes, of the wheels in a folder that the lists name.

    pip takes no file without a hash; one that the lists do not know is removed.
    """
    known = {digest for path in lists for digest in _HASH.findall(path.read_text())}
    addresses = []
    for wheel in sorted(folder.glob("*.whl")):
        with wheel.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        if digest in known:
            addresses.append(f"{wheel.as_uri()}#sha256={digest}")
        else:
            wheel.unlink()
    return addresses


def folder_of_wheels() -> Path | None:
    """The folder that is used instead of a package index; None where none is named.

    Raises:
        SetupFailed: what is named is no folder.
    """
    named = os.environ.get(WHEELS_VARIABLE, "").strip()
    if not named:
        return None
    folder = Path(os.path.expanduser(named)).absolute()  # noqa: PTH111
    if not folder.is_dir():
        raise SetupFailed(
            f"{WHEELS_VARIABLE} names {named}, which is no folder. Name the folder that holds the "
            "wheels, or leave it out: then they are downloaded."
        )
    return folder
