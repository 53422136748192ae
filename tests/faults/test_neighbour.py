"""Other users of this machine: no connection, no HTTP, no key."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest
from places import PROJECT, SUPPORT
from processes import processes_of, wait_for
from stranger import WAYS
from sweep import Tally

from fmnist_core.engine import Engine, certificate


@pytest.fixture
def whole_engine(engine: Engine) -> Engine:
    """An engine with both kinds of workers."""
    engine.expect_tasks()
    wait_for(lambda: engine._workers.answering and engine._workers.training)
    return engine


def listeners(engine: Engine) -> dict[int, str]:
    """Where the engine's processes listen: ports, with their addresses."""
    found = {}
    for process in processes_of(engine.store.root):
        for connection in process.net_connections(kind="inet"):
            if connection.status == psutil.CONN_LISTEN:
                found[connection.laddr.port] = connection.laddr.ip
    return found


def tried(engine: Engine, other: Path, stranger: bool) -> dict[str, Any]:
    """What ``stranger.py`` got."""
    job = {
        "ports": sorted(listeners(engine)),
        "certificate": str(other),
        "key": str(certificate.certificate()),
        "stranger": stranger,
    }
    done = subprocess.run(
        [sys.executable, str(SUPPORT / "stranger.py")],
        input=json.dumps(job),
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    said: dict[str, Any] = json.loads(done.stdout)
    return said


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """A certificate as good as ours, but another one, that everybody can read."""
    file = tmp_path / "other.pem"
    file.write_bytes(certificate._create())
    for path in (tmp_path, file):
        path.chmod(0o755)
    return file


def test_every_listener_is_on_loopback_and_answers_no_http(
    whole_engine: Engine, tally: Tally
) -> None:
    found = listeners(whole_engine)
    # A scheduler, and for each of two workers its nanny and itself.
    assert len(found) == 5
    assert set(found.values()) == {"127.0.0.1"}
    # Who has the certificate gets in at each, so these are what strangers must be kept from.
    got = tried(whole_engine, certificate.certificate(), stranger=False)["got"].values()
    assert {(ways[WAYS[0]], ways[WAYS[2]]) for ways in got} == {("nothing", "a greeting")}
    assert {(ways["HTTP"], ways["HTTPS"]) for ways in got} == {("nothing", "nothing")}
    tally("HTTP asked of every listener of the engine", 2 * len(found), "none answers")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user here")
def test_another_user_gets_nothing(whole_engine: Engine, other: Path, tally: Tally) -> None:
    # Were the certificate in their hands, they would get in: they know how.
    control = tried(whole_engine, certificate.certificate(), stranger=True)["got"].values()
    assert {ways[WAYS[2]] for ways in control} == {"a greeting"}
    said = tried(whole_engine, other, stranger=True)
    assert said["user"] != os.geteuid()
    assert said["key"] == "PermissionError"
    assert len(said["got"]) == 5
    for port, ways in said["got"].items():
        assert ways == dict.fromkeys(WAYS, "nothing"), port
    tally("another user tries the engine's ports", 5 * len(WAYS), "gets nothing")


def test_the_same_user_without_the_certificate_gets_nothing(
    whole_engine: Engine, other: Path
) -> None:
    for ways in tried(whole_engine, other, stranger=False)["got"].values():
        assert ways == dict.fromkeys(WAYS, "nothing")


def test_the_key_is_in_no_argument_and_no_log(whole_engine: Engine) -> None:
    key = certificate.certificate().read_text().splitlines()[-2]
    for process in processes_of(whole_engine.store.root):
        assert not any(key in word for word in process.cmdline())
    assert whole_engine._local is not None
    assert key not in whole_engine._local.log.read_text(errors="replace")
