"""The engine on this machine: one Dask scheduler and one worker that outlive the dashboard."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from fmnist_core.runs.model import SHARED_FOLDER

_PROJECT = Path(__file__).resolve().parents[2]
_SECONDS_TO_START = 30.0
_IDLE_LIMIT = "45 minutes"


class Local:
    """Where the local engine keeps its files, and how it is started.

    Args:
        root: the runs folder; one engine serves one folder.
    """

    def __init__(self, root: Path) -> None:
        self.folder = root.resolve() / SHARED_FOLDER / "engine"
        self.scheduler_file = self.folder / "scheduler.json"
        self.log = self.folder / "engine.log"
        self._version_file = self.folder / "version"

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Held while the engine is looked for and started, so that two dashboards start one."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def address(self) -> str | None:
        """Where the scheduler said it listens; it may be dead by now."""
        try:
            return str(json.loads(self.scheduler_file.read_bytes())["address"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def is_current(self) -> bool:
        """Whether the engine was started with the code that is here now."""
        try:
            return self._version_file.read_text() == code_version()
        except OSError:
            return False

    def start(self) -> str:
        """Start scheduler and worker, both detached from this process.

        Returns:
            The scheduler's address.

        Raises:
            TimeoutError: the scheduler did not come up.
        """
        self.scheduler_file.unlink(missing_ok=True)
        self._version_file.write_text(code_version())
        scheduler = self._spawn(
            "scheduler",
            "--host=127.0.0.1",
            "--port=0",
            "--no-dashboard",
            f"--scheduler-file={self.scheduler_file}",
            f"--idle-timeout={_IDLE_LIMIT}",
        )
        end = time.monotonic() + _SECONDS_TO_START
        while (address := self.address()) is None:
            if scheduler.poll() is not None or time.monotonic() > end:
                raise TimeoutError("the scheduler did not start")
            time.sleep(0.05)
        self.start_worker(address)
        return address

    def start_worker(self, address: str) -> None:
        """Start the worker that trains, detached like the scheduler."""
        self._start_worker(address, "train", "fmnist_core.engine.worker")

    def start_asker(self, address: str) -> None:
        """Start the worker that answers what pages ask, beside those that train."""
        self._start_worker(address, "ask", "fmnist_core.engine.asker")

    def _start_worker(self, address: str, resource: str, preload: str) -> None:
        self._spawn(
            "worker",
            address,
            "--host=127.0.0.1",
            "--no-dashboard",
            "--nworkers=1",
            "--nthreads=1",
            "--memory-limit=0",
            f"--resources={resource}=1",
            "--death-timeout=60",
            f"--preload={preload}",
            f"--local-directory={self.folder / 'scratch'}",
        )

    def _spawn(self, *arguments: str) -> subprocess.Popen[bytes]:
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(
                part for part in (str(_PROJECT), os.environ.get("PYTHONPATH")) if part
            ),
            # A training whose worker died must show as interrupted, not start again by itself.
            "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0",
            "TF_CPP_MIN_LOG_LEVEL": "2",
            # Where a training process that warms up looks for what others measured.
            "FMNIST_SHARED_FOLDER": str(self.folder.parent),
        }
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "dask", *arguments],
                cwd=_PROJECT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )


@cache
def code_version() -> str:
    """A digest of all that an engine's processes run of this project."""
    digest = hashlib.sha256((_PROJECT / "requirements.txt").read_bytes())
    for path in sorted((_PROJECT / "fmnist_core").rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
