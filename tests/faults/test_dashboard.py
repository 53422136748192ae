"""The dashboard itself: no network, a read-only folder, a thousand broken runs, no memory."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import made_runs
import psutil
import pytest
from dashboards import StartDashboard
from listeners import Listeners
from processes import processes_of, trainings_of, wait_for, wait_until_ended
from streamlit.testing.v1 import AppTest
from sweep import THOROUGH, Tally

from fmnist_core.dataset import Dataset
from fmnist_core.engine import Engine, EngineState, training_worker
from fmnist_core.permissions import Actor
from fmnist_core.runs import RunStore, RunsUnwritable, RunWriter, new_run_id
from fmnist_core.runs.events import lines_between
from fmnist_core.runs.failures import OUT_OF_MEMORY
from fmnist_core.runs.model import METRICS_FILE, RUN_FILE
from fmnist_core.specs import DenseSpec, RunSpec, TrainingSpec

PROJECT = Path(__file__).resolve().parents[2]
SHORT = RunSpec(
    network=DenseSpec(units=(16,)), training=TrainingSpec(epochs=1, train_pictures=1_000)
)
MALFORMED = 1_000
_OUTWARD = re.compile(r"sa_family=AF_INET6?\b.*?(?:inet_addr|inet_pton)\((?:AF_INET6, )?\"([^\"]+)")


# No network.


_TRAINS_ONCE = """
import sys, threading, time
from fmnist_core.engine import Engine
from fmnist_core.permissions import Actor
from fmnist_core.runs import RunStore
from fmnist_core.specs import RunSpec
engine = Engine(RunStore(sys.argv[1]))
threading.Thread(target=engine.keep_warm, daemon=True).start()
run = engine.start(RunSpec.model_validate_json(sys.argv[2]), by=Actor.owner())
while engine.store.get(run.id).active:
    time.sleep(0.1)
