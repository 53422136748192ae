"""What the project uses is what `pyproject.toml` lists, and all of it is pinned with its hashes."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from setups import ROOT, SCRIPTS

sys.path.append(str(SCRIPTS))

from wheels import normalised, requirements

LISTS = {
    "requirements.txt": None,
    "requirements-dev.txt": "test",
    "requirements-bench.txt": "benchmark",
}
# What is run and not imported; distributed asks for Dask of the same day.
COMMANDS = {"dask", "import-linter", "mypy", "ruff", "uv"}
# Not installed beside the tests, so that nothing says which package it belongs to.
BENCHMARKED = {"torch": "torch"}


def listed(group: str | None) -> set[str]:
    """The packages that `pyproject.toml` names, for all or for a group."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    entries = project["dependency-groups"][group] if group else project["project"]["dependencies"]
    return {normalised(re.split(r"[^\w.-]", entry)[0]) for entry in entries}


def imported(*places: str) -> set[str]:
    """The packages of which something is imported in these files and folders."""
    files = [path for place in places for path in [ROOT / place, *(ROOT / place).rglob("*.py")]]
    modules = {name for path in files if path.is_file() for name in _modules(path)}
    owners = {**packages_distributions(), **{name: [own] for name, own in BENCHMARKED.items()}}
    return {normalised(owner) for name in modules for owner in owners.get(name, [])}


def _modules(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def test_what_the_dashboard_imports_is_what_is_listed() -> None:
    used = imported("fmnist_core", "ui", "pages", "dashboard.py", "scripts/serve.py")
    assert used == listed(None) - COMMANDS


def test_what_tests_and_benchmarks_import_is_listed_and_nothing_more() -> None:
    used = imported("tests", "benchmarks", "scripts", "fmnist_core", "ui", "pages", "dashboard.py")
    everything = {name for group in LISTS.values() for name in listed(group)}
    assert used == everything - COMMANDS


@pytest.mark.parametrize(("name", "group"), LISTS.items())
def test_what_is_listed_is_pinned_and_every_package_has_hashes(
    name: str, group: str | None
) -> None:
    pinned = requirements([ROOT / name])
    assert listed(group) <= {package for package, _ in pinned}
    assert all("--hash=sha256:" in entry for entry in pinned.values())


def test_no_package_is_pinned_twice_and_no_list_says_where_it_was_made() -> None:
    versions: dict[str, str] = {}
    for name in LISTS:
        for package, version in requirements([ROOT / name]):
            assert versions.setdefault(package, version) == version, package
        lines = (ROOT / name).read_text().splitlines()
        assert lines[1] == "#    make lock"
        assert not [line for line in lines if "://" in line or line.startswith("-")]
