"""Progress of an installation: a line that changes on a terminal, else one every 10 s."""

from __future__ import annotations

import contextlib
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

UPDATE_SECONDS = 10
MEGABYTE = 10**6

_DOWNLOAD_LINE = re.compile(
    r"\s*(Downloading|Using cached) (\S+\.(?:whl|tar\.gz|zip)) \(([\d.]+) (\w+)\)"
)
# pip prints these only when the file before has arrived; complaints about it come before.
_NEXT_STEP_LINE = re.compile(
    r"\s*(Collecting|Downloading|Using cached|Processing|Obtaining|Requirement|Installing)\b"
)
_INSTALL_LINE = re.compile(r"Installing collected packages: (.+)")
_UNITS = {"bytes": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9}


class StatusLine:
    """A status line.

    Args:
        out: on a terminal the line changes in place; elsewhere it is written at most every
            ``UPDATE_SECONDS``, and only where it has changed.
    """

    def __init__(self, out: TextIO = sys.stdout) -> None:
        self._out = out
        self._is_terminal = out.isatty()
        self._last_text = ""
        self._last_time = time.monotonic()

    def update(self, text: str) -> None:
        """Show a text now, or in place of the last one; elsewhere only every some seconds."""
        if text == self._last_text or not text:
            return
        if self._is_terminal:
            width = shutil.get_terminal_size().columns - 1
            self._out.write("\r" + text[:width].ljust(min(width, len(self._last_text))))
        elif time.monotonic() - self._last_time < UPDATE_SECONDS:
            return
        else:
            self._out.write(text + "\n")
        self._out.flush()
        self._last_text, self._last_time = text, time.monotonic()

    def end(self) -> None:
        """End the line, so that what is written next stands on one of its own."""
        if self._is_terminal and self._last_text:
            self._out.write("\n")
            self._out.flush()
        self._last_text = ""


class Progress:
    """Progress of pip, from its output and from the files that grow meanwhile.

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
        self._arrived_before = sum(path.stat().st_size for path in kept.iterdir()) if kept else 0
        self._to_install: list[str] = []

    def read_line(self, line: str) -> None:
        """Read a line of pip's output."""
        if _NEXT_STEP_LINE.match(line):
            self._keep_arrived_file()
        if match := _DOWNLOAD_LINE.match(line):
            self._arrived_before += self._size
            self._cached = match[1] == "Using cached"
            # Where pip's index says little, pip says the whole address.
            self._file = match[2].rpartition("/")[2]
            self._size = int(float(match[3]) * _UNITS.get(match[4], 1))
        elif match := _INSTALL_LINE.match(line):
            self._arrived_before, self._size = self._arrived_before + self._size, 0
            self._to_install = match[1].split(", ")
            self._before_unpacking()

    def status(self) -> str:
        """The progress as text; empty where nothing is known yet."""
        if self._to_install:
            unpacked = min(self._unpacked(), len(self._to_install) - 1)
            package, count = self._to_install[unpacked], len(self._to_install)
            return f"Unpacking {package}, {unpacked + 1} of {count} packages, {self._seconds()}"
        if not self._file:
            return ""
        arrived = self._size if self._cached else min(self._arrived(), self._size)
        name = self._file.split("-")[0]
        total = max(self._expected, self._arrived_before + self._size)
        return (
            f"Downloading {name}, {_amount(arrived, self._size)}; in all "
            f"{_amount(self._arrived_before + arrived, total, about=True)}, {self._seconds()}"
        )

    def _keep_arrived_file(self) -> None:
        """Keep the file that has arrived."""
        if self._kept is None or not self._file.endswith(".whl"):
            return
        for path in self._downloads.glob(f"pip-*/{self._file}"):
            with contextlib.suppress(OSError):
                (self._kept / self._file).hardlink_to(path)

    def _seconds(self) -> str:
        return f"{time.monotonic() - self._started:.0f} s"

    def _arrived(self) -> int:
        return max((size for size in self._partial_sizes()), default=self._size)

    def _partial_sizes(self) -> Iterator[int]:
        # Where it is gone again, it is whole.
        for path in self._downloads.glob(f"pip-*/{self._file}"):
            try:
                yield path.stat().st_size
            except OSError:
                continue

    def _unpacked(self) -> int:
        """How many of the packages are installed: INSTALLER is the last file of each."""
        installed = {
            _normalised(path.parent.name.partition("-")[0])
            for path in self._packages.glob("*.dist-info/INSTALLER")
        }
        return sum(_normalised(name) in installed for name in self._to_install)


def _normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "_", name).lower()


def _amount(done: int, size: int, *, about: bool = False) -> str:
    """``"312 of 621 MB"``; below 10 MB with a decimal."""
    digits = 1 if size < 10 * MEGABYTE else 0
    word = "about " if about else ""
    return f"{done / MEGABYTE:.{digits}f} of {word}{size / MEGABYTE:,.{digits}f} MB"
