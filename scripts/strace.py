"""Print the path of an strace that runs: one that is here, else one that can be fetched."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from chromium import print_status, succeeds
from settings import STRACE

FOLDER = Path(__file__).resolve().parents[1] / ".venv" / "strace"
PACKAGES = ("strace", "libunwind8")
TRY_SECONDS = 30
DOWNLOAD_SECONDS = 300
HOW_TO_INSTALL = (
    "The tests that make system calls fail need strace and none was found or could be fetched. "
    "Install it (on Debian: sudo apt-get install strace), or name one with "
    "FMNIST_STRACE=/path/to/strace."
)
WRAPPER = """#!/bin/sh
LD_LIBRARY_PATH={libraries} exec {program} "$@"
"""


def main() -> None:
    """Print the path of an strace, or end with a sentence that says how to get one."""
    if configured := STRACE.get():
        if not _runs(configured):
            sys.exit("The strace that FMNIST_STRACE names does not run. " + HOW_TO_INSTALL)
        print(configured)
        return
    for locate in (_on_path, _from_environment, _install_from_debian, _unpack_from_debian):
        path = locate()
        if path is not None:
            print(path)
            return
    sys.exit(HOW_TO_INSTALL)


def _runs(path: str) -> bool:
    return succeeds([path, "-o", os.devnull, "-e", "trace=none", "true"], TRY_SECONDS)


def _on_path() -> str | None:
    path = shutil.which("strace")
    return path if path is not None and _runs(path) else None


def _from_environment() -> str | None:
    path = str(FOLDER / "strace")
    return path if _runs(path) else None


def _install_from_debian() -> str | None:
    """Install Debian's package, where this user may."""
    if shutil.which("apt-get") is None:
        return None
    command = ["apt-get", "-qq", "-y", "install", "--no-install-recommends", "strace"]
    if os.geteuid() != 0:
        if shutil.which("sudo") is None:
            return None
        command = ["sudo", "-n", *command]
    print_status("Installing Debian's package of strace (1 MB).")
    return _on_path() if succeeds(command, DOWNLOAD_SECONDS) else None


def _unpack_from_debian() -> str | None:
    """Unpack Debian's package into the environment: nothing is installed, no root needed."""
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        return None
    print_status("Fetching Debian's package of strace (1 MB).")
    with tempfile.TemporaryDirectory() as name:
        downloads = Path(name)
        if not succeeds(["apt-get", "-qq", "download", *PACKAGES], DOWNLOAD_SECONDS, downloads):
            return None
        for package in downloads.glob("*.deb"):
            if not succeeds(["dpkg-deb", "-x", str(package), str(FOLDER)], TRY_SECONDS):
                return None
    program = FOLDER / "usr" / "bin" / "strace"
    libraries = ":".join(str(path) for path in FOLDER.glob("usr/lib/*") if path.is_dir())
    wrapper = FOLDER / "strace"
    wrapper.write_text(WRAPPER.format(libraries=libraries, program=program))
    wrapper.chmod(0o755)
    return _from_environment()


if __name__ == "__main__":
    main()
