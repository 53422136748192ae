"""Static files: compressed once, kept by browsers while their names hold, and no other is read."""

from __future__ import annotations

import asyncio
import gzip
import re
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from asgi import Answer, ask, ask_in_loop
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp
from streamlit.web.server.starlette.starlette_gzip_middleware import SelectiveGZipMiddleware

from ui.first_style import FirstStyle
from ui.guard import Guard
from ui.rights import VisitorCookies
from ui.static_files import (
    CompressedStreamlit,
    Served,
    StaticFile,
    accepts_gzip,
    streamlit_files,
    text_files,
)
from ui.streamlit_internals import static_folder
from ui.theme import FONTS

SCRIPT = b"export const script = 1;\n" * 400
GZIP = {"accept-encoding": "gzip, deflate, br"}
HASHED = "/static/js/index.Dormv-xC.js"
EVENTS = [b"data: one\n\n", b"data: two\n\n"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Streamlit's folder, with a secret beside it."""
    folder = tmp_path / "static"
    (folder / "js").mkdir(parents=True)
    (folder / "js" / "index.Dormv-xC.js").write_bytes(SCRIPT)
    (folder / "js" / "unnamed.js").write_bytes(SCRIPT)
    (folder / "js" / "empty.D0000000.js").write_bytes(b"")
    (folder / "font.BsWL4Kly.woff2").write_bytes(b"wOF2")
    (tmp_path / "secret.js").write_bytes(b"secret")
    (folder / "link.js").symlink_to(tmp_path / "secret.js")
    (folder / "out").symlink_to(tmp_path)
    return folder


async def passed(request: Request) -> Response:
    return PlainTextResponse("passed on", headers={"X-Passed": "yes"})


async def events(request: Request) -> Response:
    async def stream() -> AsyncIterator[bytes]:
        for event in EVENTS:
            yield event

    return StreamingResponse(stream(), media_type="text/event-stream")


def site(folder: Path, base: str = "") -> ASGIApp:
    """What stands between a browser and the routes, Streamlit's own compression included."""
    return Starlette(
        routes=[Route("/live", events), Route("/{path:path}", passed, methods=["GET", "POST"])],
        middleware=[
            Middleware(Guard, named=frozenset(), shared=True, policy="frame-ancestors 'self'"),
            Middleware(CompressedStreamlit, files=text_files(folder, f"{base}/static")),
            Middleware(VisitorCookies),
            Middleware(FirstStyle),
            Middleware(SelectiveGZipMiddleware),
        ],
    )


def get(app: ASGIApp, address: str, headers: dict[str, str] | None = None) -> Answer:
    return ask(app, address, {"host": "127.0.0.1:8501", **GZIP, **(headers or {})})


def test_a_script_comes_compressed_and_is_kept_for_good(folder: Path) -> None:
    answer = get(site(folder), HASHED)
    assert (answer.status, gzip.decompress(answer.content)) == (200, SCRIPT)
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["content-length"] == str(len(answer.content))
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["vary"] == "Accept-Encoding"
    # The guard stands before it.
    assert answer.headers["content-security-policy"] == "frame-ancestors 'self'"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_guard_refuses_before_anything_is_read(folder: Path) -> None:
    app = site(folder)
    assert get(app, HASHED, {"host": "evil.test"}).status == 403
    assert get(app, HASHED, {"origin": "http://evil.test"}).status == 403


@pytest.mark.parametrize("accepted", ["", "identity", "gzip;q=0", "deflate, gzip; q=0.0", "*;q=0"])
def test_a_client_that_takes_no_gzip_gets_the_file_itself(folder: Path, accepted: str) -> None:
    answer = get(site(folder), HASHED, {"accept-encoding": accepted})
    assert answer.content == SCRIPT
    assert "content-encoding" not in answer.headers
    assert answer.headers["content-length"] == str(len(SCRIPT))
    # A cache on the way must not hand it to others, nor theirs to this one.
    assert answer.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    ("accepted", "takes"),
    [
        ("gzip", True),
        ("GZIP;q=0.5", True),
        ("*", True),
        ("gzip;q=0, *", False),
        ("*;q=0, gzip", True),
        ("xgzip", False),
        ("gzip;q=nonsense", False),
        ("", False),
    ],
)
def test_what_a_client_takes_is_read_by_the_standard(accepted: str, takes: bool) -> None:
    assert accepts_gzip(Headers({"accept-encoding": accepted})) == takes


def test_streamlit_compresses_nothing_for_a_client_that_refuses_it(folder: Path) -> None:
    async def long_text(request: Request) -> Response:
        return PlainTextResponse("text " * 1_000)

    middleware = [Middleware(CompressedStreamlit, files={}), Middleware(SelectiveGZipMiddleware)]
    app = Starlette(routes=[Route("/text", long_text)], middleware=middleware)
    assert "content-encoding" not in get(app, "/text", {"accept-encoding": "gzip;q=0"}).headers
    assert get(app, "/text").headers["content-encoding"] == "gzip"


def test_head_has_the_headers_and_no_body(folder: Path) -> None:
    app, headers = site(folder), {"host": "127.0.0.1:8501", **GZIP}
    whole, head = (ask(app, HASHED, headers, method) for method in ("GET", "HEAD"))
    assert head.content == b""
    assert head.headers == whole.headers


