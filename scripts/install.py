"""Make `.venv` hold the pinned requirements: `install.py run`, `test` or `bench` for their lists.

A stamp file is written last. Without it `.venv` is half-made and is built anew; with it nothing
is installed unless a requirements file or the Python version has changed, or a file of a package
is missing or has another size: then that package is installed anew. What was downloaded before an
interruption is not downloaded again. Nothing is installed whose hash is not in the lists; where
FMNIST_WHEELS names a folder of wheels, they are taken from there and nothing is downloaded.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn, TextIO

from failures import DISK_FULL, SetupFailed, explain
from packages import DamagedPackage, damaged_packages, installed_packages, site_packages
from progress import Progress, StatusLine
from settings import WHEELS, WrongSetting
from wheels import kept_wheels, normalised, requirements

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed.json"
# The wheels of an installation that is not done: pip itself forgets them when it is interrupted.
DOWNLOADS = ROOT / ".downloads"
TEMPORARY = VENV / "temporary"
LISTS = {
    "run": ("requirements.txt",),
    "test": ("requirements.txt", "requirements-dev.txt"),
    "bench": ("requirements.txt", "requirements-bench.txt"),
}
# What the packages of a list take to download, about: for Linux on x86-64, where it is most.
MEGABYTES = {"requirements.txt": 800, "requirements-dev.txt": 130, "requirements-bench.txt": 2_800}
NEEDED_BYTES = 4 * 10**9
POLL_SECONDS = 0.5
OLDEST, NEWEST = (3, 11), (3, 13)

READ_ONLY = (
    f"The folder {ROOT} cannot be written, so nothing can be installed in it: it is read-only or "
    "belongs to somebody else. Copy the project to a folder of your own and start it there."
)


def main(purpose: str) -> None:
    """Install what `purpose` ("run", "test" or "bench") needs, unless it is installed and whole.

    Raises:
        SetupFailed: it cannot be had.
        WrongSetting: FMNIST_WHEELS names no folder.
    """
    required = {
        name: hashlib.sha256((ROOT / name).read_bytes()).hexdigest() for name in LISTS[purpose]
    }
    # The children inherit this lock: an installation whose parent was killed still holds it.
    with (ROOT / "requirements.txt").open() as lock:
        if not _try_lock(lock):
            print("Another installation is at work here; waiting for it.", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        stamp = _stamp()
        damages = damaged_packages(site_packages(VENV), stamp.get("packages", [])) if stamp else []
        if stamp is not None and not damages and required.items() <= stamp["lists"].items():
            return
        if not os.access(ROOT, os.W_OK):
            raise SetupFailed(READ_ONLY)
        WHEELS.get()
        if stamp is None:
            _make_venv(lock)
            stamp = {"python": _version(), "lists": {}}
        if damages:
            # The stamp stays: what an interruption leaves undone is seen again at the next start.
            _repair(damages, lock)
        if not required.items() <= stamp["lists"].items():
            _install(
                [name for name in required if required[name] != stamp["lists"].get(name)], lock
            )
        _write_stamp({**stamp, "lists": {**stamp["lists"], **required}})


def _write_stamp(stamp: dict[str, Any]) -> None:
    stamp["packages"] = installed_packages(site_packages(VENV))
    temporary = STAMP.with_suffix(".new")
    temporary.write_text(json.dumps(stamp))
    temporary.replace(STAMP)


def _try_lock(lock: TextIO) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # Some network disks know no locks; going on is better than refusing.
    return True


def _version() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def in_environment() -> bool:
    """Whether this process runs the Python of `.venv`."""
    return Path(sys.prefix).resolve() == VENV


def _stamp() -> dict[str, Any] | None:
    """The stamp of a complete `.venv` of this Python version; None where it must be built anew."""
    try:
        stamp = json.loads(STAMP.read_text())
        if not in_environment():
            subprocess.run([PYTHON, "-c", ""], check=True, capture_output=True)
    except (OSError, ValueError, subprocess.CalledProcessError):
        return None
    return stamp if stamp.get("python") == _version() else None


def _make_venv(lock: TextIO) -> None:
    if importlib.util.find_spec("ensurepip") is None:
        raise SetupFailed(
            f"Python {_version()} here cannot make environments: install the system package "
            f"python{_version()}-venv, or name another Python with PYTHON=."
        )
    if VENV.exists():
        print(
            "The environment in .venv is incomplete or of another Python; making it anew. What "
            "was downloaded for it is kept."
        )
        shutil.rmtree(VENV)
    if shutil.disk_usage(ROOT).free < NEEDED_BYTES:
        raise SetupFailed(DISK_FULL)
    base = getattr(sys, "_base_executable", sys.executable)
    print(f"Making an environment in .venv with Python {_version()}.", flush=True)
    _run_child([base, "-m", "venv", str(VENV)], lock)


def _install(names: Sequence[str], lock: TextIO) -> None:
    expected = sum(MEGABYTES[name] for name in names)
    wheels = WHEELS.get()
    source = f"about {expected:,} MB to download" if wheels is None else f"from {wheels}"
    print(f"Installing the pinned packages ({source}, some minutes).", flush=True)
    started = time.monotonic()
    # All lists together: what an earlier one pins, a later one must not change.
    lists = [ROOT / name for name in _with_run_list(names)]
    arguments = ["--require-hashes", *(part for path in lists for part in ("-r", str(path)))]
    kept = _kept_for(lists)
    arguments += kept_wheels(kept, lists)
    # Until pip unpacks, the environment is what it was and serves whoever has no network.
    _pip(arguments, expected * 10**6, lock, kept, lambda: STAMP.unlink(missing_ok=True))
    shutil.rmtree(DOWNLOADS, ignore_errors=True)
    print(f"The packages are installed ({time.monotonic() - started:.0f} s).", flush=True)


def _kept_for(lists: Sequence[Path]) -> Path:
    """A folder for the wheels of these lists, this Python and system; those of others are gone."""
    digest = hashlib.sha256(f"{_version()} {sysconfig.get_platform()}".encode())
    for path in lists:
        digest.update(path.read_bytes())
    kept = DOWNLOADS / digest.hexdigest()[:12]
    kept.mkdir(parents=True, exist_ok=True)
    for old in DOWNLOADS.iterdir():
        if old != kept:
            shutil.rmtree(old)
    return kept


def _with_run_list(names: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(["requirements.txt", *names]))


def _repair(damages: Sequence[DamagedPackage], lock: TextIO) -> None:
    names = ", ".join(package.name for package in damages)
    print(f"Files are missing or damaged in .venv; installing anew: {names}.", flush=True)
    try:
        _reinstall(damages, lock)
    except SetupFailed as failure:
        raise SetupFailed(
            f"Files of {names} are missing or damaged in .venv and could not be repaired. "
            f"{failure} If that does not help: `make clean` removes the environment, and the next "
            "start makes a new one."
        ) from None
    if remaining := damaged_packages(site_packages(VENV), []):
        raise SetupFailed(
            f"Files of {remaining[0].name} in .venv are still damaged ({remaining[0].file}). Run "
            "`make clean`, then the same command again: that makes a new environment."
        )
    print("The environment is whole again.", flush=True)


def _reinstall(damages: Sequence[DamagedPackage], lock: TextIO) -> None:
    # Over what is there: without a list of its files pip would not remove the old ones.
    options = ["--ignore-installed", "--no-deps"]
    entries = requirements(ROOT / name for names in LISTS.values() for name in names)
    keys = {package: (normalised(package.name), package.version) for package in damages}
    pinned = [entries[key] for key in keys.values() if key in entries]
    if pinned:
        list_file = VENV / "damaged.txt"
        list_file.write_text("\n".join(pinned) + "\n")
        try:
            _pip([*options, "--require-hashes", "-r", str(list_file)], 0, lock)
        finally:
            list_file.unlink(missing_ok=True)
    # What somebody installed by hand, and pip itself, are in no list.
    if unlisted := [package.pinned for package, key in keys.items() if key not in entries]:
        _pip([*options, *unlisted], 0, lock)


def _pip(
    arguments: list[str],
    expected: int,
    lock: TextIO,
    kept: Path | None = None,
    before_unpacking: Callable[[], None] = lambda: None,
) -> None:
    """`pip install`, with a line that says how far it is, and keeps what arrives."""
    options = ["--no-input", "--disable-pip-version-check", "--prefer-binary", "--no-user"]
    command = [str(PYTHON), "-m", "pip", "install", *options, "--progress-bar", "off"]
    with _temporary_folder() as folder:
        progress = Progress(expected, folder, site_packages(VENV), kept, before_unpacking)
        if (wheels := WHEELS.get()) is not None:
            command += ["--no-index", "--find-links", str(wheels)]
        command += ["--retries", "2", *arguments]
        inherited = os.environ  # noqa: TID251
        _run_child(command, lock, progress, {**inherited, "TMPDIR": str(folder)})


@contextmanager
def _temporary_folder() -> Iterator[Path]:
    """Where pip's files can be watched as they grow."""
    shutil.rmtree(TEMPORARY, ignore_errors=True)
    TEMPORARY.mkdir()
    try:
        yield TEMPORARY
    finally:
        shutil.rmtree(TEMPORARY, ignore_errors=True)


