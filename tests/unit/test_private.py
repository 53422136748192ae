"""What this user alone may read: where it lies, with a home and without one."""

from __future__ import annotations

import os
import stat
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import platformdirs
import pytest

from fmnist_core import private
from fmnist_core.config import KEY_FILE
from fmnist_core.dataset.find import DataFolders
from fmnist_core.private import (
    NotPrivate,
    data_folder,
    make_private,
    read_or_create,
    scratch_folder,
)
from fmnist_core.runs.seal import is_sealed, seal


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No home, no passwd entry, no runtime folder: only this folder for temporary files."""
    for name in [*os.environ]:
        if name.startswith("XDG_") or name in ("HOME", "KERAS_HOME", "FMNIST_DATA_DIR"):
            monkeypatch.delenv(name)
    monkeypatch.delenv(KEY_FILE.name)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    monkeypatch.setattr(private, "_runtime_folders", lambda: iter(()))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path / f"{private.NAME}-{os.geteuid()}"


def test_the_data_folder_is_ours_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platformdirs, "user_data_path", lambda name, appauthor: tmp_path / name)
    (tmp_path / private.NAME).mkdir(mode=0o755)
    assert data_folder() == tmp_path / private.NAME
    assert stat.S_IMODE(data_folder().stat().st_mode) == 0o700


def test_without_a_home_all_lies_among_the_temporary_files(temporary: Path) -> None:
    assert data_folder() == scratch_folder() == temporary
    assert stat.S_IMODE(temporary.stat().st_mode) == 0o700
    assert is_sealed(b"a model", seal(b"a model"))
    assert (temporary / "model.key").is_file()
    assert DataFolders.from_environment().own == temporary
    assert not (temporary.parent / "~").exists()


def test_the_runtime_folder_comes_before_the_temporary_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = tmp_path / "no folder"
    nowhere.touch()
    monkeypatch.setattr(platformdirs, "user_data_path", lambda name, appauthor: nowhere / name)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert data_folder() == tmp_path / private.NAME


def test_a_folder_that_others_can_write_is_refused(temporary: Path) -> None:
    temporary.mkdir()
    temporary.chmod(0o770)
    with pytest.raises(NotPrivate, match="Set HOME or TMPDIR"):
        data_folder()
    assert seal(b"a model") is None
    assert not DataFolders.from_environment().own.is_absolute()


def test_a_link_and_a_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "own")
    (tmp_path / "file").touch()
    for name in ("link", "file"):
        with pytest.raises(NotPrivate):
            make_private(tmp_path / name)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a folder of somebody else's")
def test_somebody_elses_folder_is_refused(temporary: Path) -> None:
    temporary.mkdir(mode=0o700)
    os.chown(temporary, 65534, 65534)
    with pytest.raises(NotPrivate):
        data_folder()


@pytest.mark.parametrize("links", [True, False], ids=["links", "no links"])
def test_what_is_made_at_once_is_made_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    if not links:
        monkeypatch.setattr(os, "link", _refuse)
    file = tmp_path / "own" / "secret"
    with ThreadPoolExecutor(8) as pool:
        kept = set(pool.map(lambda n: read_or_create(file, lambda: b"%d" % n), range(40)))
    assert kept == {file.read_bytes()}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert {path.name for path in file.parent.iterdir()} - {".secret.lock"} == {"secret"}


def _refuse(*_: object) -> None:
    raise OSError(95, "Operation not supported")
