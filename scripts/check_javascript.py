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
_NPM_CODE = re.compile(r"^npm (?:error|ERR!) code (\w+)$", re.MULTILINE)
# Faults of the project itself, not of the connection to the packages.
_PROJECT_FAULTS = {
    "EUSAGE": "package-lock.json does not fit package.json: run npm install and commit it.",
    "EINTEGRITY": "A package is not the one that package-lock.json names: its hash differs.",
}


def main() -> int:
    """Run tsc and ESLint: 0 where they find nothing or could not be run, else 1."""
    npm = shutil.which("npm")
    if npm is None:
        _print_skipped("there is no npm here. Install Node.js 20.19 or newer")
        return 0
    if not _is_installed():
        code = _install(npm)
        if code in _PROJECT_FAULTS:
            print(_PROJECT_FAULTS[code])
            return 1
        if code:
            _print_skipped(
                f"npm could not bring them ({code}). Check Node.js and the internet connection"
            )
            return 0
    completed = subprocess.run([npm, "run", "--silent", "check"], cwd=PROJECT, check=False)
    return min(1, completed.returncode)


def _print_skipped(reason: str) -> None:
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
        completed = subprocess.run(
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
    if completed.returncode == 0:
        (PROJECT / STAMP).write_text(digest)
        return ""
    code = _NPM_CODE.search(completed.stderr)
    return code[1] if code else f"exit status {completed.returncode}"


if __name__ == "__main__":
    sys.exit(main())
