"""A user without a home folder, as in a container: everything works that can."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from places import PROJECT, SUPPORT
from processes import processes_of

from fmnist_core.private import NAME

KEPT = ("PATH", "LD_LIBRARY_PATH", "LANG")
_TRAINS = """
import sys, threading, time
from fmnist_core.dataset.find import DataFolders
from fmnist_core.engine import Engine
from fmnist_core.engine import local_cluster
from fmnist_core.permissions import Actor
from fmnist_core.runs import RunStore
from stub import SPEC
local_cluster.PRELOADS["train"] = "stub_preload"
engine = Engine(RunStore(sys.argv[1]))
threading.Thread(target=engine.keep_warm, daemon=True).start()
run = engine.start(SPEC, by=Actor.owner())
end = time.monotonic() + 90
while engine.store.get(run.id).active and time.monotonic() < end:
    time.sleep(0.1)
print(engine.store.get(run.id).state, engine.state().problem)
print(DataFolders.from_environment().own.is_absolute())
engine.shutdown()
time.sleep(1)
"""


# Read by every Python at its start: the system's list of users does not know this one.
_UNKNOWN_USER = """
import pwd
def getpwuid(uid):
    raise KeyError(uid)
pwd.getpwuid = getpwuid
"""


@pytest.fixture
def said(tmp_path: Path) -> list[str]:
    """What the program says without a home, as a user whom the system forgot."""
    (tmp_path / "sitecustomize.py").write_text(_UNKNOWN_USER)
    path = os.pathsep.join([str(tmp_path), str(PROJECT), str(SUPPORT)])
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    runs, runtime = tmp_path / "runs", tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    try:
        done = subprocess.run(
            [sys.executable, "-c", _TRAINS, str(runs)],
            cwd=tmp_path,
            # Where there is a runtime folder it is taken, and here it shall be one of the test's.
            env={
                **environment,
                "PYTHONPATH": path,
                "TMPDIR": str(tmp_path),
                "XDG_RUNTIME_DIR": str(runtime),
            },
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
    finally:
        for left in processes_of(runs):
            left.kill()
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_a_user_without_home_trains(said: list[str], tmp_path: Path) -> None:
    assert said == ["done None", "True"]
    kept = tmp_path / "runtime" / NAME
    assert (kept / "engine.pem").is_file()
    assert not (tmp_path / "~").exists()
    assert not (PROJECT / "~").exists()
