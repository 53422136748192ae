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
    """A browser that runs: found or fetched by the first test that needs one; none fails it."""
    return find("chromium.py")


def chromium_arguments() -> list[str]:
    """What it is started with: nothing asks the network, and root needs no sandbox."""
    return [*QUIET, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