engine.shutdown()
time.sleep(3)
"""


@pytest.mark.very_slow
def test_starting_and_training_connect_to_nothing_outside(
    strace: str, tmp_path: Path, tally: Tally
) -> None:
    root, trace = tmp_path / "runs", tmp_path / "trace"
    program = [sys.executable, "-c", _TRAINS_ONCE, str(root), SHORT.model_dump_json()]
    calls = "trace=connect,sendto,sendmsg,sendmmsg"
    command = [strace, "-f", "--seccomp-bpf", "-e", calls, "-o", str(trace), *program]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    environment.pop("FMNIST_SCHEDULER", None)
    try:
        subprocess.run(command, cwd=PROJECT, env=environment, check=True, timeout=400)
    finally:
        for left in processes_of(root):
            left.kill()
    (run,) = RunStore(root).list()
    assert run.state == "done"
    to = [found[1] for line in trace.read_text().splitlines() if (found := _OUTWARD.search(line))]
    assert "127.0.0.1" in to, "the engine's own connections must be seen"
    outside = [address for address in to if not address.startswith("127.") and address != "::1"]
    assert outside == []
    tally("no network: connections while an engine starts and trains", len(to), "none leaves")


def test_dashboard_that_shows_every_page_connects_to_nothing_outside(
    strace: str, tmp_path: Path, start_dashboard: StartDashboard
) -> None:
    """The pages themselves are watched in Chromium; this is the process that serves them."""
    dashboard = start_dashboard(environment={"FMNIST_SCHEDULER": "tcp://127.0.0.1:9"})
    trace = tmp_path / "trace"
    pid = str(dashboard.process.pid)
    command = [strace, "-f", "-e", "trace=connect", "-o", str(trace), "-p", pid]
    tracer = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert tracer.stderr is not None
    assert "attached" in tracer.stderr.readline()
    for _ in range(3):
        assert dashboard.health() == {"status": "ok"}
    wait_for(lambda: _OUTWARD.search(trace.read_text()))
    tracer.send_signal(signal.SIGINT)
    tracer.communicate(timeout=20)
    found = set(_OUTWARD.findall(trace.read_text()))
    assert found == {"127.0.0.1"}, "only the scheduler that it was given"


# The runs folder cannot be written.


# Without these two capabilities root, too, obeys the permissions of files.
_OBEY_PERMISSIONS = (
    "import ctypes\nfor capability in (1, 2): ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)\n"
)
_IN_READ_ONLY = f"""
{_OBEY_PERMISSIONS}
import os, sys
os.execv(sys.executable, [sys.executable, "-c", '''
import sys
from fmnist_core.engine import Engine
from fmnist_core.permissions import Actor
from fmnist_core.runs import RunStore
from fmnist_core.presets import PRESETS
engine = Engine(RunStore(sys.argv[1]))
print([run.state for run in engine.store.list()])
for act in (engine.ensure, lambda: engine.start(PRESETS["Simple network"], by=Actor.owner())):
    try:
        act()
    except Exception as error:
        print(type(error).__name__, error)
''', sys.argv[1]])
"""


def test_read_only_runs_folder_is_browsed_and_training_says_why_not(
    store: RunStore, data: Dataset, tally: Tally
) -> None:
    made_runs.done(store, data.test_labels)
    store.root.chmod(0o555)
    try:
        said = subprocess.run(
            [sys.executable, "-c", _IN_READ_ONLY, str(store.root)],
            cwd=PROJECT,
            env={**os.environ, "PYTHONPATH": str(PROJECT)},
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        ).stdout.splitlines()
    finally:
        store.root.chmod(0o755)
    why = "The folder for runs cannot be written, so nothing can be trained here."
    assert said[0] == "['done']"
    assert said[1].startswith(f"EngineUnavailable {why}")
    assert said[2].startswith(f"RunsUnwritable {why}")
    tally("the runs folder is read-only", 1, "listed; training says why not")


def test_read_only_folder_shows_on_the_page_before_anybody_starts(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "write_bytes", refuse)
    engine = Engine(store)
    thread = threading.Thread(target=engine.keep_warm, daemon=True)
    thread.start()
    wait_for(lambda: engine.state() != EngineState("starting"))
    assert engine.state().state == "unavailable"
    assert "cannot be written" in (engine.state().problem or "")
    engine.close()
    thread.join(10)


# Broken run folders.


def mutated(chance: random.Random, text: bytes) -> bytes:
    """A run's description with something wrong, or at least other than before."""
    values = json.loads(text)
    key = chance.choice(sorted(values))
    wrong: list[Any] = [
        None,
        True,
        -1,
        10**400,
        "",
        [],
        {},
        "2024",
        [[]],
        {"kind": "dense"},
        "\ud800",
    ]
    at = chance.randrange(1, len(text))
    kind = chance.randrange(7)
    if kind == 0:
        return text[:at]
    if kind == 1:
        flipped = bytearray(text)
        flipped[at] ^= 1 << chance.randrange(8)
        return bytes(flipped)
    if kind == 2:
        return json.dumps({**values, key: chance.choice(wrong)}).encode()
    if kind == 3:
        return json.dumps({name: values[name] for name in values if name != key}).encode()
    if kind == 4:
        return chance.randbytes(chance.randrange(2_000))
    if kind == 5:
        return chance.choice([b"[" * 100_000, b"[]", b"null", b"NaN", b"1e999", b"\xff\xfe{}"])
    return text.replace(b'"id": "', b'"id": "../', 1)


def test_thousand_malformed_run_folders_harm_no_page(
    store: RunStore, data: Dataset, monkeypatch: pytest.MonkeyPatch, tally: Tally
) -> None:
    good = [made_runs.done(store, data.test_labels, name=f"Good {n}").id for n in range(3)]
    text = (store.root / good[0] / RUN_FILE).read_bytes()
    chance = random.Random(7)
    for _ in range(MALFORMED):
        folder = store.root / new_run_id()
        folder.mkdir()
        (folder / RUN_FILE).write_bytes(mutated(chance, text))
    (store.root / new_run_id()).write_text("a file where a folder belongs")
    folder = store.root / new_run_id()
    folder.mkdir()
    (folder / RUN_FILE).mkdir()
    runs, damaged = RunStore(store.root).scan()
    assert set(good) <= {run.id for run in runs}
    assert len(damaged) > 0.99 * MALFORMED
    assert all(run.reason and run.id[:6] in run.name for run in damaged)
    monkeypatch.setenv("FMNIST_RUNS_DIR", str(store.root))
    for page in ("overview", "compare", "mistakes", "train"):
        app = AppTest.from_file(str(PROJECT / "ui" / "frame.py"), default_timeout=60)
        app.run()
        app.switch_page(f"../pages/{page}.py")
        app.run()
        assert not app.exception, page
    tally("malformed run folders", MALFORMED, "the good ones listed, every damaged one named")


# Memory.


