"""Memory of the engine over many short runs, and of the dashboard with many visitors.

``make bench-memory`` prints both tables; ``ARGS="--runs 50 --visitors 20"`` changes the counts.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psutil
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))

from fmnist_core.engine import Engine  # noqa: E402
from fmnist_core.permissions import Actor  # noqa: E402
from fmnist_core.runs import RunStore  # noqa: E402
from fmnist_core.specs import DenseSpec, RunSpec, TrainingSpec  # noqa: E402

SPEC = RunSpec(
    network=DenseSpec(units=(16,)), training=TrainingSpec(epochs=1, train_pictures=1_000)
)
FLAT = 0.05
WEB_LIMIT = 400
PAGES = ("", "explore", "train", "compare", "mistakes")
SECONDS = 180


def main() -> None:
    """Measure, print, and say whether the aims were reached."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=50, help="short runs, one after the other")
    parser.add_argument("--visitors", type=int, default=20, help="sessions at once")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        root = Path(name) / "runs"
        engine_memory(root, options.runs)
        web_memory(root, options.visitors)


def engine_memory(root: Path, runs: int) -> None:
    """Train short runs and note after each what the engine holds while it waits for the next."""
    engine = Engine(RunStore(root))
    threading.Thread(target=engine.keep_warm, daemon=True).start()
    wait_for(lambda: engine.state().state == "ready")
    megabytes: list[float] = []
    try:
        for _ in range(runs):
            run = engine.start(SPEC, by=Actor.owner())
            wait_for(partial(has_ended, engine.store, run.id))
            assert engine.store.get(run.id).state == "done"
            megabytes.append(idle_megabytes(root))
    finally:
        engine.shutdown()
    # The first run finds the engine just started: the flat part begins after it.
    settled_megabytes = megabytes[min(2, len(megabytes) - 1) :]
    median_megabytes = statistics.median(settled_megabytes)
    spread = max(abs(value - median_megabytes) for value in settled_megabytes) / median_megabytes
    print("\nEngine: scheduler, worker and the warm process, MB of their own, after run")
    for run_number in sorted({1, *range(10, runs + 1, 10), runs}):
        print(f"  {run_number:>4}  {megabytes[run_number - 1]:>7.0f}")
    print(
        f"  median {median_megabytes:.0f} MB, farthest from it {100 * spread:.1f} % "
        f"(aim: {100 * FLAT:.0f} %)"
    )


def idle_megabytes(root: Path) -> float:
    """Memory in MB once the run's process is gone and the next one has loaded all and waits."""
    while True:
        processes = engine_processes(root)
        trainings = [p for p in processes if "fmnist_core.training" in command_line(p)]
        if len(trainings) == 1 and waits_for_a_job(trainings[0]):
            return anonymous_megabytes(processes)
        time.sleep(0.5)


def waits_for_a_job(process: psutil.Process) -> bool:
    """Whether Linux says that the process sleeps in reading a pipe."""
    try:
        return "pipe_read" in Path(f"/proc/{process.pid}/wchan").read_text()
    except OSError:
        return False


def web_memory(root: Path, visitors: int) -> None:
    """Let visitors open every page in tabs of their own, and note the dashboard's memory."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "streamlit", "run", "dashboard.py", "--server.port", str(port)]
    environment = {
        **os.environ,
        "FMNIST_RUNS_DIR": str(root),
        "FMNIST_SCHEDULER": "tcp://127.0.0.1:9",
    }
    dashboard = subprocess.Popen(
        command, cwd=PROJECT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_for(lambda: is_responding(f"{address}/healthz"))
        process = psutil.Process(dashboard.pid)
        print(f"\nDashboard, MB resident (aim: below {WEB_LIMIT})")
        print(f"  {'started':<34} {resident_megabytes(process):>6.0f}")
        visit(
            address,
            visitors,
            lambda stage: print(f"  {stage:<34} {resident_megabytes(process):>6.0f}"),
        )
    finally:
        dashboard.terminate()
        dashboard.wait(20)


def visit(address: str, visitors: int, report: Callable[[str], None]) -> None:
    """Let visitors come, and take all of them through all pages, twice.

    They speak Streamlit's own protocol: as many browsers would need more than one machine.
    """

    async def all_pages() -> None:
        sessions = [await Session.open(address) for _ in range(visitors)]
        for round_number in (1, 2):
            for name in PAGES:
                await asyncio.gather(*(session.go(name) for session in sessions))
                report(f"{visitors} visitors on {name or 'overview'}, round {round_number}")
        for session in sessions:
            session.close()

    asyncio.run(all_pages())


class Session:
    """A visitor's tab, as the dashboard sees it."""

    def __init__(self, socket: WebSocketClientConnection) -> None:
        self._socket = socket

    @classmethod
    async def open(cls, address: str) -> Session:
        """Connect as a browser does that has loaded the page."""
        url = f"{address.replace('http', 'ws')}/_stcore/stream"
        request = HTTPRequest(url, headers={"Origin": address})
        return cls(await websocket_connect(request, subprotocols=["streamlit"]))

    async def go(self, name: str) -> None:
        """Ask for a page and wait until it is drawn whole."""
        request = BackMsg()
        request.rerun_script.page_name = name
        await self._socket.write_message(request.SerializeToString(), binary=True)
        deltas = 0
        while True:
            data = await asyncio.wait_for(self._socket.read_message(), SECONDS)
            if data is None:
                sys.exit("The dashboard closed a visitor's connection.")
            message = ForwardMsg()
            message.ParseFromString(data)
            deltas += message.WhichOneof("type") == "delta"
            if message.WhichOneof("type") == "script_finished":
                assert deltas > 3, f"the page {name!r} came empty"
                return

    def close(self) -> None:
        self._socket.close()


def engine_processes(root: Path) -> list[psutil.Process]:
    """All processes of the engine that serves a runs folder."""
    processes: set[psutil.Process] = set()
    for process in psutil.process_iter():
        if process.pid != os.getpid() and str(root) in shared_folder(process):
            processes |= {process, *children(process)}
    return list(processes)


def command_line(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except psutil.Error:
        return []


def shared_folder(process: psutil.Process) -> str:
    try:
        return str(process.environ().get("FMNIST_SHARED_FOLDER", ""))
    except psutil.Error:
        return ""


def children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return list(process.children(recursive=True))
    except psutil.Error:
        return []


def anonymous_megabytes(processes: list[psutil.Process]) -> float:
    """The memory that processes wrote themselves.

    Pages of libraries are left out: how many of them count depends on who else has them loaded.
    """
    total = 0
    for process in processes:
        try:
            status = Path(f"/proc/{process.pid}/status").read_text()
        except OSError:
            continue
        total += int(status.partition("RssAnon:")[2].split(maxsplit=1)[0] or 0)
    return total * 1024 / 1e6


def resident_megabytes(process: psutil.Process) -> float:
    """All memory of a process, libraries included."""
    return float(process.memory_info().rss / 1e6)


def is_responding(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def has_ended(store: RunStore, run_id: str) -> bool:
    return not store.get(run_id).active


def wait_for(condition: Callable[[], object]) -> None:
    end = time.monotonic() + SECONDS
    while not condition():
        if time.monotonic() > end:
            sys.exit("The engine or the dashboard did not answer in time.")
        time.sleep(0.1)


if __name__ == "__main__":
    main()
