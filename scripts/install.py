"""Make `.venv` hold the pinned requirements: `install.py run`, `test` or `bench` for their lists.

A stamp file is written last. Without it `.venv` is half-made and is built anew; with it nothing
is installed unless a requirements file or the Python version has changed.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import importlib.util
import json
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed.json"
LISTS = {
    "run": ("requirements.txt",),
    "test": ("requirements.txt", "requirements-dev.txt"),
    "bench": ("requirements.txt", "requirements-bench.txt"),
}
NEEDED_BYTES = 4 * 10**9
SAY_EVERY_SECONDS = 30

DISK_FULL = (
    "The disk is full: the packages need about 4 GB. Make room and run the same command again."
)
NO_NETWORK = (
    "The packages could not be downloaded: the package index cannot be reached or holds none of "
    "them. Check the internet connection (and pip's settings) and run the same command again."
)
CONNECTION_WORDS = re.compile(
    r"NewConnectionError|ConnectTimeout|ReadTimeout|Failed to establish|name resolution"
    r"|Network is unreachable|ProxyError|SSLError|connection broken|Connection refused"
    r"|from versions: none",
    re.IGNORECASE,
)


class SetupFailed(Exception):
    """The installation cannot go on; the message is one line for the person at the terminal."""


def main(purpose: str) -> None:
    """Install what `purpose` ("run" or "test") needs, unless it is there already."""
    wanted = {
        name: hashlib.sha256((ROOT / name).read_bytes()).hexdigest() for name in LISTS[purpose]
    }
    # The children inherit this lock: an installation whose parent was killed still holds it.
    with (ROOT / "requirements.txt").open() as lock:
        if not _lock_now(lock):
            print("Another installation is at work here; waiting for it.", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        stamp = _stamp()
        if stamp is not None and wanted.items() <= stamp["lists"].items():
            return
        if stamp is None:
            _make_venv(lock)
            stamp = {"python": _version(), "lists": {}}
        STAMP.unlink(missing_ok=True)
        _install(purpose, lock)
        STAMP.write_text(json.dumps({**stamp, "lists": {**stamp["lists"], **wanted}}))


def _lock_now(lock) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # Some network disks know no locks; going on is better than refusing.
    return True


def _version() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def _stamp() -> dict | None:
    """What a complete `.venv` of this Python version holds; None when it must be built anew."""
    try:
        stamp = json.loads(STAMP.read_text())
        subprocess.run([PYTHON, "-c", ""], check=True, capture_output=True)
    except (OSError, ValueError, subprocess.CalledProcessError):
        return None
    return stamp if stamp.get("python") == _version() else None


def _make_venv(lock) -> None:
    if importlib.util.find_spec("ensurepip") is None:
        raise SetupFailed(
            f"Python {_version()} here cannot make environments: install the system package "
            f"python{_version()}-venv, or name another Python with PYTHON=."
        )
    if VENV.exists():
        print("The environment in .venv is incomplete or of another Python; making it anew.")
        shutil.rmtree(VENV)
    if shutil.disk_usage(ROOT).free < NEEDED_BYTES:
        raise SetupFailed(DISK_FULL)
    base = getattr(sys, "_base_executable", sys.executable)
    print(f"Making an environment in .venv with Python {_version()}.", flush=True)
    _call([base, "-m", "venv", str(VENV)], lock)


def _install(purpose: str, lock) -> None:
    size = "about 1 GB to download, some minutes" if purpose == "run" else "some minutes"
    print(f"Installing the pinned packages ({size}).", flush=True)
    started = time.monotonic()
    options = ["-q", "--no-input", "--disable-pip-version-check", "--prefer-binary", "--no-user"]
    lists = [part for name in LISTS[purpose] for part in ("-r", str(ROOT / name))]
    _call([str(PYTHON), "-m", "pip", "install", *options, "--retries", "2", *lists], lock)
    print(f"The packages are installed ({time.monotonic() - started:.0f} s).", flush=True)


def _call(command: list[str], lock) -> None:
    child = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        pass_fds=[lock.fileno()],
        text=True,
        errors="replace",
    )
    started = time.monotonic()
    try:
        while True:
            try:
                output, _ = child.communicate(timeout=SAY_EVERY_SECONDS)
                break
            except subprocess.TimeoutExpired:
                print(f"Still at it, {time.monotonic() - started:.0f} s so far.", flush=True)
    finally:
        if child.poll() is None:
            child.terminate()
            child.wait()
    if child.returncode != 0:
        raise SetupFailed(_explain(output))


def _explain(output: str) -> str:
    if "No space left" in output or "Errno 28" in output or "Disk quota" in output:
        # What was unpacked so far is of no use and takes the room that is missing.
        shutil.rmtree(VENV, ignore_errors=True)
        return DISK_FULL
    if CONNECTION_WORDS.search(output):
        return NO_NETWORK
    lines = [line for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR:")] or lines[-1:] or ["no reason"]
    return f"The packages could not be installed: {errors[-1].removeprefix('ERROR: ')}"


def _stop(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _stop)
    try:
        main(sys.argv[1])
    except KeyboardInterrupt:
        sys.exit("Stopped. The next run makes the environment complete.")
    except SetupFailed as failure:
        sys.exit(str(failure))
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            sys.exit(DISK_FULL)
        sys.exit(f"The environment in .venv cannot be written: {error.strerror}.")
