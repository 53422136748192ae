"""Start the dashboard: `serve.py PORT` sets up what is missing and becomes the server.

All of it happens in one process, which asks as little as it can: whoever waits for the page waits
for this. Only a first start, or one with another Python, goes on in the environment's own Python.
"""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import stat
import sys
import tempfile
import threading
from pathlib import Path

from install import PYTHON, ROOT, in_environment, install_or_exit
from settings import BASE_PATH, RUNS_DIR, SERVER_ADDRESS, WrongSetting, check, start_report
from terminal import take_the_terminal

LOOPBACK = "127.0.0.1"
ALL_INTERFACES = ("0.0.0.0", "::")  # noqa: S104
ENDED = "The dashboard has ended. A training that runs goes on; `make run` shows it again."
READ_ONLY_RUNS = (
    f"The folder {ROOT} cannot be written, so nothing can be trained in it: name another place for "
    "the runs with FMNIST_RUNS_DIR=/path/to/a/folder make run."
)
WITHOUT_DATASET = "The dashboard starts without the pictures."


def main(port_text: str) -> None:
    """Check settings, port, environment and dataset, print the address, serve."""
    try:
        check()
    except WrongSetting as error:
        sys.exit(str(error))
    port = _free_port(port_text)
    install_or_exit("run")
    if not in_environment():
        os.execv(PYTHON, [str(PYTHON), *sys.argv])
    # What lies beside this file is no part of the dashboard.
    sys.path[0] = str(ROOT)
    os.chdir(ROOT)
    _ensure_home()
    take_the_terminal()
    try:
        for line in start_report():
            print(line, flush=True)
        _ensure_dataset()
        _warn_if_read_only()
        print(f"The dashboard is starting on {_url(port)} (Ctrl+C ends it).", flush=True)
        _serve(port)
    except KeyboardInterrupt:
        print(ENDED, flush=True)
    except Exception as error:
        # NumPy's message of what it misses takes a page.
        reason = " ".join([f"{type(error).__name__}:", *str(error).split()[:30]])
        sys.exit(
            f"The dashboard could not be loaded ({reason}). Run `make clean`, then `make run`: "
            "that installs it anew. Runs and pictures stay."
        )


def _free_port(text: str) -> int:
    text = text.strip()
    port = int(text) if text.isascii() and text.isdigit() else 0
    if not 1 <= port <= 65_535:
        sys.exit(f"PORT must be a whole number from 1 to 65535, not {text!r}.")
    address = SERVER_ADDRESS.get()
    try:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with socket.socket(family) as probe:
            # A port that was in use a minute ago is free for the server too.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((address, port))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            sys.exit(
                f"Port {port} is in use. Choose another one: make run PORT={_suggestion(port)}"
            )
        if error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT) or error.errno is None:
            sys.exit(f"{SERVER_ADDRESS.name} is {address}, which is no address of this computer.")
        sys.exit(f"Port {port} cannot be used: {error.strerror}. Choose another one with PORT=.")
    return port


def _url(port: int) -> str:
    """The dashboard's URL on this computer."""
    address, base = SERVER_ADDRESS.get(), BASE_PATH.get().strip("/")
    host = LOOPBACK if address in ALL_INTERFACES else address
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/{base}".rstrip("/")


def _suggestion(port: int) -> int:
    return port + 1 if port < 65_535 else port - 1


def _ensure_home() -> None:
    """Set HOME where there is none: Streamlit needs it, and the dataset would not be cached."""
    try:
        Path.home()
    except RuntimeError:
        home = Path(tempfile.gettempdir()) / f"fashion-mnist-atelier-{os.geteuid()}"
        with contextlib.suppress(FileExistsError):
            home.mkdir(mode=0o700)
        status = home.lstat()
        is_ours = stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid()
        if not is_ours or status.st_mode & 0o077:
            home = Path(tempfile.mkdtemp(prefix=f"{home.name}-"))
        os.environ["HOME"] = str(home)  # noqa: TID251
        print(f"This user has no home folder; {home} is used in its place.", flush=True)


def _warn_if_read_only() -> None:
    if not RUNS_DIR.differs and not os.access(ROOT, os.W_OK):
        print(READ_ONLY_RUNS, flush=True)


def _ensure_dataset() -> None:
    """Fetch the dataset; one that is cached already is verified while the dashboard starts."""
    from fmnist_core.dataset import has_own_copy

    if has_own_copy():
        threading.Thread(target=_load_dataset, name="pictures", daemon=True).start()
    elif (source := _load_dataset()) is not None:
        print(f"Fashion-MNIST is ready and verified, from {source}.", flush=True)


def _load_dataset() -> str | None:
    """The source of the dataset; ``None`` where it is unavailable, with the reason printed."""
    from fmnist_core.dataset import DatasetUnavailable, load

    try:
        return load(report=lambda sentence: print(sentence, flush=True)).source
    except DatasetUnavailable as error:
        print(f"{error}\n{WITHOUT_DATASET}", file=sys.stderr, flush=True)
        return None


def _serve(port: int) -> None:
    import click
    from streamlit.web import cli

    arguments = ["run", "dashboard.py", "--server.port", str(port)]
    sys.argv = ["streamlit", *arguments]
    try:
        cli.main(arguments, standalone_mode=False)
    except click.Abort:
        raise KeyboardInterrupt from None


if __name__ == "__main__":
    main(sys.argv[1])
