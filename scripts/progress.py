"""Tells how far an installation is: a line that changes on a terminal, else one every 10 s."""

from __future__ import annotations

import contextlib
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

SAY_EVERY_SECONDS = 10
MEGABYTE = 10**6

_FETCHES = re.compile(
    r"\s*(Downloading|Using cached) (\S+\.(?:whl|tar\.gz|zip)) \(([\d.]+) (\w+)\)"
)
# Said only when a file has arrived that was being fetched; complaints about it come before.
_GOES_ON = re.compile(
    r"\s*(Collecting|Downloading|Using cached|Processing|Obtaining|Requirement|Installing)\b"
)
_INSTALLS = re.compile(r"Installing collected packages: (.+)")
_UNITS = {"bytes": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9}


class Line:
    """One line that says where things stand.

    Args:
        out: on a terminal the line changes in place; elsewhere it is written at most every
            ``SAY_EVERY_SECONDS``, and only where it says something new.
    """

    def __init__(self, out: TextIO = sys.stdout) -> None:
        self._out = out
        self._changes = out.isatty()
        self._said = ""
        self._said_at = time.monotonic()

    def say(self, words: str) -> None:
        """Say it now, or later, or in place of what was said before."""
        if words == self._said or not words:
            return
        if self._changes:
            width = shutil.get_terminal_size().columns - 1
            self._out.write("\r" + words[:width].ljust(min(width, len(self._said))))
        elif time.monotonic() - self._said_at < SAY_EVERY_SECONDS:
            return
        else:
            self._out.write(words + "\n")
        self._out.flush()
        self._said, self._said_at = words, time.monotonic()

    def end(self) -> None:
        """What is written next stands on a line of its own."""
        if self._changes and self._said:
            self._out.write("\n")
            self._out.flush()
        self._said = ""


class Progress:
    """How far pip is, from what it says and from the files that grow meanwhile.

    pip's own bar shows nothing where its output is read by a program.

    Args:
        expected: bytes that will be downloaded in all, about.
        downloads: the folder in which pip makes its temporary folders.
        packages: ``site-packages``, where one package after the other appears.
        kept: a folder for the wheels that have arrived; those of an earlier time lie there.
        before_unpacking: called when all has arrived and pip begins to change ``packages``.
    """

    def __init__(
        self,
        expected: int,
        downloads: Path,
        packages: Path,
        kept: Path | None = None,
        before_unpacking: Callable[[], None] = lambda: None,
    ) -> None:
        self._expected = expected
        self._downloads = downloads
        self._packages = packages
        self._kept = kept
        self._before_unpacking = before_unpacking
        self._started = time.monotonic()
        self._file, self._size, self._cached = "", 0, False
        self._before = sum(path.stat().st_size for path in kept.iterdir()) if kept else 0
        self._to_install: list[str] = []

    def hear(self, line: str) -> None:
        """Take in a line of pip's."""
        if _GOES_ON.match(line):
            self._keep()
        if found := _FETCHES.match(line):
            self._before += self._size
            self._cached = found[1] == "Using cached"
            # Where pip's index says little, pip says the whole address.
            self._file = found[2].rpartition("/")[2]
            self._size = int(float(found[3]) * _UNITS.get(found[4], 1))
        elif found := _INSTALLS.match(line):
            self._before, self._size = self._before + self._size, 0
            self._to_install = found[1].split(", ")
            self._before_unpacking()

    def words(self) -> str:
        """Where it stands, in a line; nothing where nothing is known yet."""
        if self._to_install:
            done = min(self._unpacked(), len(self._to_install) - 1)
            what = f"{self._to_install[done]}, {done + 1} of {len(self._to_install)} packages"
            return f"Unpacking {what}, {self._seconds()}"
        if not self._file:
            return ""
        here = self._size if self._cached else min(self._arrived(), self._size)
        name = self._file.split("-")[0]
        total = max(self._expected, self._before + self._size)
        return (
            f"Downloading {name}, {_of(here, self._size)}; in all "
            f"{_of(self._before + here, total, about=True)}, {self._seconds()}"
        )

    def _keep(self) -> None:
        """Keep the file that has arrived."""
        if self._kept is None or not self._file.endswith(".whl"):
            return
        for path in self._downloads.glob(f"pip-*/{self._file}"):
            with contextlib.suppress(OSError):
                (self._kept / self._file).hardlink_to(path)

    def _seconds(self) -> str:
        return f"{time.monotonic() - self._started:.0f} s"

    def _arrived(self) -> int:
        return max((size for size in self._sizes()), default=self._size)

    def _sizes(self) -> Iterator[int]:
        # Where it is gone again, it is whole.
        for path in self._downloads.glob(f"pip-*/{self._file}"):
            try:
                yield path.stat().st_size
            except OSError:
                continue

    def _unpacked(self) -> int:
        """How many of the packages are there: the last thing of each is who installed it."""
        here = {
            _plain(path.parent.name.partition("-")[0])
            for path in self._packages.glob("*.dist-info/INSTALLER")
        }
        return sum(_plain(name) in here for name in self._to_install)


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "_", name).lower()


def _of(done: int, size: int, *, about: bool = False) -> str:
    """``"312 of 621 MB"``; below 10 MB with a decimal."""
    digits = 1 if size < 10 * MEGABYTE else 0
    word = "about " if about else ""
    return f"{done / MEGABYTE:.{digits}f} of {word}{size / MEGABYTE:,.{digits}f} MB"
