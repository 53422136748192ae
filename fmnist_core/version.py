"""The version of this project, as ``pyproject.toml`` says it; read once, when this is imported.

A process that goes on after an update so names the version of the code that it runs.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

UNKNOWN = "unknown"
_PROJECT_FILE = Path(__file__).resolve().parents[1] / "pyproject.toml"
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+!-]{0,63}")


def read_version(file: Path) -> str:
    """The version in a project's description.

    Args:
        file: ``pyproject.toml``, which a copy of the code alone does not have.

    Returns:
        Such as ``"0.1.0"``; ``"unknown"`` where the file is missing, cannot be read or names none.
    """
    try:
        version = tomllib.loads(file.read_text(encoding="utf-8"))["project"]["version"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return UNKNOWN
    valid = isinstance(version, str) and _VERSION.fullmatch(version)
    return version if valid else UNKNOWN


VERSION = read_version(_PROJECT_FILE)
