"""Which installed packages lack a file, or have one of another size than was installed."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import NamedTuple


class Damaged(NamedTuple):
    """A package that is to be installed anew; ``file`` is the first one that is wrong."""

    name: str
    version: str
    file: str

    @property
    def pinned(self) -> str:
        """As pip wants it."""
        return f"{self.name}=={self.version}"


def folder_of_packages(environment: Path) -> Path:
    """``site-packages`` of an environment, which has one Python."""
    return next(iter(environment.glob("lib/python3*/site-packages")), environment)


def installed(packages: Path) -> list[str]:
    """The names of the folders that say what is installed, such as ``numpy-2.4.6.dist-info``."""
    return sorted(path.name for path in packages.glob("*.dist-info"))


def damaged(packages: Path, expected: list[str]) -> list[Damaged]:
    """Compare what is on the disk with what pip noted at the installation: names and sizes.

    Contents are not read: a start that does would take seconds.

    Args:
        packages: the folder ``site-packages``.
        expected: what ``installed`` said after the installation.
    """
    here = installed(packages)
    names = {_parts(folder)[0] for folder in here}
    gone = [folder for folder in expected if _parts(folder)[0] not in names]
    found = [Damaged(*_parts(folder), folder) for folder in gone]
    for folder in here:
        if (file := _first_wrong(packages, folder)) is not None:
            found.append(Damaged(*_parts(folder), file))
    return found


def _parts(folder: str) -> tuple[str, str]:
    name, _, version = folder.removesuffix(".dist-info").rpartition("-")
    return name, version


def _first_wrong(packages: Path, folder: str) -> str | None:
    try:
        with (packages / folder / "RECORD").open(newline="") as record:
            for file, _, size in csv.reader(record):
                # Compiled files have no size there and are made anew by themselves.
                if size and os.stat(f"{packages}/{file}").st_size != int(size):  # noqa: PTH116
                    return file
    except FileNotFoundError as error:
        return os.path.relpath(error.filename, packages)
    except (OSError, ValueError):
        return f"{folder}/RECORD"
    return None
