"""Which scheduler is believed and dialled, and which certificate is good."""

from __future__ import annotations

import json
import logging
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fmnist_core.config import DASK_CERTIFICATE
from fmnist_core.engine import Engine, EngineUnavailable, certificate
from fmnist_core.engine.address import Cluster, Untrusted, trusted_address
from fmnist_core.engine.certificate import CertificateUnusable, dask_environment, security
from fmnist_core.engine.local_cluster import LocalCluster
from fmnist_core.runs import RunStore

PROJECT = Path(__file__).resolve().parents[2]
TLS = "tls://127.0.0.1:9"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A scheduler file that is trusted."""
    file = tmp_path / "scheduler.json"
    file.write_text(json.dumps({"address": TLS}))
    file.chmod(0o644)
    return file


@pytest.fixture
def pem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the certificate shall be; not made yet."""
    pem = tmp_path / "own" / "engine.pem"
    monkeypatch.setenv(DASK_CERTIFICATE.name, str(pem))
    return pem


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A port that notes whether anybody calls."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        yield listener


def was_called(listener: socket.socket) -> bool:
    try:
        listener.accept()[0].close()
    except BlockingIOError:
        return False
    return True


def test_a_file_of_ours_is_believed(file: Path) -> None:
    assert trusted_address(file) == TLS


@pytest.mark.parametrize("mode", [0o664, 0o646, 0o666])
def test_a_file_that_others_can_write_is_not(file: Path, mode: int) -> None:
    file.chmod(mode)
    with pytest.raises(Untrusted, match="can be written by others"):
        trusted_address(file)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a file of somebody else's")
def test_somebody_elses_file_is_not(file: Path) -> None:
    os.chown(file, 65534, 65534)
    with pytest.raises(Untrusted, match="belongs to somebody else"):
        trusted_address(file)


def test_a_link_a_pipe_and_a_folder_are_not(file: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(file)
    os.mkfifo(tmp_path / "pipe", 0o600)
    (tmp_path / "folder").mkdir()
    for name in ("link", "pipe", "folder"):
        with pytest.raises(Untrusted):
            trusted_address(tmp_path / name)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "ws://x:1", "127.0.0.1:9", 7, None])
def test_an_address_without_tls_is_not(file: Path, address: object) -> None:
    file.write_text(json.dumps({"address": address}))
    with pytest.raises(Untrusted, match="without TLS"):
        trusted_address(file)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", "[" * 100_000])
def test_nonsense_is_not(file: Path, text: str) -> None:
    file.write_text(text)
    with pytest.raises(Untrusted, match="makes no sense"):
        trusted_address(file)


def test_an_engine_without_tls_is_not_found(tmp_path: Path) -> None:
    local = LocalCluster(tmp_path)
    assert local.address() is None
    local.scheduler_file.write_text(json.dumps({"address": "tcp://127.0.0.1:9"}))
    assert local.address() is None
    local.scheduler_file.write_text(json.dumps({"address": TLS}))
    local.scheduler_file.chmod(0o600)
    assert local.address() == TLS


def test_no_file_makes_us_dial_without_tls(file: Path, listener: socket.socket) -> None:
    file.write_text(json.dumps({"address": f"tcp://127.0.0.1:{listener.getsockname()[1]}"}))
    with pytest.raises(Untrusted, match="FMNIST_SCHEDULER"):
        Cluster(str(file)).connect(1)
    assert not was_called(listener)


@pytest.mark.parametrize(
    "named", ["10.0.0.5:8786", "ws://x:1", "ucx://x:1", "no such file", "tcp:"]
)
def test_what_names_no_scheduler_is_said(named: str) -> None:
    with pytest.raises(EngineUnavailable, match="has to be tls://host:port"):
        Cluster(named).connect(1)


def test_a_scheduler_without_tls_is_dialled_where_the_setting_names_it_and_said_once(
    listener: socket.socket, caplog: pytest.LogCaptureFixture
) -> None:
    cluster = Cluster(f"tcp://127.0.0.1:{listener.getsockname()[1]}")
    with caplog.at_level(logging.WARNING, "fmnist"):
        for _ in range(2):
            with pytest.raises(EngineUnavailable, match="does not answer"):
                cluster.connect(0.3)
    assert was_called(listener)
    (line,) = [record.getMessage() for record in caplog.records if record.name.startswith("fmnist")]
    assert "without TLS" in line
    assert "\n" not in line


def test_the_certificate_is_made_once_for_us_alone(pem: Path) -> None:
    security()
    made = pem.read_bytes()
    assert stat.S_IMODE(pem.stat().st_mode) == 0o600
    assert stat.S_IMODE(pem.parent.stat().st_mode) == 0o700
    security()
    assert pem.read_bytes() == made


def test_the_certificate_lies_in_the_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(DASK_CERTIFICATE.name)
    monkeypatch.setattr(certificate, "data_folder", lambda: tmp_path)
    assert certificate.certificate() == tmp_path / "engine.pem"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602])
def test_a_certificate_that_others_can_read_is_refused(pem: Path, mode: int) -> None:
    security()
    pem.chmod(mode)
    if os.geteuid() == 0 and mode == 0o640:
        # So root keeps secrets for a group.
        security()
        return
    with pytest.raises(CertificateUnusable, match="can be read by others"):
        security()


@pytest.mark.parametrize("content", [b"", b"nonsense", b"-----BEGIN CERTIFICATE-----\n"])
def test_a_damaged_certificate_is_said(pem: Path, content: bytes) -> None:
    pem.parent.mkdir(mode=0o700)
    pem.write_bytes(content)
    pem.chmod(0o600)
    with pytest.raises(CertificateUnusable, match="holds no key") as refused:
        security()
    assert "/" not in str(refused.value)


def test_a_pipe_is_no_certificate(pem: Path) -> None:
    pem.parent.mkdir(mode=0o700)
    os.mkfifo(pem, 0o600)
    with pytest.raises(CertificateUnusable, match="no regular file"):
        security()


def test_the_page_says_that_the_certificate_is_bad(pem: Path, tmp_path: Path) -> None:
    pem.mkdir(parents=True)
    engine = Engine(RunStore(tmp_path / "runs"))
    with pytest.raises(CertificateUnusable):
        engine.ensure()
    assert engine._local is not None
    assert not engine._local.scheduler_file.exists()


def test_the_command_prints_what_a_shell_takes_over(pem: Path) -> None:
    shell = 'eval "$("$PYTHON" -m fmnist_core.engine)"; env'
    done = subprocess.run(
        ["/bin/sh", "-c", shell],
        env={**os.environ, "PYTHON": sys.executable},
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    said = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
    assert said.items() >= dask_environment().items()


def test_the_command_that_cannot_says_why_in_one_line(pem: Path) -> None:
    pem.mkdir(parents=True)
    command = [sys.executable, "-m", "fmnist_core.engine"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1
