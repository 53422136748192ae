"""The seal on models: whoever lacks the key cannot make one."""

from __future__ import annotations

import hashlib
import hmac
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import platformdirs
import pytest

from fmnist_core.config import KEY_FILE
from fmnist_core.runs.seal import is_sealed, seal


@pytest.fixture
def key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "own" / "model.key"
    monkeypatch.setenv(KEY_FILE.name, str(file))
    return file


def test_the_seal_is_the_hmac_under_a_key_that_only_its_owner_can_read(key: Path) -> None:
    tag = seal(b"a model")
    assert tag == hmac.new(key.read_bytes(), b"a model", hashlib.sha256).hexdigest()
    assert len(key.read_bytes()) == 32
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert [file.name for file in key.parent.iterdir()] == [key.name]


def test_what_was_changed_or_sealed_elsewhere_is_refused(key: Path) -> None:
    tag = seal(b"a model")
    assert is_sealed(b"a model", tag)
    assert not is_sealed(b"a Model", tag)
    assert not is_sealed(b"a model", hashlib.sha256(b"a model").hexdigest())
    assert not is_sealed(b"a model", "ü")
    assert not is_sealed(b"a model", None)
    key.unlink()
    assert not is_sealed(b"a model", tag)


def test_processes_that_need_the_first_key_at_once_agree_on_it(key: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(seal, [b"a model"] * 40))) == 1


def test_where_no_key_can_be_kept_nothing_is_sealed_and_nothing_breaks(key: Path) -> None:
    key.parent.write_text("a file where the folder should be")
    assert seal(b"a model") is None
    assert not is_sealed(b"a model", "00" * 32)


def test_a_key_that_was_cut_off_seals_nothing(key: Path) -> None:
    key.parent.mkdir()
    key.write_bytes(b"")
    assert seal(b"a model") is None


def test_the_key_lies_in_the_users_own_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(KEY_FILE.name)
    monkeypatch.setattr(platformdirs, "user_data_path", lambda name, appauthor: tmp_path / name)
    seal(b"a model")
    assert (tmp_path / "fashion-mnist-atelier" / "model.key").is_file()
