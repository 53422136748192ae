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
def worktree(revision: str, place: Path) -> Iterator[Path]:
    """The tree of a revision, for as long as it is needed."""
    git = ["git", "-C", str(PROJECT), "worktree"]
    subprocess.run([*git, "add", "--quiet", "--detach", str(place), revision], check=True)
    try:
        yield place
    finally:
        subprocess.run([*git, "remove", "--force", str(place)], check=True)


def lend_environment(tree: Path) -> None:
    """Give a tree this one's installed packages, with a stamp that says that they are its own."""
    ours, theirs = PROJECT / ".venv", tree / ".venv"
    theirs.mkdir()
    for part in ("bin", "lib", "include"):
        (theirs / part).symlink_to(ours / part)
    shutil.copy(ours / "pyvenv.cfg", theirs)
    stamp = json.loads((ours / "installed.json").read_text())
    lists = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in tree.glob("requirements*.txt")
    }
    (theirs / "installed.json").write_text(json.dumps({**stamp, "lists": lists}))
