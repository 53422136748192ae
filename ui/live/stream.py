"""A stream of server-sent events, as a browser's ``EventSource`` reads it."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Sequence

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from ui.live.hub import Hub, Listener

_HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    # Else nginx holds a stream back until it has some kilobytes of it.
    "X-Accel-Buffering": "no",
}


class EventStream(Response):
    """What a hub tells of some topics, until the browser leaves or the hub closes.

    Args:
        hub: admits the stream, and ends it.
        topics: names of topics; of each a message comes first, then its news.
        after: the place up to which the browser knows the first topic.
        address: where the browser is; empty where that tells nobody apart.
        once: it ends after the first message of each topic, for a browser that asks now and then.
    """

    def __init__(
        self,
        hub: Hub,
        topics: Sequence[Hashable],
        after: int | None,
        address: str,
        once: bool = False,
    ) -> None:
        super().__init__(headers=_HEADERS)
        del self.headers["content-length"]
        self._hub, self._topics, self._after, self._address = hub, topics, after, address
        self._once = once

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        head: Message = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        listener = Listener()
        try:
            await send(head)
            writing = asyncio.create_task(self._write(listener, send))
            leaving = asyncio.create_task(_until_gone(receive))
            listener.when_dropped(writing.cancel)
            done, _ = await asyncio.wait((writing, leaving), return_when=asyncio.FIRST_COMPLETED)
            if writing in done and writing.cancelled():
                self._hub.after_drop()
            for task in (writing, leaving):
                task.cancel()
            await asyncio.gather(writing, leaving, return_exceptions=True)
        finally:
            for name in self._topics:
                self._hub.part(name, listener)
            self._hub.leave(self._address)

    async def _write(self, listener: Listener, send: Send) -> None:
        for place, name in enumerate(self._topics):
            await self._hub.join(name, None if place else self._after, listener)
        if self._once:
            listener.put(None)
        while True:
            message = await listener.next()
            more = message is not None
            await send({"type": "http.response.body", "body": message or b"", "more_body": more})
            if not more:
                return


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
