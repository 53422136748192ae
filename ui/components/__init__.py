"""Components that run in the browser: the Python of each beside its JavaScript."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).resolve().parent


def javascript(name: str) -> str:
    """The source of a file of this folder, such as ``"chart.js"``."""
    return (FOLDER / name).read_text()
