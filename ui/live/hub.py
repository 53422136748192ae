"""The hub of the live channel: one follower a topic, whatever the number of those who listen to it.

A follower polls files in a thread while somebody listens, and hands the same bytes to all. Nobody
waits for anybody: who reads too slowly is dropped, and comes back for what was missed.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Hashable
from typing import Protocol

from fmnist_core import timeouts
from fmnist_core.errors import FmnistError

# Of 30 phones behind one address each has one, and some have two tabs.
MOST_OF_AN_ADDRESS = 80
MOST = 1_500
# A comment, which keeps the connection open where something between would close it.
_BEAT = b": here\n\n"
# Sixteen seconds of a training: who is further behind has stopped reading.
_MOST_UNSENT = 64
_log = logging.getLogger("fmnist.live")


class TooManyListeners(FmnistError):
    """No more streams are opened, of this address or in all."""


class Source(Protocol):
    """What a topic is about; called in threads, never twice at once.

    Attributes:
        seconds: between two polls for news.
    """

    seconds: float

    def greeting(self, after: int | None) -> bytes:
        """The first message of who comes, which holds up to where ``news`` has got.

        Args:
            after: the place up to which they know all, where they were here before.
        """
        ...

    def news(self) -> bytes | None:
        """What has come since the last time; ``None`` where nothing has."""
        ...


class Listener:
    """One open stream, as the hub sees it: the messages that it has still to send."""

    def __init__(self) -> None:
        self._unsent: asyncio.Queue[bytes | None] = asyncio.Queue(_MOST_UNSENT)
        self._drop: Callable[[], object] = lambda: None

    def when_dropped(self, drop: Callable[[], object]) -> None:
        """Call this once the listener is too far behind."""
        self._drop = drop

    def put(self, message: bytes | None) -> None:
        """Queue a message, or the end of all; drops a listener that does not keep up."""
        try:
            self._unsent.put_nowait(message)
        except asyncio.QueueFull:
            self._drop()

    async def next(self) -> bytes | None:
        """The next message; ``None`` is the end."""
        return await self._unsent.get()


class _Topic:
    def __init__(self, source: Source) -> None:
        self.source = source
        # Who has come, and of them who was greeted and gets the news.
        self.present: set[Listener] = set()
        self.listeners: set[Listener] = set()
        # A greeting and the news after it must neither overlap nor leave a gap.
        self.lock = asyncio.Lock()
        self.follower: asyncio.Task[None] | None = None


class Hub:
    """All topics that somebody listens to; lives on one event loop.

    Args:
        make_source: makes what a topic is about, when the first one comes for it.

    Attributes:
        after_drop: called once a listener was dropped, whose connection may still be open.
    """

    def __init__(self, make_source: Callable[[Hashable], Source]) -> None:
        self.after_drop: Callable[[], object] = lambda: None
        self._make_source = make_source
        self._topics: dict[Hashable, _Topic] = {}
        self._addresses: Counter[str] = Counter()
        self._count = 0
        self._closed = False

    @property
    def count(self) -> int:
        """How many streams are open."""
        return self._count

    def admit(self, address: str) -> None:
        """Count a new stream; ``leave`` counts it off.

        Args:
            address: where it comes from; empty where that tells nobody apart.

        Raises:
            TooManyListeners: there are too many already.
        """
        if self._count >= MOST:
            raise TooManyListeners(
                f"{MOST:,} live views are open, and no more can be. "
                "This one begins once another ends."
            )
        if address and self._addresses[address] >= MOST_OF_AN_ADDRESS:
            raise TooManyListeners(
                f"{MOST_OF_AN_ADDRESS} live views are open at your address, and no more can be. "
                "This one begins once another ends: close some of their tabs."
            )
        self._count += 1
        if address:
            self._addresses[address] += 1

    def leave(self, address: str) -> None:
        """Count a stream off that was admitted."""
        self._count -= 1
        if address:
            self._addresses[address] -= 1
            if self._addresses[address] <= 0:
                del self._addresses[address]

    async def join(self, name: Hashable, after: int | None, listener: Listener) -> None:
        """Let a listener have the greeting of a topic, and its news from then on."""
        if self._closed:
            listener.put(None)
            return
        topic = self._topics.get(name)
        if topic is None:
            topic = self._topics[name] = _Topic(self._make_source(name))
        topic.present.add(listener)
        async with topic.lock:
            listener.put(await asyncio.to_thread(topic.source.greeting, after))
            topic.listeners.add(listener)
        if topic.follower is None:
            topic.follower = asyncio.create_task(self._follow(name, topic))

    def part(self, name: Hashable, listener: Listener) -> None:
        """Let a listener have nothing more of a topic; the last one takes the follower along."""
        topic = self._topics.get(name)
        if topic is None:
            return
        topic.present.discard(listener)
        topic.listeners.discard(listener)
        if not topic.present:
            del self._topics[name]
            if topic.follower is not None:
                topic.follower.cancel()

    def close(self) -> None:
        """End all streams, and open no more."""
        self._closed = True
        for topic in list(self._topics.values()):
            for listener in topic.present:
                listener.put(None)

    @staticmethod
    def _is_silent_since(told_at: float) -> bool:
        return time.monotonic() >= told_at + timeouts.STREAM_BEAT_SECONDS

    async def _follow(self, name: Hashable, topic: _Topic) -> None:
        told_at = time.monotonic()
        while topic.present:
            await asyncio.sleep(topic.source.seconds)
            try:
                async with topic.lock:
                    message = await asyncio.to_thread(topic.source.news)
                    if message is None and self._is_silent_since(told_at):
                        message = _BEAT
                    if message is not None:
                        told_at = time.monotonic()
                        for listener in list(topic.listeners):
                            listener.put(message)
            except Exception:
                # A fault with one run must not end what is told about it for good.
                _log.exception("The live channel could not follow %s", name)
                await asyncio.sleep(timeouts.FOLLOW_AGAIN_SECONDS)
