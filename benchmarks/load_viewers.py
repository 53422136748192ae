"""Viewers of the load benchmark: tabs that speak Streamlit's protocol as its frontend does.

A tab asks for a fragment again as the frontend's ``handleAutoRerun`` does: a ``setInterval`` begins
with the message that a fragment repeats itself, and asks every time, whether or not the request
before was answered. Another interval replaces it, and a run of the whole script ends them all.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import time

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Origin, Subprotocol

from benchmarks.load_http import Site, fetch, local_address
from benchmarks.load_messages import MessageCache, Recorder
from benchmarks.load_streams import EventSource

OPEN_SECONDS = 120.0
RETRY_SECONDS = 1.0
# What a browser opens to one host.
CONNECTIONS = 6
FAILURES = (OSError, WebSocketException, TimeoutError, asyncio.IncompleteReadError)
# In the JSON of a chart, which is a text within the JSON of a component.
NEWEST = re.compile(rb'newest\\*":\s*([0-9.]+)')
STATIC_FILE = re.compile(rb'(?:src|href)="\./(static/[^"]+)"')
_FINISHED_EARLY = ForwardMsg.FINISHED_EARLY_FOR_RERUN
# What the frontend sends where no host has given it a token.
_NO_TOKEN = "PLACEHOLDER_AUTH_TOKEN"


class Viewer:
    """A tab on the live view of a run."""

    def __init__(self, site: Site, index: int, recorder: Recorder | None = None) -> None:
        recorder = recorder or Recorder()
        self.index = index
        self.charts: list[tuple[float, float]] = []
        self.lost = 0
        self.intervals: dict[str, float] = {}
        self._site = site
        self._recorder = recorder
        self._oldest_cached = 0
        self._session_id = ""
        # The session itself names only the script that all pages share.
        self._page_hash = ""
        self._query = f"run={site.run_id}"
        self._cache = MessageCache()
        self._drawn = asyncio.Event()
        self._runs_fragments = False
        self._is_watching = True
        self._timers: dict[str, asyncio.Task[None]] = {}
        self._socket: ClientConnection | None = None
        self._reading: asyncio.Task[None] | None = None
        self.epochs: dict[str, asyncio.Task[bool]] = {}
        self.source = EventSource(
            site, index, lambda body: recorder.add(index, "live", body), self._follow_epoch
        )

    async def open(self) -> tuple[float, float]:
        """Open the page; seconds until it is drawn whole, and until its stream has begun, too."""
        begin = time.monotonic()
        async with asyncio.timeout(OPEN_SECONDS):
            (index_page,) = await fetch(self._site, self.index, [f"{self._site.base}/train"])
            files = [name.decode() for name in STATIC_FILE.findall(index_page)]
            paths = [f"{self._site.base}/{name}" for name in files]
            parts = [paths[number::CONNECTIONS] for number in range(CONNECTIONS)]
            await asyncio.gather(*(fetch(self._site, self.index, part) for part in parts if part))
            await self._connect()
            await self._request()
            await self._drawn.wait()
            drawn = time.monotonic() - begin
            if self._site.has_streams:
                await self.source.open()
        return drawn, time.monotonic() - begin

    async def watch_stub(self, intervals: dict[str, float]) -> None:
        """Connect to the stub as to a dashboard whose page is drawn already."""
        await self._connect()
        for fragment_id, interval in intervals.items():
            self._repeat(fragment_id, interval)
        if self._site.has_streams:
            await self.source.open()

    async def _connect(self) -> None:
        tokens = ["streamlit", _NO_TOKEN, *([self._session_id] if self._session_id else [])]
        self._socket = await connect(
            f"ws://127.0.0.1:{self._site.port}{self._site.path('/_stcore/stream', self.index)}",
            origin=Origin(f"http://127.0.0.1:{self._site.port}"),
            subprotocols=[Subprotocol(token) for token in tokens],
            open_timeout=OPEN_SECONDS,
            # A browser sends no pings; it answers them.
            ping_interval=None,
            max_size=None,
            proxy=None,
            local_addr=local_address(self.index),
        )
        self._reading = asyncio.create_task(self._read(self._socket))

    async def _read(self, socket: ClientConnection) -> None:
        with contextlib.suppress(WebSocketException, OSError):
            async for data in socket:
                assert isinstance(data, bytes)
                self._recorder.add(self.index, "ws", data)
                self._receive(data)
        if socket is not self._socket:
            return
        self.lost += 1
        is_back = False
        while not is_back:
            await asyncio.sleep(RETRY_SECONDS)
            with contextlib.suppress(*FAILURES):
                await self._connect_again()
                is_back = True

    async def _connect_again(self) -> None:
        """Reconnect as the frontend does, which runs the script only where something may lack."""
        was_running = not self._drawn.is_set() or self._runs_fragments
        await self._connect()
        if was_running or self.intervals:
            await self._request()

    def _receive(self, data: bytes) -> None:
        newest = NEWEST.search(data)
        if newest:
            self.charts.append((float(newest[1]), time.time()))
        message = ForwardMsg()
        message.ParseFromString(data)
        kind = message.WhichOneof("type")
        if kind == "delta" or kind == "ref_hash":
            self._cache.add(message)
        elif kind == "auto_rerun":
            self._repeat(message.auto_rerun.fragment_id, message.auto_rerun.interval)
        elif kind == "stop_auto_rerun":
            for fragment_id in message.stop_auto_rerun.fragment_ids:
                self._stop_repeating(fragment_id)
        elif kind == "page_info_changed":
            self._query = message.page_info_changed.query_string
        elif kind == "navigation":
            self._page_hash = message.navigation.page_script_hash
        elif kind == "new_session":
            self._begin_run(message)
        elif kind == "script_finished" and message.script_finished != _FINISHED_EARLY:
            fragment_ids = message.metadata.run.fragment_ids
            self._cache.end_run(fragment_ids, self._oldest_cached)
            if not fragment_ids:
                self._drawn.set()

    def _begin_run(self, message: ForwardMsg) -> None:
        session = message.new_session
        self._oldest_cached = session.config.max_cached_message_age
        self._session_id = session.initialize.session_id or self._session_id
        self._runs_fragments = bool(message.metadata.run.fragment_ids)
        if not self._runs_fragments:
            for fragment_id in list(self.intervals):
                self._stop_repeating(fragment_id)

    def _repeat(self, fragment_id: str, interval: float) -> None:
        if self.intervals.get(fragment_id) == interval:
            return
        self._stop_repeating(fragment_id)
        self.intervals[fragment_id] = interval
        if self._is_watching:
            self._timers[fragment_id] = asyncio.create_task(self._timer(fragment_id, interval))

    def _stop_repeating(self, fragment_id: str) -> None:
        self.intervals.pop(fragment_id, None)
        timer = self._timers.pop(fragment_id, None)
        if timer is not None:
            timer.cancel()

    async def _timer(self, fragment_id: str, interval: float) -> None:
        due = time.monotonic()
        while True:
            due += interval
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            with contextlib.suppress(*FAILURES):
                await self._request(fragment_id)

    async def _request(self, fragment_id: str = "") -> None:
        """Ask for a run of the script, or of a fragment that repeats itself."""
        message = BackMsg()
        state = message.rerun_script
        state.query_string = self._query
        if self._page_hash:
            state.page_script_hash = self._page_hash
        else:
            state.page_name = "train"
        state.fragment_id = fragment_id
        state.is_auto_rerun = bool(fragment_id)
        state.cached_message_hashes.extend(self._cache.hashes())
        if self._socket is not None:
            await self._socket.send(message.SerializeToString())

    def _follow_epoch(self, name: str) -> None:
        """Ask for what an epoch changed, as who has scrolled down to it; a browser keeps it."""
        if name not in self.epochs and not self._site.is_stub:
            self.epochs[name] = asyncio.create_task(self._fetch_epoch(name))

    async def _fetch_epoch(self, name: str) -> bool:
        """Whether it came."""
        path = f"{self._site.base}/live/{self._site.run_id}/epochs/{name}.json"
        try:
            (body,) = await fetch(self._site, self.index, [path])
        except FAILURES:
            return False
        return body.startswith(b'{"title"')

    def pause(self) -> None:
        """Watch no more: ask for nothing, and close the stream; the page stays open."""
        self._is_watching = False
        self._stop_timers()
        self.source.close()

    def _stop_timers(self) -> None:
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    async def resume(self) -> None:
        """Watch again from where it was."""
        if self._is_watching:
            return
        self._is_watching = True
        for fragment_id, interval in self.intervals.items():
            self._timers[fragment_id] = asyncio.create_task(self._timer(fragment_id, interval))
        if self._site.has_streams:
            await self.source.open()

    def cut_off(self) -> None:
        """Lose all connections at once, as by a network that is gone."""
        socket, self._socket = self._socket, None
        self.source.close()
        if self._reading is not None:
            self._reading.cancel()
        if socket is not None:
            socket.transport.abort()

    async def reconnect(self) -> None:
        """Come back after `cut_off`, with the session and the last event's id."""
        await self._connect_again()
        if self._site.has_streams:
            await self.source.open()

    def leave(self) -> None:
        """Close the tab."""
        self.pause()
        self.intervals.clear()
        self.cut_off()

    @property
    def arrivals(self) -> list[tuple[float, float]]:
        """The newest event that each message shows, and when it arrived."""
        return self.source.arrivals if self._site.has_streams else self.charts
