"""The Chromium that the browser tests use."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
HOW = (
    "The browser tests need Chromium. `make test` finds or fetches one; else install it (on "
    "Debian: sudo apt-get install chromium), or name one with FMNIST_CHROMIUM=/path/to/chromium."
)
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # Names for the tests alone (RFC 6761): each is this computer.
    "--host-resolver-rules=MAP *.test 127.0.0.1",
)


def chromium_path() -> str:
    """The browser named in the environment, else the first on the path; none fails the test."""
    named = os.environ.get("FMNIST_CHROMIUM")
    if named:
        if not Path(named).is_file():
            pytest.fail(f"FMNIST_CHROMIUM names no file. {HOW}", pytrace=False)
        return named
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.fail(HOW, pytrace=False)
    return found


def chromium_arguments() -> list[str]:
    """What it is started with: nothing asks the network, and root needs no sandbox."""
    return [*QUIET, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
