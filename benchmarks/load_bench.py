"""What the load benchmark measures on: a dashboard, its training, the viewers, and processors."""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
from dashboards import Dashboard

from benchmarks.load_figures import Delays, Window, delays, training_speed
from benchmarks.load_http import Site, has_streams
from benchmarks.load_messages import Recorder
from benchmarks.load_stub import Stub
from benchmarks.load_viewers import FAILURES, Viewer
from fmnist_core.permissions import Actor
from fmnist_core.presets import PRESETS
from fmnist_core.runs.model import METRICS_FILE
from fmnist_core.specs import MAX_EPOCHS, training_size

PRESET = "CNN with dropout"
START_SECONDS, LOADING_SECONDS = 300.0, 15.0
# What arrives later than that after a window counts as missing.
GRACE_SECONDS = 1.0
QUIET_CORES, QUIET_SECONDS = 0.1, 20.0


@dataclass(frozen=True)
class Settings:
    """How much is measured, and for how long.

    Attributes:
        window: seconds of one window of watching.
        opening: seconds in which all viewers come.
        baseline: seconds before that, without any.
        settling: seconds for a training to become steady: another process loads TensorFlow first.
        forgetting: seconds after which Streamlit has forgotten a session that was left.
    """

    viewers: int
    pairs: int
    streams: int
    parts: tuple[str, ...]
    window: float = 20.0
    opening: float = 60.0
    baseline: float = 60.0
    settling: float = 30.0
    forgetting: float = 125.0

    @property
    def quick(self) -> Settings:
        """The same with so short windows that they only show that all works."""
        return replace(self, window=6.0, opening=15.0, baseline=12.0, settling=15.0, forgetting=5.0)


