"""Why an installation failed: pip's output explained in one sentence."""

from __future__ import annotations

import re
from pathlib import Path

DISK_FULL = (
    "The disk is full: the packages need about 4 GB. Make room and run the same command again."
)
NO_NETWORK = (
    "The packages could not be downloaded: the package index cannot be reached or holds none of "
    "them. Check the internet connection (and pip's settings) and run the same command again; "
    "what has arrived is kept."
)
LISTS_CHANGED = (
    "requirements.txt or a list beside it was changed by hand: it lacks a package, a version or a "
    "hash. Take the lists as the project holds them (`git checkout 'requirements*.txt'`), or have "
    "them written anew by `make lock`."
)

_CONNECTION_WORDS = re.compile(
    r"NewConnectionError|ConnectTimeout|ReadTimeout|Failed to establish|name resolution"
    r"|Network is unreachable|ProxyError|SSLError|connection broken|Connection refused"
    r"|from versions: none",
    re.IGNORECASE,
)
_HASH_MISMATCH = re.compile(
    r"DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.*?\n\s+(\S+) from ", re.DOTALL
)
_NO_WHEEL = re.compile(r"No matching distribution found for ([^\s;]+)")
_ADDRESS = re.compile(r"\b(?:https?|file)://\S+")


class SetupFailed(Exception):
    """The installation cannot go on; the message is one line for the person at the terminal."""


def explain(output: str, wheels: Path | None) -> str:
    """Explain in one sentence why pip failed.

    Args:
        output: all that pip wrote.
        wheels: the folder that it took packages from; None for a package index.
    """
    if "No space left" in output or "Errno 28" in output or "Disk quota" in output:
        return DISK_FULL
    if match := _HASH_MISMATCH.search(output):
        return _hash_mismatch(match[1], wheels)
    if wheels is not None and (match := _NO_WHEEL.search(output)):
        return (
            f"The folder {wheels}, which FMNIST_WHEELS names, holds no wheel of {match[1]} for "
            "this computer and this version of Python. Put it there, or leave FMNIST_WHEELS out: "
            "then it is downloaded."
        )
    if _CONNECTION_WORDS.search(output):
        return NO_NETWORK
    if "In --require-hashes mode" in output or "in --require-hashes mode" in output:
        return LISTS_CHANGED
    lines = [line for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR:")] or lines[-1:] or ["no reason"]
    message = _ADDRESS.sub("the package index", errors[-1].removeprefix("ERROR: "))
    return f"The packages could not be installed: {message}"


def _hash_mismatch(package: str, wheels: Path | None) -> str:
    if wheels is None:
        source = "the package index sends"
        remedy = "Check pip's settings, which may name another index than the public one."
    else:
        source = f"the folder {wheels}, which FMNIST_WHEELS names, holds"
        remedy = "Put the published wheel in its place."
    return (
        f"What {source} as {package} is another file than the published one: its hash is not in "
        f"the project's lists, so it was not installed. {remedy}"
    )
