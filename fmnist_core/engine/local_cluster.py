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

from fmnist_core import timeouts
from fmnist_core.config import WORKERS_SHARED_FOLDER
from fmnist_core.engine.address import Untrusted, trusted_address
from fmnist_core.engine.certificate import dask_environment
from fmnist_core.files import read_json, write_content, write_json
from fmnist_core.locks import locked
from fmnist_core.plain_files import open_plain, read_plain
from fmnist_core.private import make_private, scratch_folder
from fmnist_core.runs.model import SHARED_FOLDER

PRELOADS = {"train": "fmnist_core.engine.training_worker", "ask": "fmnist_core.engine.task_worker"}
_PROJECT = Path(__file__).resolve().parents[2]


class _ProcessRecord(NamedTuple):
    """The record of a process that was started, as its file holds it.

    Attributes:
        pid: its process id.
        created: when it began, since the id may be another's by now.
        of: the address of a worker's scheduler.
        name: of a worker, as its scheduler knows it.
    """

    pid: int
    created: float
    of: str
    name: str

    def process(self) -> psutil.Process | None:
        """The process, while it lives."""
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(self.pid)
            same_process = abs(process.create_time() - self.created) < timeouts.SAME_START_SECONDS
            if same_process and process.status() != psutil.STATUS_ZOMBIE:
                return process
        return None


