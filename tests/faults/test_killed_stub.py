"""Workers killed at any moment, and disks that fail at any system call."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from processes import wait_for
from promises import check_folder, resume_to_the_end
from stub import BATCHES, EPOCHS, SPEC, Zygote
from sweep import THOROUGH, Tally

from fmnist_core.engine.training_worker import record_death
from fmnist_core.permissions import Actor
from fmnist_core.runs import RunStore, RunWriter, new_run_id
from fmnist_core.runs.failures import DISK_FULL
from fmnist_core.runs.model import HEARTBEAT_FILE

KILLS = 1_000 if THOROUGH else 24
PAUSE = 0.01
AT_ONCE = 2
# The heartbeat's utimensat is left out: it would make the count depend on time.
MUTATING = (
    "openat,open,creat,write,pwrite64,writev,fsync,fdatasync,rename,renameat,renameat2,"
    "unlink,unlinkat,mkdir,mkdirat,ftruncate"
)
SAMPLE = 5


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid)


# SIGKILL at any moment.


def test_worker_killed_at_any_moment_loses_no_epoch_and_can_be_resumed(
    stub_store: RunStore, zygote: Zygote, tally: Tally
) -> None:
    moments = random.Random(4)

    def kill(delay: float) -> str:
        run_id = stub_store.create(SPEC, by=Actor.owner()).id
        pid = zygote.train(stub_store, run_id, pause=PAUSE)
        time.sleep(delay)
        shown = stub_store.events(run_id).epochs
        os.kill(pid, signal.SIGKILL) if not gone(pid) else None
        # Promise 3, with the heartbeat and the limit scaled down twentyfold.
        wait_for(lambda: stub_store.get(run_id).state != "running", 10)
        state = stub_store.get(run_id).state
        check_folder(stub_store, run_id, shown)
        resume_to_the_end(stub_store, zygote, run_id)
        return state

    # A little longer than a run takes, so that every part of it is hit.
    longest = 1.2 * (0.15 + EPOCHS * (BATCHES * PAUSE + 0.02))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        states = list(pool.map(kill, [moments.uniform(0, longest) for _ in range(KILLS)]))
    assert set(states) <= {"queued", "interrupted", "done"}
    interrupted = states.count("interrupted")
    assert interrupted > KILLS / 4, "most kills missed the training"
    tally(
        "SIGKILL of the worker (stub)",
        KILLS,
        f"{interrupted} hit a running training: each interrupted, resumed to done, no epoch lost",
    )


# A failing system call.


def traced(
    store: RunStore, zygote: Zygote, strace: str, inject: str, log: Path, **job: object
) -> None:
    """Let a stub do a job under strace, and wait for its end; ``inject`` may name a fault."""
    go = log.with_suffix(".go")
    go.unlink(missing_ok=True)
    pid = zygote.start(root=str(store.root), wait=str(go), **job)
    command = [strace, "-f", "-e", f"trace={MUTATING}", "-o", str(log), "-p", str(pid)]
    if inject:
        command[2:2] = ["-e", f"inject={inject}"]
    tracer = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert tracer.stderr is not None
    assert "attached" in tracer.stderr.readline()
    go.touch()
    tracer.communicate(timeout=60)
    wait_for(lambda: gone(pid), 30)


def calls(log: Path) -> list[tuple[str, int]]:
    """Every traced system call: its name, and how many of that name there were up to it.

    strace counts each name by itself, so a fault is placed by name and number.
    """
    names = re.findall(r"^\d+ +(\w+)\(", log.read_text(), re.MULTILINE)
    return [(name, names[: place + 1].count(name)) for place, name in enumerate(names)]


@pytest.mark.parametrize(
    ("fault", "what"),
    [
        ("signal=KILL:when={n}", "SIGKILL"),
        ("error=ENOSPC:when={n}", "ENOSPC"),
        ("error=ENOSPC:when={n}+", "ENOSPC for good"),
        ("error=EIO:when={n}", "EIO"),
    ],
)
def test_fault_at_any_system_call_leaves_a_folder_that_keeps_its_promises(
    stub_store: RunStore,
    zygote: Zygote,
    strace: str,
    tmp_path: Path,
    tally: Tally,
    fault: str,
    what: str,
) -> None:
    log = tmp_path / "trace"
    # Twice: the first training of all makes folders that the others find.
    for _ in range(2):
        undisturbed = stub_store.create(SPEC, by=Actor.owner()).id
        traced(stub_store, zygote, strace, "", log, act="train", run_id=undisturbed, attempt=1)
        assert stub_store.get(undisturbed).state == "done"
    places = calls(log)
    assert {"write", "fsync", "rename", "openat"} <= {name for name, _ in places}
    chosen = places if THOROUGH else random.Random(what).sample(places, SAMPLE)
    ends: dict[str, int] = {}
    for name, n in chosen:
        run_id = stub_store.create(SPEC, by=Actor.owner()).id
        job = {"act": "train", "run_id": run_id, "attempt": 1}
        traced(stub_store, zygote, strace, f"{name}:{fault.format(n=n)}", log, **job)
        record_death(stub_store, run_id, 1, out_of_memory=False)
        run = stub_store.get(run_id)
        assert run.state in ("failed", "interrupted", "done"), f"{name} {n}: {run.state}"
        assert "INJECTED" in log.read_text() or "SIGKILL" in log.read_text(), f"{name} {n} missed"
        if what == "ENOSPC" and run.state == "failed" and run.record.started_at:
            assert run.reason == DISK_FULL
        shown = check_folder(stub_store, run_id, [])
        resume_to_the_end(stub_store, zygote, run_id)
        check_folder(stub_store, run_id, shown)
        ends[run.state] = ends.get(run.state, 0) + 1
    tally(
        f"{what} at the Nth mutating system call",
        len(chosen),
        f"folder readable, resumed to done ({', '.join(f'{v} {k}' for k, v in ends.items())})",
    )


@pytest.mark.parametrize("what", ["signal=KILL", "error=ENOSPC", "error=EIO"])
@pytest.mark.parametrize("act", ["create", "requeue"])
def test_fault_while_a_run_is_queued_leaves_it_queued_or_as_it_was(
    stub_store: RunStore,
    zygote: Zygote,
    strace: str,
    tmp_path: Path,
    tally: Tally,
    act: str,
    what: str,
) -> None:
    def once(inject: str) -> str:
        run_id = new_run_id()
        if act == "requeue":
            stub_store.create(SPEC, run_id, by=Actor.owner())
            RunWriter(stub_store.root, run_id, 1).finish("stopped", None)
        traced(stub_store, zygote, strace, inject, tmp_path / "trace", act=act, run_id=run_id)
        assert stub_store.scan().damaged == []
        states = [run.state for run in stub_store.list() if run.id == run_id]
        assert states in ([["queued"], []] if act == "create" else [["queued"], ["stopped"]])
        if states:
            resume_to_the_end(stub_store, zygote, run_id)
        return states[0] if states else "none"

    assert once("") == "queued"
    places = calls(tmp_path / "trace")
    chosen = places if THOROUGH else random.Random(what).sample(places, 1)
    states = [once(f"{name}:{what}:when={n}") for name, n in chosen]
    tally(
        f"{what.split('=')[1]} at the Nth call of a {act}",
        len(states),
        f"{states.count('queued')} queued, the others as before",
    )


# A hang.


def test_training_that_lives_but_does_not_advance_is_interrupted(
    stub_store: RunStore, zygote: Zygote, tally: Tally
) -> None:
    """Its heartbeat's thread lives; only the training itself hangs."""
    run_id = stub_store.create(SPEC, by=Actor.owner()).id
    pid = zygote.train(stub_store, run_id, fault="hang", stall=1.0)
    try:
        wait_for(lambda: stub_store.events(run_id).epochs, 20)
        heartbeat = stub_store.get(run_id).path / HEARTBEAT_FILE
        before = heartbeat.stat().st_mtime_ns
        wait_for(lambda: heartbeat.stat().st_mtime_ns != before, 5)
        wait_for(lambda: stub_store.get(run_id).state == "interrupted", 20)
        assert not gone(pid), "it still lives"
    finally:
        os.kill(pid, signal.SIGKILL)
    resume_to_the_end(stub_store, zygote, run_id)
    tally("training hangs, heartbeat goes on", 1, "interrupted after the limit, resumed to done")


def test_training_in_a_long_pause_that_still_advances_is_left_alone(
    stub_store: RunStore, zygote: Zygote
) -> None:
    run_id = stub_store.create(SPEC, by=Actor.owner()).id
    zygote.train(stub_store, run_id, pause=0.6, stall=1.5)
    wait_for(lambda: not stub_store.get(run_id).active, 60)
    assert stub_store.get(run_id).state == "done"
