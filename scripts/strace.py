"""Print the path of an strace that runs: one that is here, else one that can be fetched."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from chromium import say, succeeds

FOLDER = Path(__file__).resolve().parents[1] / ".venv" / "strace"
PACKAGES = ("strace", "libunwind8")
ASK_SECONDS = 30
FETCH_SECONDS = 300
HOW = (
    "The tests that make system calls fail need strace and none was found or could be fetched. "
    "Install it (on Debian: sudo apt-get install strace), or name one with "
    "FMNIST_STRACE=/path/to/strace."
)
WRAPPER = """#!/bin/sh
LD_LIBRARY_PATH={libraries} exec {program} "$@"
"""


def main() -> None:
    """Print the path of an strace, or end with a sentence that says how to get one."""
    named = os.environ.get("FMNIST_STRACE")
    if named:
        if not _runs(named):
            sys.exit("The strace that FMNIST_STRACE names does not run. " + HOW)
        print(named)
        return
    for find in (_on_path, _fetched_before, _installed, _unpacked):
        path = find()
        if path is not None:
            print(path)
            return
    sys.exit(HOW)


def _runs(path: str) -> bool:
    return succeeds([path, "-o", os.devnull, "-e", "trace=none", "true"], ASK_SECONDS)


def _on_path() -> str | None:
    path = shutil.which("strace")
    return path if path is not None and _runs(path) else None


def _fetched_before() -> str | None:
    path = str(FOLDER / "strace")
    return path if _runs(path) else None


def _installed() -> str | None:
    """Debian's package, where this user may install."""
    if shutil.which("apt-get") is None:
        return None
    command = ["apt-get", "-qq", "-y", "install", "--no-install-recommends", "strace"]
    if os.geteuid() != 0:
        if shutil.which("sudo") is None:
            return None
        command = ["sudo", "-n", *command]
    say("Installing Debian's package of strace (1 MB).")
    return _on_path() if succeeds(command, FETCH_SECONDS) else None


def _unpacked() -> str | None:
    """Debian's package, unpacked into the environment: nothing is installed, no root needed."""
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        return None
    say("Fetching Debian's package of strace (1 MB).")
    with tempfile.TemporaryDirectory() as name:
        downloads = Path(name)
        if not succeeds(["apt-get", "-qq", "download", *PACKAGES], FETCH_SECONDS, downloads):
            return None
        for package in downloads.glob("*.deb"):
            if not succeeds(["dpkg-deb", "-x", str(package), str(FOLDER)], ASK_SECONDS):
                return None
    program = FOLDER / "usr" / "bin" / "strace"
    libraries = ":".join(str(path) for path in FOLDER.glob("usr/lib/*") if path.is_dir())
    wrapper = FOLDER / "strace"
    wrapper.write_text(WRAPPER.format(libraries=libraries, program=program))
    wrapper.chmod(0o755)
    return _fetched_before()


if __name__ == "__main__":
    main()
