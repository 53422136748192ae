"""Locks, also where the file system has none."""

from __future__ import annotations

import errno
import fcntl
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fmnist_core import timeouts
from fmnist_core.annotations import Annotation, Annotations
from fmnist_core.engine.claims import Claims
from fmnist_core.locks import LockFile, LockWatch, locked
from fmnist_core.permissions import Actor


@pytest.fixture(params=["flock", errno.ENOLCK, errno.ENOTSUP], ids=["flock", "ENOLCK", "ENOTSUP"])
def file(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A file to lock, on file systems with and without locks."""
    if request.param != "flock":
        no_locks(monkeypatch, request.param)
    return tmp_path / "lock"


def no_locks(monkeypatch: pytest.MonkeyPatch, number: int = errno.ENOLCK) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, "no locks")

    monkeypatch.setattr(fcntl, "flock", refuse)


def test_one_at_a_time(file: Path) -> None:
    inside, most = 0, 0

    def work(_: int) -> None:
        nonlocal inside, most
        with locked(file):
            inside += 1
            most = max(most, inside)
            time.sleep(0.005)
            inside -= 1

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(24)))
    assert most == 1
    assert list(file.parent.iterdir()) == [file]


def test_an_error_inside_frees_the_lock(file: Path) -> None:
    with pytest.raises(ZeroDivisionError), locked(file):
        raise ZeroDivisionError
    with locked(file):
        pass


def test_a_lock_of_the_dead_is_taken_and_one_of_the_living_is_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    no_locks(monkeypatch)
    monkeypatch.setattr(timeouts, "LOCK_BEAT_SECONDS", 0.02)
    monkeypatch.setattr(timeouts, "LOCK_DEAD_SECONDS", 0.2)
    file = tmp_path / "lock"
    (tmp_path / "lock.held").touch()
    with locked(file):
        taken = threading.Event()

        def wait() -> None:
            with locked(file):
                taken.set()

        threading.Thread(target=wait, daemon=True).start()
        assert not taken.wait(0.6)
    assert taken.wait(10)


def test_what_another_made_meanwhile_is_not_removed(tmp_path: Path) -> None:
    file, watch = tmp_path / "held", LockWatch()
    file.write_text("of the dead")
    assert watch.dead(file) is False
    file.unlink()
    held = LockFile(file)
    assert held.take()
    watch.remove(file)
    assert file.exists()
    held.release()
    assert list(tmp_path.iterdir()) == []


def test_an_attempt_is_claimed_once(tmp_path: Path) -> None:
    runs = [Claims(tmp_path) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda claims: claims.take("ab" * 16, 1), runs))
    (mine,) = [claim for claim in taken if claim is not None]
    assert runs[0].dead("ab" * 16, 1) is False
    assert runs[0].dead("ab" * 16, 2) is None
    mine.release()
    assert runs[0].dead("ab" * 16, 1) is None


def test_annotations_are_kept_without_locks(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    no_locks(monkeypatch)
    kept = [Annotations(tmp_path) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(
            pool.map(
                lambda n: kept[n % 4].annotate(n, Annotation(note=f"{n}"), by=Actor.owner()),
                range(40),
            )
        )
    assert {number: said.note for number, said in Annotations(tmp_path).all().items()} == {
        number: f"{number}" for number in range(40)
    }


def test_measurements_are_remembered_without_locks(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    calibration = pytest.importorskip("fmnist_core.training.autotune")
    no_locks(monkeypatch)
    mode = calibration.ExecutionMode(precision="float32", xla=False, steps=1)
    calibration.ModeCache(tmp_path).put("a key", mode)
    assert calibration.ModeCache(tmp_path).get("a key") == mode
    assert list(json.loads((tmp_path / "calibration.json").read_text())) == ["a key"]


def test_a_lock_that_somebody_keeps_holds_nobody_up_for_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever may read a file can lock it."""
    monkeypatch.setattr(timeouts, "LOCK_PATIENCE_SECONDS", 0.2)
    file = tmp_path / "lock"
    file.touch()
    with file.open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(OSError, match="does not let go of it"), locked(file):
            pass
    with locked(file):
        pass


@pytest.mark.parametrize("late", [1, 2])
def test_a_late_hand_over_leaves_the_claim_of_a_newer_attempt(tmp_path: Path, late: int) -> None:
    claims = Claims(tmp_path)
    held = claims.take("a" * 32, 2)
    assert held is not None
    again = claims.take("a" * 32, late)
    assert claims.dead("a" * 32, 2) is False
    for one in (held, again):
        if one is not None:
            one.release()