class LocalCluster:
    """The engine on this machine: a scheduler and its workers, and the files that tell of them.

    One thread of a dashboard uses it, the supervisor's; ``lock`` keeps other dashboards away.

    Args:
        root: the runs folder; one engine serves one folder.
    """

    def __init__(self, root: Path) -> None:
        self._shared = root.resolve() / SHARED_FOLDER
        self.log = self._shared / "engine" / "engine.log"
        self._missing_since: dict[str, float] = {}

    def folder(self) -> Path:
        """The folder of this engine's own files, where nobody but this user can write.

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
        """The Dask scheduler file, with the scheduler's address."""
        return self.folder() / "scheduler.json"

    @property
    def _version_file(self) -> Path:
        return self.folder() / "version"

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """A lock to hold while finding or starting the engine, so that two dashboards start one."""
        with locked(self.folder() / "lock"):
            yield

    def address(self) -> str | None:
        """The address in the scheduler file; the scheduler may be dead by now.

        ``None`` also where others could have written the file, or it names one without TLS.
        """
        with contextlib.suppress(FileNotFoundError, Untrusted):
            return trusted_address(self.scheduler_file)
        return None

    def is_current(self) -> bool:
        """Whether the engine was started with the present version of the code."""
        try:
            return read_plain(self._version_file) == code_version().encode()
        except OSError:
            return False

    def is_alive(self) -> bool:
        """Whether the scheduler's process lives, though it may be too busy to answer."""
        return self._recorded_process("scheduler") is not None

    def start(self) -> str:
        """Start scheduler and worker, both detached from this process.

        What is left of an engine before, and not reached any more, is ended.

        Returns:
            The scheduler's address.

        Raises:
            TimeoutError: the scheduler did not come up.
            Untrusted: it did, but others could have written what it says.
        """
        for leftover in (self._recorded_process("scheduler"), self._recorded_process("ask")):
            _end(leftover)
        self.scheduler_file.unlink(missing_ok=True)
        write_content(self._version_file, code_version().encode())
        scheduler = self._spawn(
            "scheduler",
            "--host=127.0.0.1",
            "--port=0",
            f"--scheduler-file={self.scheduler_file}",
            f"--idle-timeout={timeouts.ENGINE_IDLE_SECONDS} s",
            "--preload=fmnist_core.dask_http",
            # Its file is trusted only if nobody else can write it.
            umask=0o022,
        )
        self._record_process("scheduler", scheduler, "", "")
        deadline = time.monotonic() + timeouts.SCHEDULER_START_SECONDS
        while (address := self.address()) is None:
            if scheduler.poll() is not None or time.monotonic() > deadline:
                # Where it did, but is not believed, this says why.
                with contextlib.suppress(FileNotFoundError):
                    trusted_address(self.scheduler_file)
                raise TimeoutError("the scheduler did not start")
            time.sleep(timeouts.SCHEDULER_START_POLL_SECONDS)
        self._start_worker(address, "train")
        return address

    def keep_worker(self, address: str, resource: str, workers: Mapping[str, Any]) -> str | None:
        """See to it that there is one worker of a kind: start one only where none lives.

        A scheduler that does not name it for a moment is no reason for another.

        Args:
            address: the scheduler's.
            resource: ``"train"`` or ``"ask"``.
            workers: the workers of this kind that the scheduler knows, by their names.

        Returns:
            The name of the worker to keep, where the scheduler knows more than one.
        """
        now = time.monotonic()
        if workers:
            self._missing_since.pop(resource, None)
            return self._worker_to_keep(resource, workers) if len(workers) > 1 else None
        missing_since = self._missing_since.setdefault(resource, now)
        with self.lock():
            alive = self._recorded_process(resource, of=address)
            if alive is not None and now - missing_since > timeouts.REGISTER_SECONDS:
                _end(alive)
                alive = None
            if alive is None:
                self._missing_since[resource] = now
                self._start_worker(address, resource)
        return None

    def _worker_to_keep(self, resource: str, workers: Mapping[str, Any]) -> str:
        started = self._read_record(resource)
        return started.name if started and started.name in workers else min(workers)

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
            f"--death-timeout={timeouts.WORKER_DEATH_SECONDS}",
            f"--preload={PRELOADS[resource]}",
        )
        self._record_process(resource, worker, address, name)

    def _spawn(self, *arguments: str, umask: int = -1) -> subprocess.Popen[bytes]:
        # All of it is passed on.
        inherited = os.environ  # noqa: TID251
        environment = {
            **inherited,
            **dask_environment(),
            "PYTHONPATH": os.pathsep.join(
                part for part in (str(_PROJECT), inherited.get("PYTHONPATH")) if part
            ),
            "TF_CPP_MIN_LOG_LEVEL": "2",
            # Where a training process that warms up looks for what others measured.
            WORKERS_SHARED_FOLDER.name: str(self._shared),
        }
        if not Path(os.path.expanduser("~")).is_absolute():  # noqa: PTH111
            # Libraries would make a folder named "~" where they stand.
            environment["HOME"] = str(scratch_folder())
        security_options = ("--protocol=tls", "--no-dashboard", "--dashboard-address=127.0.0.1:0")
        self.log.parent.mkdir(parents=True, exist_ok=True)
        # Neither the file nor its two folders may lead elsewhere.
        descriptor = open_plain(self.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 2)
        with os.fdopen(descriptor, "ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "dask", *arguments, *security_options],
                cwd=_PROJECT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                umask=umask,
            )

    def _record_process(
        self, role: str, process: subprocess.Popen[bytes], of: str, name: str
    ) -> None:
        with contextlib.suppress(psutil.Error):
            created = psutil.Process(process.pid).create_time()
            write_json(self._file(role), _ProcessRecord(process.pid, created, of, name)._asdict())

    def _read_record(self, role: str) -> _ProcessRecord | None:
        file = self._file(role)
        with contextlib.suppress(OSError, KeyError, TypeError, ValueError):
            record = read_json(file)
            pid, created = int(record["pid"]), float(record["created"])
            return _ProcessRecord(pid, created, str(record["of"]), str(record["name"]))
        return None

    def _recorded_process(self, role: str, of: str = "") -> psutil.Process | None:
        record = self._read_record(role)
        return record.process() if record is not None and of in ("", record.of) else None

    def _file(self, role: str) -> Path:
        return self.folder() / f"{role}.process.json"


def _end(process: psutil.Process | None) -> None:
    """End a process of the engine, and with it those that it started."""
    if process is None:
        return
    with contextlib.suppress(psutil.Error):
        ended = [*process.children(recursive=True), process]
        process.terminate()
        _, alive = psutil.wait_procs(ended, timeout=timeouts.PROCESS_END_SECONDS)
        for survivor in alive:
            survivor.kill()


@cache
def code_version() -> str:
    """A digest of all that an engine's processes run of this project."""
    digest = hashlib.sha256((_PROJECT / "requirements.txt").read_bytes())
    for path in sorted((_PROJECT / "fmnist_core").rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
