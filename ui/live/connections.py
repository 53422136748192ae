"""Connections whose other end reads nothing: the server would wait for them without limit."""

from __future__ import annotations

import asyncio
from typing import Protocol

from uvicorn import Server

from fmnist_core import timeouts


class _Connection(Protocol):
    transport: asyncio.Transport


class Connections:
    """The open connections of a uvicorn server; none of another one.

    What is sent to a client that does not read stays in the server's memory: uvicorn closes a
    connection only when all was sent, and ends only when all are closed.

    Args:
        handler: a handler of signals, which names the server that has installed it.
    """

    def __init__(self, handler: object) -> None:
        server = getattr(handler, "__self__", None)
        self._server = server if isinstance(server, Server) else None
        self._tasks: set[asyncio.Task[None]] = set()

    def abort(self) -> None:
        """Cut all that are open."""
        for transport in self._transports():
            transport.abort()

    def abort_closing(self) -> None:
        """Cut those that the server has begun to close, and could not within a while."""
        task = asyncio.create_task(self._abort_closing())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _abort_closing(self) -> None:
        await asyncio.sleep(timeouts.UNREAD_SECONDS)
        closing = [transport for transport in self._transports() if transport.is_closing()]
        await asyncio.sleep(timeouts.UNREAD_SECONDS)
        for transport in self._transports():
            if transport in closing:
                transport.abort()

    def _transports(self) -> list[asyncio.Transport]:
        if self._server is None:
            return []
        connections: list[_Connection] = list(self._server.server_state.connections)
        return [connection.transport for connection in connections]
