"""Several workers on one scheduler, started with the very commands of docs/cluster.md."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psutil
import pytest
import sample_tasks
from places import PROJECT, SUPPORT
from processes import processes_of, trainings_of, wait_for, wait_until_ended
from sweep import Tally

from fmnist_core.config import DASK_CERTIFICATE
from fmnist_core.engine import Engine
from fmnist_core.engine.address import trusted_address
from fmnist_core.permissions import Actor
from fmnist_core.runs import RunStore
from fmnist_core.specs import DenseSpec, RunSpec, TrainingSpec

DOCUMENT = (PROJECT / "docs" / "cluster.md").read_text()
LONG = RunSpec(
    network=DenseSpec(units=(16,)), training=TrainingSpec(epochs=200, train_pictures=30_000)
)
SHORT = RunSpec(
    network=DenseSpec(units=(16,)), training=TrainingSpec(epochs=1, train_pictures=1_000)
)


def command(kind: str = "") -> str:
    """The shell commands of a code block of the document."""
    found = re.search(rf"^```sh ?{kind}\n(.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)
    assert found is not None, f"docs/cluster.md has no commands for {kind or 'every machine'}"
    return found[1]


class Cluster:
    """What the document makes, on this machine."""

    def __init__(self, root: Path) -> None:
        self.store = RunStore(root)
        self.scheduler_file = root / ".shared" / "cluster.json"
        self._environment = {**os.environ, "FMNIST_RUNS_DIR": str(root)}
        self._shells: list[subprocess.Popen[bytes]] = []

    def start(self, kind: str) -> psutil.Process:
        """Run a block of the document, as a person would in a terminal of its own."""
        python = Path(sys.executable).parent
        assert (PROJECT / ".venv" / "bin").resolve() == python.resolve() or python.is_dir()
        # Its processes know what the tests ask them, too.
        tests = f'PYTHONPATH="$PYTHONPATH:{SUPPORT}"'
        commands = command(kind).replace(".venv/bin/dask", "exec .venv/bin/dask")
        script = f"set -e\n{command()}\n{tests}\n{commands}"
        shell = subprocess.Popen(["/bin/sh", "-c", script], cwd=PROJECT, env=self._environment)
        self._shells.append(shell)
        return psutil.Process(shell.pid)

    def end(self) -> None:
        for shell in self._shells:
            shell.terminate()
        for shell in self._shells:
            shell.wait(30)
        for left in processes_of(self.store.root):
            left.kill()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A scheduler without workers."""
    cluster = Cluster(tmp_path / "runs")
    cluster.start("scheduler")
    wait_for(cluster.scheduler_file.is_file)
    yield cluster
    cluster.end()


@pytest.mark.very_slow
def test_cluster_of_the_document_trains_side_by_side_and_loses_only_what_died(
    cluster: Cluster, tally: Tally
) -> None:
    store = cluster.store
    assert trusted_address(cluster.scheduler_file).startswith("tls://127.0.0.1:")
    workers = [cluster.start("worker") for _ in range(2)]
    assert "FMNIST_SCHEDULER=" in command("dashboard")
    engine = Engine(store, scheduler=str(cluster.scheduler_file))
    threading.Thread(target=engine.keep_warm, daemon=True).start()

    def running() -> set[str]:
        return {run.id for run in store.list() if run.state == "running"}

    def goes_on(run_id: str, epochs: int) -> bool:
        return len(store.events(run_id).epochs) > epochs

    try:
        wait_for(lambda: engine.state().state == "ready")
        first, second, third = (engine.start(LONG, by=Actor.owner()).id for _ in range(3))
        wait_for(lambda: store.events(first).epochs and store.events(second).epochs, 180)
        assert running() == {first, second}
        assert store.get(third).state == "queued"
        # A worker that joins later takes the next of the queue.
        cluster.start("worker")
        wait_for(lambda: store.events(third).epochs, 180)
        assert running() == {first, second, third}
        # One that dies loses only its own run.
        for process in [*workers[0].children(recursive=True), workers[0]]:
            process.kill()
        wait_for(lambda: len(running()) == 2, 15)
        lost = {first, second, third} - running()
        assert [store.get(run_id).state for run_id in lost] == ["interrupted"]
        for run_id in running():
            before = len(store.events(run_id).epochs)
            wait_for(partial(goes_on, run_id, before))
            engine.stop(run_id, by=Actor.owner())
        wait_for(lambda: not running())
        short = engine.start(SHORT, by=Actor.owner())
        assert wait_until_ended(store, short.id).state == "done"
    finally:
        engine.close()
    assert not (store.root / ".shared" / "engine").exists()
    tally("one worker of three is killed (cluster)", 1, "only its own run is interrupted")


@pytest.mark.very_slow
def test_questions_are_answered_beside_a_training_that_ends_with_its_worker(
    cluster: Cluster, tmp_path: Path
) -> None:
    worker, _ = (cluster.start(kind) for kind in ("worker", "task-worker"))
    engine = Engine(cluster.store, scheduler=str(cluster.scheduler_file))
    threading.Thread(target=engine.keep_warm, daemon=True).start()
    try:
        wait_for(lambda: engine.state().state == "ready", 300)
        run = engine.start(LONG, by=Actor.owner())
        wait_for(lambda: cluster.store.events(run.id).epochs, 180)
        question = ("squares", sample_tasks.squares, 3, str(tmp_path / "called"))
        wait_for(lambda: engine.request_task(*question).arrays is not None)
        assert cluster.store.get(run.id).state == "running"
        assert trainings_of(cluster.store.root)
        worker.terminate()
        worker.wait(30)
        wait_for(lambda: not trainings_of(cluster.store.root), 30)
    finally:
        engine.close()


def test_the_document_says_where_the_certificate_is(tmp_path: Path) -> None:
    file = tmp_path / "own" / "engine.pem"
    environment = {**os.environ, DASK_CERTIFICATE.name: str(file)}
    said = subprocess.check_output(
        ["/bin/sh", "-ec", command("certificate")], cwd=PROJECT, env=environment, text=True
    )
    assert said.strip() == f"export {DASK_CERTIFICATE.name}={file}"
    assert file.is_file()
