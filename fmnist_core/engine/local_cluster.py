"""The local Dask cluster: one scheduler and its workers, which outlive the dashboard."""

from __future__ import annotations

import contextlib
import hashlib
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from fmnist_core.engine.address import Untrusted, trusted_address
from fmnist_core.engine.certificate import dask_environment
from fmnist_core.files import read_json, write_json, write_whole
from fmnist_core.locks import locked
from fmnist_core.plain_files import open_plain, read_plain
from fmnist_core.private import make_private, scratch_folder
from fmnist_core.runs.model import SHARED_FOLDER

PRELOADS = {"train": "fmnist_core.engine.training_worker", "ask": "fmnist_core.engine.task_worker"}
_PROJECT = Path(__file__).resolve().parents[2]
_SECONDS_TO_START = 30.0
_IDLE_LIMIT = "45 minutes"
# A worker that lives and is not known to its scheduler for so long is of no use.
_SECONDS_TO_REGISTER = 90.0
_SAME_START_SECONDS = 1.0


class _Started(NamedTuple):
    """A process that was started, as its file remembers it.

    Attributes:
        pid: its number.
        created: when it began, since the number may be another's by now.
        of: a worker's scheduler.
        name: by which the scheduler knows a worker.
    """

    pid: int
    created: float
    of: str
    name: str

    def process(self) -> psutil.Process | None:
        """It, while it lives."""
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(self.pid)
            mine = abs(process.create_time() - self.created) < _SAME_START_SECONDS
            if mine and process.status() != psutil.STATUS_ZOMBIE:
                return process
        return None


