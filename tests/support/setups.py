"""Calls ``make`` and the project's scripts as a person does, in small copies of the project."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "scripts"
# What scripts take from the project itself.
LENT = ("__init__.py", "config.py", "errors.py")
MAKE = shutil.which("make") or "make"


def call(
    *command: str | Path, cwd: Path = ROOT, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, with its output; the environment's variables are changed so."""
    # These tests run inside `make test`; a make inside a make says more and obeys its flags.
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(
        [str(part) for part in command],
        check=False,
        cwd=cwd,
        env={**inherited, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )


def assert_one_clear_line(done: subprocess.CompletedProcess[str], words: str) -> None:
    """A command failed with one line on standard error that matches, and without a traceback."""
    assert done.returncode != 0
    assert re.search(words, done.stderr), done.stderr
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr


def program(folder: Path, name: str, script: str) -> Path:
    """Write an executable shell script, such as one in place of ``pip`` or ``npm``."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def small_project(folder: Path) -> Path:
    """The scripts and empty lists of requirements, for an environment that takes little room."""
    shutil.copytree(SCRIPTS, folder / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "fmnist_core").mkdir()
    for name in LENT:
        shutil.copy(ROOT / "fmnist_core" / name, folder / "fmnist_core")
    shutil.copy(ROOT / "Makefile", folder)
    install = folder / "scripts" / "install.py"
    install.write_text(install.read_text().replace("4 * 10**9", "10**6"))
    for name in ("requirements.txt", "requirements-dev.txt"):
        (folder / name).write_text("")
    return folder


_COPIES = """
import shutil, sys
without_stamp = shutil.ignore_patterns("installed.json")
shutil.copytree({template!r}, sys.argv[1], symlinks=True, ignore=without_stamp)
"""


def copy_environments(project: Path, template: Path) -> None:
    """Let ``python -m venv`` copy an environment that is there: a new one takes seconds."""
    (project / "venv.py").write_text(_COPIES.format(template=str(template)))


def make_environment(
    project: Path, purpose: str = "run", **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run ``scripts/install.py`` of a small project, without the network."""
    python = getattr(sys, "_base_executable", sys.executable)
    offline = {"PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": "", "PIP_EXTRA_INDEX_URL": ""}
    offline |= {"FMNIST_WHEELS": ""}
    script = project / "scripts" / "install.py"
    return call(python, script, purpose, cwd=project, **{**offline, **environment})