@pytest.mark.very_slow
def test_training_dies_before_the_dashboard_when_memory_runs_out(engine: Engine) -> None:
    def scores() -> list[int]:
        found = trainings_of(engine.store.root)
        return [int(Path(f"/proc/{p.pid}/oom_score_adj").read_text()) for p in found]

    wait_for(lambda: scores() and set(scores()) == {900})
    scheduler = next(p for p in processes_of(engine.store.root) if "scheduler" in p.cmdline())
    assert int(Path(f"/proc/{scheduler.pid}/oom_score_adj").read_text()) <= 0


def test_training_that_the_system_ended_for_memory_says_so(store: RunStore, tally: Tally) -> None:
    run = store.create(SHORT, by=Actor.owner())
    RunWriter(store.root, run.id, 1).start(0, {})
    training_worker.record_death(store, run.id, 1, out_of_memory=True)
    ended = store.get(run.id)
    assert (ended.state, ended.reason) == ("failed", OUT_OF_MEMORY)
    assert store.requeue(run.id, by=Actor.owner()).state == "queued"
    tally("out of memory in the worker", 1, "the training dies first, and the run says why")


def test_full_disk_says_so_to_whoever_starts(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RunsUnwritable, match="The disk is full"):
        store.create(SHORT, by=Actor.owner())
    assert list(store.root.iterdir()) == []


# The dashboard is killed.


KILLS = 10 if THOROUGH else 1
LISTENERS = 50
# In the sample, other tests run beside this one.
END_SECONDS = 2 if THOROUGH else 10


@pytest.mark.parametrize("_", range(5 if THOROUGH else 1))
@pytest.mark.very_slow
def test_killed_dashboard_loses_no_epoch_and_the_next_one_finds_the_engine(
    tmp_path: Path, start_dashboard: StartDashboard, tally: Tally, _: int
) -> None:
    runs = tmp_path / "runs"
    dashboard = start_dashboard(runs=runs)
    store = dashboard.store
    long = TrainingSpec(epochs=12 * KILLS, train_pictures=20_000)
    run_id = store.create(
        RunSpec(network=DenseSpec(units=(16,)), training=long), by=Actor.owner()
    ).id
    wait_for(lambda: store.events(run_id).epochs, 180)
    engine = {process.pid for process in schedulers(runs)}
    with Listeners(dashboard.port, run_id, LISTENERS) as listeners:
        wait_for(listeners.are_here)
        for _ in range(KILLS):
            shown = store.events(run_id).epochs
            dashboard.process.kill()
            dashboard.process.wait()
            dashboard = start_dashboard(runs=runs)
            listeners.port = dashboard.port
            wait_for(listeners.are_here, 5)
            assert dashboard.store.get(run_id).state in ("running", "done")
            assert store.events(run_id).epochs[: len(shown)] == shown
        assert wait_until_ended(store, run_id, 300).state == "done"
        end = store.events(run_id).end
        wait_for(lambda: all(one.ends[-1] == end for one in listeners.all), 10)
        told = {tuple(one.ends) for one in listeners.all}
        # Streams that are open keep nobody from ending the dashboard, nor does who reads nothing.
        for number in (signal.SIGINT, signal.SIGTERM):
            with socket.create_connection(("127.0.0.1", dashboard.port)) as idle:
                idle.sendall(b"GET /assets/plotly.min.js HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
                idle.recv(1)
                dashboard.process.send_signal(number)
                dashboard.process.wait(END_SECONDS)
            if number == signal.SIGINT:
                dashboard = start_dashboard(runs=runs)
                listeners.port = dashboard.port
                wait_for(listeners.are_here)
    (ends,) = told
    assert ends == tuple(end for end, _ in lines_between(metrics_of(store, run_id), 0, end))
    assert [e.epoch for e in store.events(run_id).epochs] == list(range(1, long.epochs + 1))
    assert store.get(run_id).attempt == 1
    assert {process.pid for process in schedulers(runs)} == engine
    tally("SIGKILL of the dashboard while it trains", KILLS, "training went on, no epoch lost")
    tally("the same, with 50 who listen", KILLS, "all came back within 5 s, no event lost or twice")
    tally(
        "SIGINT and SIGTERM while 50 listen", 1, "the dashboard ended within 2 s, the engine stayed"
    )
    dashboard.end()


def metrics_of(store: RunStore, run_id: str) -> Path:
    return store.root / run_id / METRICS_FILE


def schedulers(runs: Path) -> list[psutil.Process]:
    found = processes_of(runs)
    return [p for p in found if any("scheduler-file" in word for word in p.cmdline())]