class LocalCluster:
    """Where the local engine keeps its files, and how it is started.

    Args:
        root: the runs folder; one engine serves one folder.
    """

    def __init__(self, root: Path) -> None:
        self._shared = root.resolve() / SHARED_FOLDER
        self.log = self._shared / "engine" / "engine.log"
        self._missed: dict[str, float] = {}

    def folder(self) -> Path:
        """What is about this machine and this user alone, where nobody else can write.

        Who could write there could have us connect to them, or end any process of ours.

        Raises:
            NotPrivate: there is no such folder.
        """
        name = hashlib.sha256(str(self._shared).encode()).hexdigest()[:16]
        folder = scratch_folder() / f"engine-{name}"
        make_private(folder)
        return folder

    @property
    def scheduler_file(self) -> Path:
        """Where the scheduler says how it is reached."""
        return self.folder() / "scheduler.json"

    @property
    def _version_file(self) -> Path:
        return self.folder() / "version"

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Held while the engine is looked for and started, so that two dashboards start one."""
        with locked(self.folder() / "lock"):
            yield

    def address(self) -> str | None:
        """Where the scheduler said it listens; it may be dead by now.

        What others could have written, and an engine without TLS, are not there for us.
        """
        with contextlib.suppress(FileNotFoundError, Untrusted):
            return trusted_address(self.scheduler_file)
        return None

    def is_current(self) -> bool:
        """Whether the engine was started with the code that is here now."""
        try:
            return read_plain(self._version_file) == code_version().encode()
        except OSError:
            return False

    def lives(self) -> bool:
        """Whether the scheduler's process lives, though it may be too busy to answer."""
        return self._remembered("scheduler") is not None

    def start(self) -> str:
        """Start scheduler and worker, both detached from this process.

        What is left of an engine before, and not reached any more, is ended.

        Returns:
            The scheduler's address.

        Raises:
            TimeoutError: the scheduler did not come up.
            Untrusted: it did, but others could have written what it says.
        """
        for left in (self._remembered("scheduler"), self._remembered("ask")):
            _end(left)
        self.scheduler_file.unlink(missing_ok=True)
        write_whole(self._version_file, lambda file: file.write(code_version().encode()))
        scheduler = self._spawn(
            "scheduler",
            "--host=127.0.0.1",
            "--port=0",
            f"--scheduler-file={self.scheduler_file}",
            f"--idle-timeout={_IDLE_LIMIT}",
            "--preload=fmnist_core.dask_http",
            # Its file is trusted only if nobody else can write it.
            umask=0o022,
        )
        self._remember("scheduler", scheduler, "", "")
        end = time.monotonic() + _SECONDS_TO_START
        while (address := self.address()) is None:
            if scheduler.poll() is not None or time.monotonic() > end:
                # Where it did, but is not believed, this says why.
                with contextlib.suppress(FileNotFoundError):
                    trusted_address(self.scheduler_file)
                raise TimeoutError("the scheduler did not start")
            time.sleep(0.05)
        self._start_worker(address, "train")
        return address

    def keep_worker(self, address: str, resource: str, known: Mapping[str, Any]) -> str | None:
        """See to it that there is one worker of a kind: start one only where none lives.

        A scheduler that does not name it for a moment is no reason for another.

        Args:
            address: the scheduler's.
            resource: ``"train"`` or ``"ask"``.
            known: the workers of this kind that the scheduler knows now, by their names.

        Returns:
            The name of the worker to keep, where the scheduler knows more than one.
        """
        now = time.monotonic()
        if known:
            self._missed.pop(resource, None)
            return self._named(resource, known) if len(known) > 1 else None
        missed = self._missed.setdefault(resource, now)
        with self.lock():
            alive = self._remembered(resource, of=address)
            if alive is not None and now - missed > _SECONDS_TO_REGISTER:
                _end(alive)
                alive = None
            if alive is None:
                self._missed[resource] = now
                self._start_worker(address, resource)
        return None

    def _named(self, resource: str, known: Mapping[str, Any]) -> str:
        started = self._read(resource)
        return started.name if started and started.name in known else min(known)

    def _start_worker(self, address: str, resource: str) -> None:
        name = f"{resource}-{uuid.uuid4().hex}"
        worker = self._spawn(
            "worker",
            address,
            "--host=127.0.0.1",
            "--nworkers=1",
            "--nthreads=1",
            "--memory-limit=0",
            f"--name={name}",
            f"--resources={resource}=1",
            "--death-timeout=60",
            f"--preload={PRELOADS[resource]}",
        )
        self._remember(resource, worker, address, name)

    def _spawn(self, *arguments: str, umask: int = -1) -> subprocess.Popen[bytes]:
        environment = {
            **os.environ,
            **dask_environment(),
            "PYTHONPATH": os.pathsep.join(
                part for part in (str(_PROJECT), os.environ.get("PYTHONPATH")) if part
            ),
            "TF_CPP_MIN_LOG_LEVEL": "2",
            # Where a training process that warms up looks for what others measured.
            "FMNIST_SHARED_FOLDER": str(self._shared),
        }
        if not Path(os.path.expanduser("~")).is_absolute():  # noqa: PTH111
            # Libraries would make a folder named "~" where they stand.
            environment["HOME"] = str(scratch_folder())
        closed = ("--protocol=tls", "--no-dashboard", "--dashboard-address=127.0.0.1:0")
        self.log.parent.mkdir(parents=True, exist_ok=True)
        # Neither the file nor its two folders may lead elsewhere.
        descriptor = open_plain(self.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 2)
        with os.fdopen(descriptor, "ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "dask", *arguments, *closed],
                cwd=_PROJECT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                umask=umask,
            )

    def _remember(self, what: str, started: subprocess.Popen[bytes], of: str, name: str) -> None:
        with contextlib.suppress(psutil.Error):
            created = psutil.Process(started.pid).create_time()
            write_json(self._file(what), _Started(started.pid, created, of, name)._asdict())

    def _read(self, what: str) -> _Started | None:
        file = self._file(what)
        with contextlib.suppress(OSError, KeyError, TypeError, ValueError):
            said = read_json(file)
            pid, created = int(said["pid"]), float(said["created"])
            return _Started(pid, created, str(said["of"]), str(said["name"]))
        return None

    def _remembered(self, what: str, of: str = "") -> psutil.Process | None:
        found = self._read(what)
        return found.process() if found is not None and of in ("", found.of) else None

    def _file(self, what: str) -> Path:
        return self.folder() / f"{what}.process.json"


def _end(process: psutil.Process | None) -> None:
    """End a process of the engine, and with it those that it started."""
    if process is None:
        return
    with contextlib.suppress(psutil.Error):
        ended = [*process.children(recursive=True), process]
        process.terminate()
        _, alive = psutil.wait_procs(ended, timeout=5)
        for left in alive:
            left.kill()


@cache
def code_version() -> str:
    """A digest of all that an engine's processes run of this project."""
    digest = hashlib.sha256((_PROJECT / "requirements.txt").read_bytes())
    for path in sorted((_PROJECT / "fmnist_core").rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
