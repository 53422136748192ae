"""Static files, compressed once and kept in memory: Streamlit's text files and our own assets.

Streamlit sends its scripts plain, and would compress ours anew for every request. What is kept is
what was compressed and asked for: of all files of Streamlit 1.67 together 7 MB, of Plotly 1.5 MB,
of our own less than 0.3 MB. Compressing what a page needs takes 0.3 s of one core after a start, so
nothing is written to disk.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import re
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ui.base_path import under_base
from ui.streamlit_internals import static_folder
from ui.theme import FONTS

FOR_GOOD = "public, max-age=31536000, immutable"
# A browser asks whether it still holds, and gets 304 where it does.
REVALIDATE = "no-cache"
# Level 9 makes 0.3 % less of them, in 1.4 times the time.
_LEVEL = 6
# What a system's own table says of them differs from one to the next.
_MEDIA_TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".woff2": "font/woff2",
}
_TEXT = {"application/json", "image/svg+xml"}
# As Streamlit's bundler writes it: index.DormvYxC.js
_DIGEST_IN_NAME = re.compile(r"\.[\w-]{8}\.\w+$")
# One thread: whoever else computes keeps a core, and files come in the order of the requests.
_compressor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="compress")


class _Content(NamedTuple):
    """The content of a file as it is kept.

    Attributes:
        body: compressed by gzip, or as the file is.
        is_compressed: which of the two.
        etag: changes with the file; weak, since it stands for both forms.
    """

    body: bytes
    is_compressed: bool
    etag: str

    def plain(self) -> bytes:
        """The file itself."""
        return gzip.decompress(self.body) if self.is_compressed else self.body


class StaticFile:
    """A file that is read, and compressed if it is text, for the first who asks for it.

    Args:
        read: returns the content; called once, in another thread, and again only if it failed.
        media_type: what is sent as ``Content-Type``.
    """

    def __init__(self, read: Callable[[], bytes], media_type: str) -> None:
        self._read = read
        self._media_type = media_type
        self._content: Future[_Content] | None = None

    async def response(self, request: Request, cache_control: str) -> Response:
        """What a ``GET`` or ``HEAD`` gets; raises ``OSError`` where the file cannot be read."""
        content = await self._kept()
        headers = {"Cache-Control": cache_control, "ETag": content.etag}
        if content.is_compressed:
            headers["Vary"] = "Accept-Encoding"
        if _matches(request.headers, content.etag):
            return Response(status_code=304, headers=headers)
        body = content.body
        if content.is_compressed and accepts_gzip(request.headers):
            headers["Content-Encoding"] = "gzip"
        elif content.is_compressed:
            body = await asyncio.to_thread(content.plain)
        headers["Content-Length"] = str(len(body))
        sent = b"" if request.method == "HEAD" else body
        return Response(sent, headers=headers, media_type=self._media_type)

    async def _kept(self) -> _Content:
        # Only the event loop comes here, so requests at once wait for one and the same content.
        content = self._content
        if content is None or (content.done() and content.exception()):
            content = self._content = _compressor.submit(self._load)
        # Who goes away takes it from nobody else.
        return await asyncio.shield(asyncio.wrap_future(content))

    def _load(self) -> _Content:
        plain = self._read()
        etag = f'W/"{hashlib.sha256(plain).hexdigest()[:16]}"'
        if _is_text(self._media_type):
            compressed = gzip.compress(plain, _LEVEL, mtime=0)
            if len(compressed) < len(plain):
                return _Content(compressed, True, etag)
        return _Content(plain, False, etag)


class Served(NamedTuple):
    """A file at an address, and how long browsers may keep what lies there."""

    file: StaticFile
    cache_control: str


class CompressedStreamlit:
    """Plain ASGI middleware: serves Streamlit's text files itself, all else goes through.

    What can be read was listed at the start, so no address leads to another file. Behind it,
    ``gzip`` is offered only by clients that take it: Streamlit does not look for ``q=0``.

    Args:
        app: gets all other requests.
        files: by their address, from ``/`` on.
    """

    def __init__(self, app: ASGIApp, files: Mapping[str, Served]) -> None:
        self._app = app
        self._files = files

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        served = self._files.get(scope["path"]) if scope["method"] in ("GET", "HEAD") else None
        if served is not None:
            try:
                response = await served.file.response(request, served.cache_control)
            except OSError:
                # Streamlit was replaced since: it says what is to be said.
                pass
            else:
                await response(scope, receive, send)
                return
        if not accepts_gzip(request.headers):
            kept = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
            scope = {**scope, "headers": kept}
        await self._app(scope, receive, send)


def streamlit_files() -> dict[str, Served]:
    """What is served in Streamlit's place: its text, and a font of fewer icons for its own."""
    folder, address = static_folder(), under_base("/static")
    files = text_files(folder, address)
    for path in (folder / "media").glob("MaterialSymbols-Rounded.*.woff2"):
        icons = StaticFile((FONTS / "icons.woff2").read_bytes, "font/woff2")
        # The digest in the name is that of the other font, and stays where ours gets an icon more.
        files[f"{address}/media/{path.name}"] = Served(icons, REVALIDATE)
    return files


def text_files(folder: Path, address: str) -> dict[str, Served]:
    """The files of a folder that are worth compressing, by their addresses.

    Args:
        folder: is read through; links are left out, since they may lead out of it.
        address: of the folder, from ``/`` on, without a ``/`` at its end.
    """
    files = {}
    # A folder that is a link is not gone into.
    for path in folder.rglob("*"):
        media_type = media_type_of(path.name)
        if _is_text(media_type) and path.is_file() and not path.is_symlink():
            place = f"{address}/{path.relative_to(folder).as_posix()}"
            file = StaticFile(path.read_bytes, media_type)
            files[place] = Served(file, cache_control_of(place))
    return files


def media_type_of(name: str) -> str:
    """The type of a file by its name."""
    return _MEDIA_TYPES.get(Path(name).suffix, "application/octet-stream")


def cache_control_of(address: str) -> str:
    """How long a browser may keep what lies at an address: for good if its name has a digest."""
    return FOR_GOOD if _DIGEST_IN_NAME.search(address) else REVALIDATE


def accepts_gzip(headers: Headers) -> bool:
    """Whether a client takes gzip by its ``Accept-Encoding``."""
    weights = {}
    for offer in ",".join(headers.getlist("accept-encoding")).lower().split(","):
        coding, _, parameters = offer.partition(";")
        weights[coding.strip()] = _weight(parameters)
    return weights.get("gzip", weights.get("*", 0.0)) > 0


def _weight(parameters: str) -> float:
    name, _, value = parameters.partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


def _matches(headers: Headers, etag: str) -> bool:
    """Whether a client has this content, by its ``If-None-Match``."""
    known = [tag.strip() for tag in ",".join(headers.getlist("if-none-match")).split(",")]
    return "*" in known or etag in known or etag.removeprefix("W/") in known


def _is_text(media_type: str) -> bool:
    return media_type.startswith("text/") or media_type in _TEXT