def test_a_name_without_a_digest_is_requested_again_and_answered_by_304(folder: Path) -> None:
    app = site(folder)
    first = get(app, "/static/js/unnamed.js")
    assert first.headers["cache-control"] == "no-cache"
    etag = first.headers["etag"]
    for known in (etag, f'"other", {etag}', etag.removeprefix("W/"), "*"):
        again = get(app, "/static/js/unnamed.js", {"if-none-match": known})
        assert (again.status, again.content) == (304, b"")
        assert again.headers["etag"] == etag
        assert again.headers["vary"] == "Accept-Encoding"
    assert get(app, "/static/js/unnamed.js", {"if-none-match": '"other"'}).status == 200


@pytest.mark.parametrize(
    "address",
    [
        "/static/../secret.js",
        "/static/%2e%2e/secret.js",
        "/static/js/..%2f..%2fsecret.js",
        "/static/..\\secret.js",
        "/static/js/index.Dormv-xC.js%00",
        "/static//js/index.Dormv-xC.js",
        "/static/link.js",
        "/static/out/secret.js",
        "/static/js",
        "/static/",
        "/static/js/unknown.Dormv-xC.js",
        "/static/font.BsWL4Kly.woff2",
        "/js/index.Dormv-xC.js",
    ],
)
def test_nothing_else_is_read(folder: Path, address: str) -> None:
    answer = get(site(folder), address)
    assert answer.headers["x-passed"] == "yes"
    assert answer.text == "passed on"


def test_other_methods_are_left_to_streamlit(folder: Path) -> None:
    answer = ask(site(folder), HASHED, {"host": "127.0.0.1:8501"}, "POST")
    assert answer.headers["x-passed"] == "yes"


def test_files_lie_under_the_base_path_and_nowhere_else(folder: Path) -> None:
    app = site(folder, "/clothes")
    assert gzip.decompress(get(app, f"/clothes{HASHED}").content) == SCRIPT
    assert get(app, HASHED).text == "passed on"


def test_a_file_that_has_gone_is_left_to_streamlit(folder: Path) -> None:
    app = site(folder)
    path = folder / "js" / "index.Dormv-xC.js"
    path.unlink()
    assert get(app, HASHED).text == "passed on"
    path.write_bytes(SCRIPT)
    assert gzip.decompress(get(app, HASHED).content) == SCRIPT


def test_requests_at_once_read_and_compress_once_and_leave_the_loop_free() -> None:
    threads: list[threading.Thread] = []
    go_on = threading.Event()

    def read() -> bytes:
        threads.append(threading.current_thread())
        assert go_on.wait(30)
        return SCRIPT

    app = CompressedStreamlit(
        Starlette(), {"/a.js": Served(StaticFile(read, "text/javascript"), "no-cache")}
    )

    async def ask_twice() -> list[Answer]:
        requests = [asyncio.create_task(ask_in_loop(app, "/a.js", GZIP)) for _ in range(3)]
        # The loop goes on while the file is read; who goes away takes it from nobody else.
        while not threads:
            await asyncio.sleep(0.01)
        requests.pop(0).cancel()
        await asyncio.sleep(0)
        go_on.set()
        return [await request for request in requests]

    answers = asyncio.run(ask_twice())
    assert [gzip.decompress(answer.content) for answer in answers] == [SCRIPT, SCRIPT]
    asyncio.run(ask_in_loop(app, "/a.js", GZIP))
    assert len(threads) == 1
    assert threads[0] is not threading.main_thread()


def test_what_compressing_makes_no_smaller_is_kept_as_it_is(folder: Path) -> None:
    answer = get(site(folder), "/static/js/empty.D0000000.js")
    assert (answer.status, answer.content) == (200, b"")
    assert "content-encoding" not in answer.headers

    async def font(request: Request) -> Response:
        return await StaticFile(lambda: b"wOF2" * 1_000, "font/woff2").response(request, "no-cache")

    middleware = [Middleware(CompressedStreamlit, files={}), Middleware(SelectiveGZipMiddleware)]
    app = Starlette(routes=[Route("/font", font)], middleware=middleware)
    answer = get(app, "/font")
    assert answer.content == b"wOF2" * 1_000
    assert answer.headers["content-type"] == "font/woff2"


def test_events_come_one_by_one_and_as_they_are(folder: Path) -> None:
    answer = get(site(folder), "/live", {"accept": "text/event-stream"})
    assert [part for part in answer.parts if part] == EVENTS
    assert "content-encoding" not in answer.headers


def test_all_text_that_streamlit_has_is_found_and_named_with_a_digest() -> None:
    files = streamlit_files()
    page = (static_folder().parent / "index.html").read_text()
    (script,) = re.findall(r'<script [^>]*src="\.(.+?)"', page)
    assert len(files) > 200
    app = CompressedStreamlit(Starlette(), files)
    answer = get(app, script)
    assert answer.headers["content-encoding"] == "gzip"
    assert len(answer.content) < 160_000
    assert "immutable" in answer.headers["cache-control"]


def test_the_icon_font_is_ours_and_is_requested_again() -> None:
    """Its address is Streamlit's, and would not change with an icon more in ours."""
    files = streamlit_files()
    style = (static_folder() / "css").glob("index.*.css")
    (name,) = re.findall(r"url\(\.\./media/(MaterialSymbols[^)]+)\)", next(style).read_text())
    answer = get(CompressedStreamlit(Starlette(), files), f"/static/media/{name}")
    assert answer.content == (FONTS / "icons.woff2").read_bytes()
    assert answer.headers["content-type"] == "font/woff2"
    assert answer.headers["cache-control"] == "no-cache"
    assert "content-encoding" not in answer.headers
