"""Starts dashboard processes for the browser tests, as a person does, and ends all they started."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import psutil

from fmnist_core.runs import RunStore

PROJECT = Path(__file__).resolve().parents[2]
NO_ENGINE = "tcp://127.0.0.1:9"
START_SECONDS = 60
# How the one is called that others may see, too.
SHARED_HOST = "clothes.test"
SHARED_PATH = "/school/clothes"
PRESENTER_KEY = "a key that only the tests know"


class Dashboard:
    """One dashboard process with a runs folder of its own.

    Args:
        runs: the runs folder.
        log: where its output goes.
        environment: changes to the environment; by default it starts a real engine.
        before: Python code that runs in the process before Streamlit does.
        base: the path that it has by its environment.
    """

    def __init__(
        self,
        runs: Path,
        log: Path,
        environment: dict[str, str] | None = None,
        before: str | None = None,
        base: str = "",
    ) -> None:
        self.runs = runs
        self.log = log
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}{base}"
        arguments = ["run", "dashboard.py", "--server.port", str(self.port)]
        command = [sys.executable, "-m", "streamlit", *arguments]
        if before is not None:
            start = f"import sys; from streamlit.web import cli; sys.argv = {['s', *arguments]}"
            command = [sys.executable, "-c", f"{before}\n{start}; cli.main()"]
        # A map is half a minute's work, which no test of the browser's waits for.
        changed = {"FMNIST_RUNS_DIR": str(runs), "FMNIST_AHEAD": "0", **(environment or {})}
        kept = {name: value for name, value in os.environ.items() if name != "FMNIST_SCHEDULER"}
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                command,
                cwd=PROJECT,
                env={**kept, **changed},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        self._wait()

    @property
    def store(self) -> RunStore:
        """The store of its run folders."""
        return RunStore(self.runs)

    def health(self) -> dict[str, str]:
        """What ``/healthz`` answers."""
        with urllib.request.urlopen(f"{self.url}/healthz", timeout=10) as answer:
            found: dict[str, str] = json.load(answer)
            return found

    def report(self) -> str:
        """Its runs, and the ends of what it and its engine said."""
        runs = [f"{run.id} {run.state} {run.reason or ''}" for run in self.store.list()]
        logs = [self.log, *self.runs.rglob("engine.log")]
        said = [f"{log.name}: …{log.read_text(errors='replace')[-2000:]}" for log in logs]
        return "\n".join([f"{self.url} has {len(runs)} runs", *runs[:10], *said])

    def end(self) -> None:
        """End the dashboard and the engine that it started; nothing may be left."""
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(timeout=10)
        for _ in range(3):
            # The engine may be about to start a process when it is told to end.
            helpers = self.helpers()
            for helper in helpers:
                helper.kill()
            psutil.wait_procs(helpers, timeout=10)
        assert self.helpers() == []

    def helpers(self) -> list[psutil.Process]:
        """The living processes of the engine: all that inherited this runs folder."""
        found = []
        for process in psutil.process_iter():
            try:
                mine = process.environ().get("FMNIST_RUNS_DIR") == str(self.runs)
                if mine and process.pid != self.process.pid:
                    found.append(process)
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
        return [process for process in found if process.status() != psutil.STATUS_ZOMBIE]

    def _wait(self) -> None:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            if self.process.poll() is not None:
                break
            try:
                self.health()
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
            else:
                return
        self.process.kill()
        raise RuntimeError(f"The dashboard did not start:\n{self.log.read_text()[-3000:]}")


StartDashboard = Callable[..., Dashboard]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
