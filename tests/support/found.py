"""Finds Chromium and strace for the tests, only when a test needs them."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
# pytest's manager of what is printed, where tests run; fetching takes minutes and is told at once.
capturing: Any = None


def find(script: str) -> str:
    """The path that a script of the project finds or fetches; fails the test with its sentence."""
    path, sentence = _ask(script)
    if not path:
        pytest.fail(sentence, pytrace=False)
    return path


# What could not be had is not asked for again by every test.
@cache
def _ask(script: str) -> tuple[str, str]:
    said = [f"scripts/{script} found nothing."]
    shown = capturing.global_and_fixture_disabled() if capturing else contextlib.nullcontext()
    with (
        shown,
        subprocess.Popen(
            [sys.executable, SCRIPTS / script],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as requested,
    ):
        assert requested.stderr is not None
        assert requested.stdout is not None
        for line in requested.stderr:
            said.append(line.strip())
            print(f"\n{said[-1]}", file=sys.stderr, flush=True)
        return requested.stdout.read().strip(), said[-1]
