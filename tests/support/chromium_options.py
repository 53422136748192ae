"""The Chromium that the browser tests use."""

from __future__ import annotations

import os

from found import find

QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # Names for the tests alone (RFC 6761): each is this computer.
    "--host-resolver-rules=MAP *.test 127.0.0.1",
)


def chromium_path() -> str:
    """Path of a Chromium that runs: found or fetched for the first test that needs one."""
    return find("chromium.py")


def chromium_arguments() -> list[str]:
    """Command-line switches of Chromium: nothing asks the network, and root needs no sandbox."""
    return [*QUIET, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