class Bench:
    """A dashboard with a training that lasts, and its viewers."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.settings = settings
        self.folder = folder
        self.recorder = Recorder()
        self.viewers: list[Viewer] = []
        self.dashboard = Dashboard(folder / "runs", folder / "dashboard.log")
        spec = PRESETS[PRESET]
        training = spec.training.model_copy(update={"epochs": MAX_EPOCHS})
        self.images = training_size(training)
        run = self.dashboard.store.create(
            spec.model_copy(update={"training": training}), by=Actor.owner()
        )
        self.site = Site(self.dashboard.port, "", run.id)
        self.stub = Stub(folder)

    @classmethod
    async def start(cls, folder: Path, settings: Settings) -> Bench:
        """Start all, and wait until the training is steady."""
        bench = cls(folder, settings)
        try:
            await bench._wait_until_steady()
        except BaseException:
            bench.end()
            raise
        return bench

    async def _wait_until_steady(self) -> None:
        # A dashboard has to raise its own limit, which it would inherit from this process.
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        await self.visit_once()
        end = time.monotonic() + START_SECONDS
        while not self.dashboard.store.events(self.site.run_id).batches:
            if time.monotonic() > end:
                sys.exit("The training did not begin:\n" + self.dashboard.report())
            await asyncio.sleep(0.5)
        await self.find_out()
        await asyncio.sleep(self.settings.settling)
        channel = "event streams" if self.site.has_streams else "fragments that repeat themselves"
        print(f"{PRESET}, watched by {channel}; {psutil.cpu_count()} cores", flush=True)

    async def find_out(self) -> None:
        """Look at which design this dashboard has."""
        plain = Site(self.dashboard.port, "", self.site.run_id)
        self.site = Site(plain.port, "", plain.run_id, has_streams=await has_streams(plain))

    async def restart_dashboard(self) -> None:
        """End the dashboard and start it anew; the engine and the training go on."""
        self.dashboard.process.terminate()
        await asyncio.to_thread(self.dashboard.process.wait)
        log = self.folder / "second.log"
        self.dashboard = await asyncio.to_thread(Dashboard, self.folder / "runs", log)
        await self.find_out()
        await self.visit_once()
        # What other pages need is loaded after the first one.
        await asyncio.sleep(LOADING_SECONDS)

    async def visit_once(self) -> None:
        """Let somebody come and go: what is loaded once is loaded then."""
        visitor = Viewer(self.site, 240)
        await visitor.open()
        visitor.leave()

    def end(self) -> None:
        for viewer in self.viewers:
            viewer.leave()
        self.stub.end()
        self.dashboard.end()

    async def open_viewers(self, count: int, seconds: float) -> list[tuple[float, float]]:
        """Let viewers come one after the other; the times of those whose page came in time.

        The others keep their tabs open, as people do, and are viewers, too.
        """
        self.viewers = [Viewer(self.site, index, self.recorder) for index in range(count)]

        async def come(viewer: Viewer) -> tuple[float, float] | None:
            await asyncio.sleep(viewer.index * seconds / count)
            try:
                return await viewer.open()
            except FAILURES:
                return None

        came = await asyncio.gather(*map(come, self.viewers))
        return [times for times in came if times is not None]

    async def ensure_viewers(self, count: int) -> None:
        """Have viewers, where no part before this one let them come."""
        if not self.viewers:
            await self.open_viewers(count, self.settings.opening)

    def leave(self) -> None:
        """Let all viewers close their tabs."""
        for viewer in self.viewers:
            viewer.leave()
        self.viewers = []

    async def resume(self, viewers: list[Viewer]) -> None:
        await asyncio.gather(*(viewer.resume() for viewer in viewers), return_exceptions=True)

    def pause(self) -> None:
        for viewer in self.viewers:
            viewer.pause()

    async def become_quiet(self) -> None:
        """Wait until the dashboard has done what it was asked for."""
        process = psutil.Process(self.dashboard.process.pid)
        end = time.monotonic() + QUIET_SECONDS
        while time.monotonic() < end:
            used = _seconds(process)
            await asyncio.sleep(1)
            if _seconds(process) - used <= QUIET_CORES:
                return

    async def window(self, seconds: float, begin: float | None = None) -> Window:
        """Measure for so long, from a time on."""
        processes = {
            "dashboard": [psutil.Process(self.dashboard.process.pid)],
            "engine": self.dashboard.helpers(),
            "clients": [psutil.Process()],
            "stub": [self.stub.process],
        }
        if begin is not None:
            await asyncio.sleep(max(0.0, begin - time.time()))
        begin = time.time()
        before = {name: sum(map(_seconds, ones)) for name, ones in processes.items()}
        busy = _busy_seconds()
        await asyncio.sleep(seconds)
        end = time.time()
        cores = {
            name: (sum(map(_seconds, ones)) - before[name]) / (end - begin)
            for name, ones in processes.items()
        }
        rest = (_busy_seconds() - busy) / (end - begin) - sum(cores.values())
        # An event may be written a moment after it happened.
        await asyncio.sleep(0.2)
        return Window(begin, end, **cores, rest=rest, speed=self.speed(begin, end))

    def speed(self, begin: float, end: float) -> float:
        """Images a second of the training between two times."""
        run = self.dashboard.store.get(self.site.run_id)
        if not run.active:
            sys.exit(f"The training has ended too early ({run.state}): take fewer pairs.")
        batches = self.dashboard.store.events(run.id).batches
        return training_speed(batches, begin, end, self.images)

    def delays(self, all_arrivals: Iterable[list[tuple[float, float]]], window: Window) -> Delays:
        """How late the events of a window came to all clients, up to a second after its end."""
        times = [at for at in self.event_times() if window.begin <= at <= window.end]
        each = [delays(times, arrivals, window.end + GRACE_SECONDS) for arrivals in all_arrivals]
        seconds = [second for one in each for second in one.seconds]
        return Delays(seconds, sum(one.missing for one in each))

    def event_times(self) -> list[float]:
        """The times of all events that are in the metrics file by now."""
        path = self.dashboard.runs / self.site.run_id / METRICS_FILE
        lines = path.read_bytes().split(b"\n")[:-1]
        return [event["at"] for event in map(json.loads, lines) if "at" in event]

    def megabytes(self) -> float:
        """The dashboard's memory, libraries included."""
        return float(psutil.Process(self.dashboard.process.pid).memory_info().rss / 1e6)


def _seconds(process: psutil.Process) -> float:
    """Processor time of a process so far; none of one that is gone."""
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system)


def _busy_seconds() -> float:
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - getattr(times, "iowait", 0.0) - _guest_seconds(times))


def _guest_seconds(times: object) -> float:
    """What Linux counts twice."""
    return float(getattr(times, "guest", 0.0) + getattr(times, "guest_nice", 0.0))
