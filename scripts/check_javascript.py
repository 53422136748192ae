"""Check the JavaScript of the components with tsc and ESLint, where npm brings them.

``python scripts/check_javascript.py`` ends with 1 where they find something, and where
``package.json`` and ``package-lock.json`` do not fit each other. Without npm or its packages it
says so and ends with 0: the dashboard itself needs neither.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
INSTALL_SECONDS = 300
# Written last; `npm ci` begins with removing the folder.
STAMP = Path("node_modules", "installed.sha256")
_CODE = re.compile(r"^npm (?:error|ERR!) code (\w+)$", re.MULTILINE)
# Of the project itself, not of the way to the packages: the lock file fits neither.
_FAULTS = {
    "EUSAGE": "package-lock.json does not fit package.json: run npm install and commit it.",
    "EINTEGRITY": "A package is not the one that package-lock.json names: its hash differs.",
}


def main() -> int:
    """0 where nothing was found or nothing could be checked, else 1."""
    npm = shutil.which("npm")
    if npm is None:
        _skip("there is no npm here. Install Node.js 20.19 or newer")
        return 0
    if not _is_installed():
        code = _install(npm)
        if code in _FAULTS:
            print(_FAULTS[code])
            return 1
        if code:
            _skip(f"npm could not bring them ({code}). Check Node.js and the internet connection")
            return 0
    done = subprocess.run([npm, "run", "--silent", "check"], cwd=PROJECT, check=False)
    return min(1, done.returncode)


def _skip(reason: str) -> None:
    print(
        f"The JavaScript was not checked: tsc and ESLint come from npm, and {reason} to have it "
        "checked, too."
    )


def _is_installed() -> bool:
    stamp = PROJECT / STAMP
    return stamp.is_file() and stamp.read_text() == _digest()


def _digest() -> str:
    return hashlib.sha256((PROJECT / "package-lock.json").read_bytes()).hexdigest()


def _install(npm: str) -> str:
    """Install what the lock file names; npm's code for what went wrong, empty where all is well."""
    digest = _digest()
    command = [npm, "ci", "--no-progress", "--prefer-offline"]
    try:
        done = subprocess.run(
            command,
            cwd=PROJECT,
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=INSTALL_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return f"not within {INSTALL_SECONDS} s"
    if done.returncode == 0:
        (PROJECT / STAMP).write_text(digest)
        return ""
    said = _CODE.search(done.stderr)
    return said[1] if said else f"exit status {done.returncode}"


if __name__ == "__main__":
    sys.exit(main())
