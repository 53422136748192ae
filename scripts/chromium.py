"""Print the path of a Chromium that runs: one that is here, else one that can be fetched."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome")
ASK_SECONDS = 30
FETCH_SECONDS = 600
HOW = (
    "The browser tests need Chromium and none was found or could be fetched. Install it "
    "(on Debian: sudo apt-get install chromium), or run .venv/bin/python -m playwright install "
    "--with-deps chromium, or name one with FMNIST_CHROMIUM=/path/to/chromium."
)
WITHOUT = " All other tests run without it: make test ARGS='tests/unit tests/app'."
# What a program says that lacks a library: on Linux, on macOS.
LACKS = re.compile(
    r"error while loading shared libraries: ([^\s:]+)|Library not loaded: \S*?([^/\s]+)$",
    re.MULTILINE,
)
# Playwright's Node needs this one. What a browser itself needs comes with any package of it.
PACKAGES = {"libatomic.so.1": "libatomic1"}


def main() -> None:
    """Print the path of a browser, or end with a sentence that says how to get one."""
    with Path(__file__).open() as lock:
        # Tests may run side by side, and one browser is fetched once. Some disks know no locks.
        with contextlib.suppress(OSError):
            fcntl.flock(lock, fcntl.LOCK_EX)
        print(find())


def find() -> str:
    """The path of a browser that runs; ends the process where there is none."""
    driver = _driver()
    if (lacking := _lacking([driver, "--version"])) is not None:
        sys.exit(_sentence("Playwright, which drives the browser of the tests,", lacking))
    if not succeeds([driver, "--version"], ASK_SECONDS):
        sys.exit(
            "Playwright, which drives the browser of the tests, does not start: its own Node is "
            "missing or damaged in .venv. `make clean`, then `make test` install it anew." + WITHOUT
        )
    named = os.environ.get("FMNIST_CHROMIUM")
    if named:
        if _runs(named):
            return named
        if (lacking := _lacking([named, "--version"])) is not None:
            sys.exit(_sentence("The browser that FMNIST_CHROMIUM names", lacking))
        sys.exit("The browser that FMNIST_CHROMIUM names does not run. " + HOW + WITHOUT)
    for way in (_on_path, _of_playwright, _from_playwright, _from_debian):
        path = way()
        if path is not None:
            return path
    for path in _not_running():
        if (lacking := _lacking([path, "--version"])) is not None:
            sys.exit(_sentence(f"The browser {path}", lacking))
    sys.exit(HOW + WITHOUT)


def _driver() -> str:
    from playwright._impl._driver import compute_driver_executable

    try:
        return compute_driver_executable()[0]
    except Exception:  # It has an error of its own for a Node that is not there.
        return "no driver"


def _lacking(command: list[str]) -> str | None:
    """The system's library that a program does not find."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=ASK_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = LACKS.search(done.stderr) if done.returncode != 0 else None
    return (found[1] or found[2]) if found else None


def _sentence(who: str, library: str) -> str:
    package = PACKAGES.get(library, "chromium")
    return (
        f"{who} does not start, because this system lacks the library {library}. Install it (on "
        f"Debian: sudo apt-get install {package})." + WITHOUT
    )


def _not_running() -> list[str]:
    """The browsers that are here and do not start."""
    found = [shutil.which(name) for name in NAMES]
    return [path for path in (*found, _path_of_playwright()) if path is not None]


def _runs(path: str) -> bool:
    # A stub that asks for another package, or a browser without its libraries, is no browser.
    return succeeds([path, "--version"], ASK_SECONDS)


def _on_path() -> str | None:
    found = (shutil.which(name) for name in NAMES)
    return next((path for path in found if path is not None and _runs(path)), None)


def _of_playwright() -> str | None:
    path = _path_of_playwright()
    return path if path is not None and _runs(path) else None


def _path_of_playwright() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).is_file() else None


def _from_playwright() -> str | None:
    say("No Chromium is here; asking Playwright for one (about 180 MB).")
    command = [sys.executable, "-m", "playwright", "install", "--no-shell", "chromium"]
    return _of_playwright() if succeeds(command, FETCH_SECONDS) else None


def _from_debian() -> str | None:
    if shutil.which("apt-get") is None:
        return None
    command = ["apt-get", "-qq", "-y", "install", "--no-install-recommends", "chromium"]
    if os.geteuid() != 0:
        if shutil.which("sudo") is None:
            return None
        command = ["sudo", "-n", *command]
    say("Installing Debian's package of Chromium (about 100 MB).")
    return _on_path() if succeeds(command, FETCH_SECONDS) else None


def succeeds(command: list[str], seconds: int, folder: Path | None = None) -> bool:
    """Whether a command ends well and in time."""
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def say(sentence: str) -> None:
    """Tell whoever waits; the answer alone goes to the standard output."""
    print(sentence, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
