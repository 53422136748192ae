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

from settings import CHROMIUM

PROGRAM_NAMES = ("chromium", "chromium-browser", "google-chrome")
VERSION_SECONDS = 30
DOWNLOAD_SECONDS = 600
HOW_TO_INSTALL = (
    "The browser tests need Chromium and none was found or could be fetched. Install it "
    "(on Debian: sudo apt-get install chromium), or run .venv/bin/python -m playwright install "
    "--with-deps chromium, or name one with FMNIST_CHROMIUM=/path/to/chromium."
)
WITHOUT_BROWSER = " All other tests run without it: make test ARGS='tests/unit tests/app'."
# What a program prints that lacks a library: on Linux, on macOS.
MISSING_LIBRARY = re.compile(
    r"error while loading shared libraries: ([^\s:]+)|Library not loaded: \S*?([^/\s]+)$",
    re.MULTILINE,
)
# Playwright's Node needs this one. What a browser itself needs comes with any package of it.
LIBRARY_PACKAGES = {"libatomic.so.1": "libatomic1"}


def main() -> None:
    """Print the path of a browser, or end with a sentence that says how to get one."""
    with Path(__file__).open() as lock:
        # Tests may run side by side, and one browser is fetched once. Some disks know no locks.
        with contextlib.suppress(OSError):
            fcntl.flock(lock, fcntl.LOCK_EX)
        print(find_browser())


def find_browser() -> str:
    """The path of a Chromium that runs; ends the process where there is none."""
    driver = _driver()
    if (library := _missing_library([driver, "--version"])) is not None:
        sys.exit(_library_sentence("Playwright, which drives the browser of the tests,", library))
    if not succeeds([driver, "--version"], VERSION_SECONDS):
        sys.exit(
            "Playwright, which drives the browser of the tests, does not start: its own Node is "
            "missing or damaged in .venv. `make clean`, then `make test` install it anew."
            + WITHOUT_BROWSER
        )
    if configured := CHROMIUM.get():
        if _runs(configured):
            return configured
        if (library := _missing_library([configured, "--version"])) is not None:
            sys.exit(_library_sentence("The browser that FMNIST_CHROMIUM names", library))
        sys.exit(
            "The browser that FMNIST_CHROMIUM names does not run. "
            + HOW_TO_INSTALL
            + WITHOUT_BROWSER
        )
    for locate in (
        _on_path,
        _installed_by_playwright,
        _install_by_playwright,
        _install_from_debian,
    ):
        path = locate()
        if path is not None:
            return path
    for path in _broken_browsers():
        if (library := _missing_library([path, "--version"])) is not None:
            sys.exit(_library_sentence(f"The browser {path}", library))
    sys.exit(HOW_TO_INSTALL + WITHOUT_BROWSER)


def _driver() -> str:
    from playwright._impl._driver import compute_driver_executable

    try:
        return compute_driver_executable()[0]
    except Exception:  # It has an error of its own for a Node that is not there.
        return "no driver"


def _missing_library(command: list[str]) -> str | None:
    """The name of the system library that a program says it does not find, if any."""
    try:
        completed = subprocess.run(
            command, capture_output=True, text=True, timeout=VERSION_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = MISSING_LIBRARY.search(completed.stderr) if completed.returncode != 0 else None
    return (match[1] or match[2]) if match else None


def _library_sentence(subject: str, library: str) -> str:
    package = LIBRARY_PACKAGES.get(library, "chromium")
    return (
        f"{subject} does not start, because this system lacks the library {library}. Install it "
        f"(on Debian: sudo apt-get install {package})." + WITHOUT_BROWSER
    )


def _broken_browsers() -> list[str]:
    """Paths of the browsers that are installed and do not start."""
    paths = [shutil.which(name) for name in PROGRAM_NAMES]
    return [path for path in (*paths, _playwright_path()) if path is not None]


def _runs(path: str) -> bool:
    # A stub that asks for another package, or a browser without its libraries, is no browser.
    return succeeds([path, "--version"], VERSION_SECONDS)


def _on_path() -> str | None:
    paths = (shutil.which(name) for name in PROGRAM_NAMES)
    return next((path for path in paths if path is not None and _runs(path)), None)


def _installed_by_playwright() -> str | None:
    path = _playwright_path()
    return path if path is not None and _runs(path) else None


def _playwright_path() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).is_file() else None


def _install_by_playwright() -> str | None:
    print_status("No Chromium is here; asking Playwright for one (about 180 MB).")
    command = [sys.executable, "-m", "playwright", "install", "--no-shell", "chromium"]
    return _installed_by_playwright() if succeeds(command, DOWNLOAD_SECONDS) else None


def _install_from_debian() -> str | None:
    if shutil.which("apt-get") is None:
        return None
    command = ["apt-get", "-qq", "-y", "install", "--no-install-recommends", "chromium"]
    if os.geteuid() != 0:
        if shutil.which("sudo") is None:
            return None
        command = ["sudo", "-n", *command]
    print_status("Installing Debian's package of Chromium (about 100 MB).")
    return _on_path() if succeeds(command, DOWNLOAD_SECONDS) else None


def succeeds(command: list[str], seconds: int, folder: Path | None = None) -> bool:
    """Whether a command ends well and in time."""
    try:
        completed = subprocess.run(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return completed.returncode == 0


def print_status(sentence: str) -> None:
    """Print a status line to stderr; the path alone goes to stdout."""
    print(sentence, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