def _run_child(
    command: list[str],
    lock: TextIO,
    progress: Progress | None = None,
    environment: dict[str, str] | None = None,
) -> None:
    child = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        pass_fds=[lock.fileno()],
        text=True,
        errors="replace",
        env=environment,
    )
    output_lines: list[str] = []

    def listen() -> None:
        assert child.stdout is not None
        for line in child.stdout:
            output_lines.append(line)
            if progress is not None:
                progress.read_line(line)

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    line = StatusLine()
    try:
        while listener.is_alive():
            listener.join(POLL_SECONDS)
            if progress is not None:
                line.update(progress.status())
        child.wait()
    finally:
        line.end()
        if child.poll() is None:
            child.terminate()
            child.wait()
            # Its last line may be that a file has arrived.
            listener.join(POLL_SECONDS)
    if child.returncode != 0:
        reason = explain("".join(output_lines), WHEELS.get())
        if reason == DISK_FULL and not STAMP.exists():
            # What was unpacked so far is of no use and takes the room that is missing.
            shutil.rmtree(VENV, ignore_errors=True)
        raise SetupFailed(reason)


def _stop(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


def install_or_exit(purpose: str) -> None:
    """Like `main`, but ends this process with a sentence where it fails."""
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        _restart_with_another_python()
    signal.signal(signal.SIGTERM, _stop)
    try:
        main(purpose)
    except KeyboardInterrupt:
        sys.exit("Stopped. The next run goes on where this one was.")
    except (SetupFailed, WrongSetting) as failure:
        sys.exit(str(failure))
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            sys.exit(DISK_FULL)
        if error.errno == errno.EROFS:
            sys.exit(READ_ONLY)
        sys.exit(f"The environment in .venv cannot be written: {error.strerror}.")


def _restart_with_another_python() -> NoReturn:
    """Restart with another Python: the environment's own was replaced by one that does not fit."""
    STAMP.unlink(missing_ok=True)
    os.execvp("sh", ["sh", str(ROOT / "scripts" / "python.sh"), *sys.argv])


if __name__ == "__main__":
    install_or_exit(sys.argv[1])
