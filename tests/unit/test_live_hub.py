"""The hub of the live channel: greetings, news, followers, limits, ends; and its streams."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from starlette.types import Message

from fmnist_core import timeouts
from ui.live import hub as hub_module
from ui.live.hub import Hub, Listener, TooManyListeners
from ui.live.stream import EventStream

TOPIC = "a run"


class Counter:
    """A source whose news are numbers in order, one a poll as long as there are some."""

    seconds = 0.001

    def __init__(self, most: int = 10**9) -> None:
        self.most = most
        self.told = 0
        self.greetings = 0

    def greeting(self, after: int | None) -> bytes:
        self.greetings += 1
        return f"{self.told} after {after}".encode()

    def news(self) -> bytes | None:
        if self.told >= self.most:
            return None
        self.told += 1
        return str(self.told).encode()


def run(work: Callable[[], Awaitable[None]]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(20):
            await work()

    asyncio.run(limited())


async def until(condition: Callable[[], object]) -> None:
    while not condition():
        await asyncio.sleep(0.002)


async def received(listener: Listener, count: int) -> list[bytes | None]:
    return [await listener.next() for _ in range(count)]


def test_who_comes_gets_a_greeting_and_then_all_news_without_gap_or_repeat() -> None:
    async def work() -> None:
        source = Counter()
        hub = Hub(lambda name: source)
        early, late = Listener(), Listener()
        await hub.join(TOPIC, None, early)
        await received(early, 20)
        await hub.join(TOPIC, 7, late)
        greeting, *news = await received(late, 30)
        assert greeting is not None
        known, _, after = greeting.partition(b" after ")
        assert after == b"7"
        first = int(known) + 1
        assert news == [str(number).encode() for number in range(first, first + 29)]
        hub.part(TOPIC, early)
        hub.part(TOPIC, late)

    run(work)


def test_one_source_serves_all_and_ends_with_the_last_who_listens() -> None:
    async def work() -> None:
        made: list[Counter] = []

        def make(name: object) -> Counter:
            made.append(Counter())
            return made[-1]

        hub = Hub(make)
        listeners = [Listener() for _ in range(50)]
        for listener in listeners:
            await hub.join(TOPIC, None, listener)
        assert len(made) == 1
        await received(listeners[0], 5)
        for listener in listeners:
            hub.part(TOPIC, listener)
        told = made[0].told
        await asyncio.sleep(0.05)
        # At most the poll that was on its way.
        assert made[0].told <= told + 1
        again = Listener()
        await hub.join(TOPIC, None, again)
        assert len(made) == 2
        hub.part(TOPIC, again)

    run(work)


def test_who_does_not_read_is_dropped_and_all_others_go_on() -> None:
    async def work() -> None:
        hub = Hub(lambda name: Counter())
        idle, reading = Listener(), Listener()
        dropped = asyncio.Event()
        idle.when_dropped(dropped.set)
        await hub.join(TOPIC, None, idle)
        await hub.join(TOPIC, None, reading)
        while not dropped.is_set():
            assert await reading.next() is not None
        assert len(await received(reading, 5)) == 5

    run(work)


def test_a_fault_with_a_source_does_not_end_its_followers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Faulty(Counter):
        def news(self) -> bytes | None:
            if self.told == 2:
                self.told = 3
                raise OSError
            return super().news()

    async def work() -> None:
        monkeypatch.setattr(timeouts, "FOLLOW_AGAIN_SECONDS", 0.01)
        hub = Hub(lambda name: Faulty())
        listener = Listener()
        await hub.join(TOPIC, None, listener)
        assert (await received(listener, 4))[1:] == [b"1", b"2", b"4"]
        hub.part(TOPIC, listener)

    run(work)


def test_more_than_the_limits_are_refused_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "MOST", 5)
    monkeypatch.setattr(hub_module, "MOST_OF_AN_ADDRESS", 2)
    hub = Hub(lambda name: Counter())
    for _ in range(2):
        hub.admit("192.168.0.7")
    with pytest.raises(TooManyListeners, match="2 live views are open at your address"):
        hub.admit("192.168.0.7")
    hub.leave("192.168.0.7")
    hub.admit("192.168.0.7")
    # Behind a proxy nobody is told apart.
    for _ in range(3):
        hub.admit("")
    with pytest.raises(TooManyListeners, match="5 live views are open, and no more can be"):
        hub.admit("192.168.0.8")
    assert hub.count == 5


class Browser:
    """The other end of a stream: what it was sent, and when it leaves."""

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.left = asyncio.Event()
        self.reads = asyncio.Event()
        self.reads.set()

    async def receive(self) -> Message:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        await self.reads.wait()
        self.sent.append(message)

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent)

    def open(self, hub: Hub, *topics: str) -> asyncio.Task[Any]:
        hub.admit("")
        stream = EventStream(hub, topics or (TOPIC,), None, "")
        return asyncio.create_task(stream({"type": "http"}, self.receive, self.send))


def test_a_stream_goes_on_until_the_browser_leaves() -> None:
    async def work() -> None:
        source = Counter()
        hub, browser = Hub(lambda name: source), Browser()
        stream = browser.open(hub)
        await until(lambda: len(browser.sent) > 5)
        head = dict(browser.sent[0]["headers"])
        assert head[b"content-type"] == b"text/event-stream; charset=utf-8"
        assert head[b"cache-control"] == b"no-store"
        assert head[b"x-accel-buffering"] == b"no"
        assert b"content-length" not in head
        browser.left.set()
        await stream
        assert hub.count == 0
        told = source.told
        await asyncio.sleep(0.05)
        assert source.told <= told + 1

    run(work)


def test_a_stream_tells_of_several_topics_and_says_that_it_lives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def work() -> None:
        monkeypatch.setattr(timeouts, "STREAM_BEAT_SECONDS", 0.02)
        hub, browser = Hub(lambda name: Counter(0)), Browser()
        stream = browser.open(hub, "one", "another")
        await until(lambda: browser.body.count(b": here\n\n") > 1)
        assert browser.body.count(b"0 after None") == 2
        browser.left.set()
        await stream

    run(work)


def test_who_asks_once_gets_the_first_message_of_each_topic_and_no_more() -> None:
    async def work() -> None:
        hub, browser = Hub(lambda name: Counter(0)), Browser()
        hub.admit("")
        stream = EventStream(hub, ("one", "another"), 5, "", once=True)
        await stream({"type": "http"}, browser.receive, browser.send)
        assert browser.body == b"0 after 50 after None"
        assert hub.count == 0

    run(work)


def test_when_the_hub_closes_all_streams_end_and_none_begins() -> None:
    async def work() -> None:
        hub, browsers = Hub(lambda name: Counter()), [Browser() for _ in range(50)]
        streams = [browser.open(hub) for browser in browsers]
        await until(lambda: all(len(browser.sent) > 3 for browser in browsers))
        hub.close()
        await asyncio.gather(*streams)
        assert all(browser.sent[-1]["more_body"] is False for browser in browsers)
        late = Browser()
        await late.open(hub)
        assert late.body == b""
        assert hub.count == 0

    run(work)


def test_the_stream_of_a_browser_that_reads_nothing_ends() -> None:
    async def work() -> None:
        hub, idle, reading = Hub(lambda name: Counter()), Browser(), Browser()
        streams = [idle.open(hub), reading.open(hub)]
        await until(lambda: idle.sent and reading.sent)
        idle.reads.clear()
        await streams[0]
        count = len(reading.sent)
        await until(lambda: len(reading.sent) > count + 5)
        assert hub.count == 1
        reading.left.set()
        await streams[1]

    run(work)
