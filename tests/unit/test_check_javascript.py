"""The JavaScript is checked where npm is there; where it is not, a sentence says so."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from setups import ROOT, SCRIPTS, call, program

NOTES = (".npmrc", "package.json", "package-lock.json")
NPM = shutil.which("npm")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """What npm reads, beside the script; neither packages nor JavaScript."""
    folder = tmp_path / "project"
    (folder / "scripts").mkdir(parents=True)
    shutil.copy(SCRIPTS / "check_javascript.py", folder / "scripts")
    for name in NOTES:
        shutil.copy(ROOT / name, folder)
    return folder


def check(project: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    script = project / "scripts" / "check_javascript.py"
    return call(sys.executable, script, cwd=project, **environment)


def with_npm(
    project: Path, install: str, found: str = "exit 0"
) -> subprocess.CompletedProcess[str]:
    """Check with an npm that notes each call, and does this for `npm ci` and `npm run`."""
    note = f'echo "$1" >> {project}/calls\n'
    branches = f'if [ "$1" = ci ]; then\n{install}\nelse\n{found}\nfi'
    programs = project.parent / "bin"
    program(programs, "npm", f"PATH=/usr/bin:/bin\n{note}{branches}")
    return check(project, PATH=str(programs))


def calls(project: Path) -> list[str]:
    return (project / "calls").read_text().split()


def assert_skipped(done: subprocess.CompletedProcess[str], reason: str) -> None:
    assert done.returncode == 0
    assert done.stderr == ""
    assert done.stdout.count("\n") == 1
    assert re.match(r"The JavaScript was not checked: .*" + reason, done.stdout), done.stdout


def test_without_npm_a_sentence_says_so_and_nothing_fails(project: Path) -> None:
    assert_skipped(check(project, PATH=""), r"there is no npm here\. Install Node\.js")


@pytest.mark.skipif(NPM is None, reason="asks npm itself, and there is none")
def test_npm_that_reaches_nothing_is_told_and_nothing_fails(project: Path) -> None:
    nowhere = {
        "npm_config_registry": "http://127.0.0.1:9/",
        "npm_config_cache": str(project / "cache"),
        "npm_config_fetch_retries": "0",
    }
    assert_skipped(check(project, **nowhere), r"npm could not bring them \(ECONNREFUSED\)")
    assert not (project / "node_modules" / "installed.sha256").exists()


def test_npm_that_does_not_run_is_told_and_nothing_fails(project: Path) -> None:
    done = with_npm(project, "echo 'env: node: No such file or directory' >&2; exit 127")
    assert_skipped(done, r"npm could not bring them \(exit status 127\)")


@pytest.mark.parametrize(
    ("code", "words"),
    [("EUSAGE", "package-lock.json does not fit"), ("EINTEGRITY", "its hash differs")],
)
def test_a_lock_file_that_does_not_fit_fails(project: Path, code: str, words: str) -> None:
    done = with_npm(project, f"echo 'npm error code {code}' >&2; exit 1")
    assert done.returncode == 1
    assert words in done.stdout
    assert calls(project) == ["ci"]


def test_packages_are_installed_once_for_each_lock_file(project: Path) -> None:
    install = "rm -rf node_modules; mkdir node_modules"
    assert with_npm(project, install).stdout == ""
    assert with_npm(project, install).returncode == 0
    assert calls(project) == ["ci", "run", "run"]
    (project / "package-lock.json").write_text("{}")
    with_npm(project, install)
    assert calls(project) == ["ci", "run", "run", "ci", "run"]


def test_what_is_found_is_shown_and_fails(project: Path) -> None:
    done = with_npm(project, "mkdir node_modules", "echo 'gallery.js(3,1): error'; exit 2")
    assert done.returncode == 1
    assert "gallery.js(3,1): error" in done.stdout


# What ships.


def test_every_package_is_pinned_with_its_hash_and_no_registry_is_named() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    dependencies = json.loads((ROOT / "package.json").read_text())["devDependencies"]
    assert all(re.fullmatch(r"[0-9.]+", version) for version in dependencies.values())
    assert {
        name: packages[f"node_modules/{name}"]["version"] for name in dependencies
    } == dependencies
    brought = [package for place, package in packages.items() if place]
    assert all(package["integrity"].startswith("sha512-") for package in brought)
    assert not any("resolved" in package for package in brought)
