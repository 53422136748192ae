"""Another revision of the project beside this one, for as long as it is measured."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]


@contextmanager
def worktree(revision: str, folder: Path) -> Iterator[Path]:
    """The tree of a revision, for as long as it is needed."""
    git = ["git", "-C", str(PROJECT), "worktree"]
    subprocess.run([*git, "add", "--quiet", "--detach", str(folder), revision], check=True)
    try:
        yield folder
    finally:
        subprocess.run([*git, "remove", "--force", str(folder)], check=True)


def lend_environment(tree: Path) -> None:
    """Link this tree's environment into another tree, with a stamp that fits its lists."""
    source, target = PROJECT / ".venv", tree / ".venv"
    target.mkdir()
    for part in ("bin", "lib", "include"):
        (target / part).symlink_to(source / part)
    shutil.copy(source / "pyvenv.cfg", target)
    stamp = json.loads((source / "installed.json").read_text())
    lists = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in tree.glob("requirements*.txt")
    }
    (target / "installed.json").write_text(json.dumps({**stamp, "lists": lists}))
