"""Print the path of a Chromium that runs: one that is here, else one that can be fetched."""

from __future__ import annotations

import os
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


def main() -> None:
    """Print the path of a browser, or end with a sentence that says how to get one."""
    named = os.environ.get("FMNIST_CHROMIUM")
    if named:
        if not _runs(named):
            sys.exit("The browser that FMNIST_CHROMIUM names does not run. " + HOW)
        print(named)
        return
    for find in (_on_path, _of_playwright, _from_playwright, _from_debian):
        path = find()
        if path is not None:
            print(path)
            return
    sys.exit(HOW)


def _runs(path: str) -> bool:
    # A stub that asks for another package, or a browser without its libraries, is no browser.
    return succeeds([path, "--version"], ASK_SECONDS)


def _on_path() -> str | None:
    found = (shutil.which(name) for name in NAMES)
    return next((path for path in found if path is not None and _runs(path)), None)


def _of_playwright() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).is_file() and _runs(path) else None


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
