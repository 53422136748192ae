"""HTTP as the load benchmark's clients speak it, each from a local address of its own."""

from __future__ import annotations

import asyncio
import gzip
from dataclasses import dataclass

from benchmarks.event_stream import ChunkDecoder

STREAM_TYPE = "text/event-stream"
# Browsers take more, which this could not take apart.
ACCEPT_ENCODING = "Accept-Encoding: gzip"
LOCAL_ADDRESSES = 250
SECONDS = 30.0


@dataclass(frozen=True)
class Site:
    """A dashboard, or the stub that stands in for it, as clients see it.

    Attributes:
        base: the path before all addresses.
        run_id: the run that is watched.
        has_streams: it tells of a training by ``GET /live/<run>``.
        is_stub: it tells its clients apart by ``?viewer=``.
    """

    port: int
    base: str
    run_id: str
    has_streams: bool = False
    is_stub: bool = False

    def path(self, place: str, viewer: int, query: str = "") -> str:
        """An address; a stub learns from it whose connection it is."""
        query = f"viewer={viewer}" if self.is_stub else query
        return f"{self.base}{place}" + (f"?{query}" if query else "")


def local_address(client: int) -> tuple[str, int]:
    """Where a client comes from: one of 250 loopback addresses, so that limits of one hold."""
    return f"127.0.1.{1 + client % LOCAL_ADDRESSES}", 0


def request_head(site: Site, path: str, *headers: str) -> bytes:
    lines = (f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{site.port}", *headers, "", "")
    return "\r\n".join(lines).encode()


@dataclass(frozen=True)
class ResponseHead:
    status: int
    headers: dict[str, str]

    @classmethod
    def parse(cls, head: bytes) -> ResponseHead:
        status, *lines = head.decode("latin-1").split("\r\n")
        pairs = (line.partition(":") for line in lines)
        return cls(
            int(status.split()[1]), {name.lower(): value.strip() for name, _, value in pairs}
        )

    @property
    def is_event_stream(self) -> bool:
        content_type = self.headers.get("content-type", "")
        return self.status == 200 and content_type.startswith(STREAM_TYPE)

    @property
    def is_compressed(self) -> bool:
        return self.headers.get("content-encoding") == "gzip"


async def fetch(site: Site, client: int, paths: list[str]) -> list[bytes]:
    """The bodies of some addresses, one after the other over one connection.

    Those of static files, which nobody reads here, stay compressed.
    """
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", site.port, local_addr=local_address(client)
    )
    bodies = []
    try:
        for path in paths:
            writer.write(request_head(site, path, ACCEPT_ENCODING))
            head = ResponseHead.parse((await reader.readuntil(b"\r\n\r\n"))[:-4])
            body = await _body(reader, head)
            is_compressed = head.is_compressed and not path.startswith(f"{site.base}/static/")
            bodies.append(gzip.decompress(body) if is_compressed else body)
    finally:
        writer.close()
    return bodies


async def _body(reader: asyncio.StreamReader, head: ResponseHead) -> bytes:
    if "content-length" in head.headers:
        return await reader.readexactly(int(head.headers["content-length"]))
    decoder, body = ChunkDecoder(), b""
    while not decoder.ended:
        piece = await reader.read(65_536)
        if not piece:
            raise ConnectionError("a response ended early")
        body += decoder.feed(piece)
    return body


async def has_streams(site: Site) -> bool:
    """Whether a dashboard tells of trainings by event streams."""
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    try:
        writer.write(request_head(site, site.path(f"/live/{site.run_id}", 0)))
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), SECONDS)
        return ResponseHead.parse(head[:-4]).is_event_stream
    finally:
        writer.close()
