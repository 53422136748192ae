"""Damaged packages: installed ones that lack a file, or have one of another size."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import NamedTuple


class DamagedPackage(NamedTuple):
    """A package to be installed anew; ``file`` is its first missing or changed file."""

    name: str
    version: str
    file: str

    @property
    def pinned(self) -> str:
        """The requirement for pip, such as ``numpy==2.4.6``."""
        return f"{self.name}=={self.version}"


def site_packages(environment: Path) -> Path:
    """The folder ``site-packages`` of an environment, which has one Python."""
    return next(iter(environment.glob("lib/python3*/site-packages")), environment)


def installed_packages(packages: Path) -> list[str]:
    """Names of the ``dist-info`` folders of installed packages, as ``numpy-2.4.6.dist-info``."""
    return sorted(path.name for path in packages.glob("*.dist-info"))


def damaged_packages(packages: Path, expected: list[str]) -> list[DamagedPackage]:
    """Find damaged packages: compare files on the disk with pip's RECORD, by name and size.

    Contents are not read: a start that does would take seconds.

    Args:
        packages: the folder ``site-packages``.
        expected: what ``installed_packages`` returned after the installation.
    """
    present = installed_packages(packages)
    names = {_name_and_version(folder)[0] for folder in present}
    missing = [folder for folder in expected if _name_and_version(folder)[0] not in names]
    damages = [DamagedPackage(*_name_and_version(folder), folder) for folder in missing]
    for folder in present:
        if (file := _first_damaged_file(packages, folder)) is not None:
            damages.append(DamagedPackage(*_name_and_version(folder), file))
    return damages


def _name_and_version(folder: str) -> tuple[str, str]:
    name, _, version = folder.removesuffix(".dist-info").rpartition("-")
    return name, version


def _first_damaged_file(packages: Path, folder: str) -> str | None:
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
