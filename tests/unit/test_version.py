"""The version, from the one file that says it."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from fmnist_core.version import UNKNOWN, VERSION, read_version

PROJECT = Path(__file__).resolve().parents[2]


def test_the_version_is_the_one_of_the_project() -> None:
    version = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["version"]
    assert version == VERSION
    assert VERSION != UNKNOWN


def test_a_copy_without_its_description_has_an_unknown_version(tmp_path: Path) -> None:
    assert read_version(tmp_path / "pyproject.toml") == UNKNOWN
    assert read_version(tmp_path) == UNKNOWN


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"[project",
        b"project = 1",
        b"[project]\nname = 'x'",
        b"[project]\nversion = 1.0",
        b"[project]\nversion = ''",
        b"[project]\nversion = '<b>1</b>'",
        b"a = " + b"[" * 100_000,
    ],
    ids=lambda content: content[:30].decode("latin-1"),
)
def test_a_description_that_names_no_version_is_no_error(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_bytes(content)
    assert read_version(file) == UNKNOWN
