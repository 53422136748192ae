"""The page that Streamlit serves gets the style sheets; everything else goes through as it is."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import pytest
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Message

from ui.first_style import FirstStyle, style_digest
from ui.routes.assets import ROUTES
from ui.theme import style_sheet

BROWSER = {"accept": "text/html,application/xhtml+xml", "accept-encoding": "gzip"}
PAGE = '<head></head><body>text<div id="root"></div>' + " " * 2_000


async def page(request: Request) -> Response:
    fresh = "if-none-match" not in request.headers
    return HTMLResponse(PAGE if fresh else "", 200 if fresh else 304, {"ETag": '"one"'})


async def file(request: Request) -> Response:
    return PlainTextResponse('a file with <div id="root">')


async def other_page(request: Request) -> Response:
    return HTMLResponse("<p>A page of ours.</p>", headers={"ETag": '"two"'})


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: Headers
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode()


Get = Callable[..., Answer]


@pytest.fixture(scope="module")
def get() -> Get:
    """Asks a site of which one page is Streamlit's."""
    own = [Route("/page", page), Route("/file", file), Route("/other", other_page)]
    middleware = [Middleware(FirstStyle), Middleware(GZipMiddleware)]
    site = Starlette(routes=[*own, *ROUTES], middleware=middleware)

    def ask(path: str, headers: Mapping[str, str] = BROWSER) -> Answer:
        sent: list[Message] = []
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        scope: dict[str, Any] = {
            "type": "http",
            "method": "GET",
            "path": path,
            "query_string": b"",
            "headers": raw,
            "scheme": "http",
            "root_path": "",
        }

        async def receive() -> Message:
            return await asyncio.Future[Message]()

        async def send(message: Message) -> None:
            sent.append(message)

        asyncio.run(site(scope, receive, send))
        body = b"".join(message.get("body", b"") for message in sent[1:])
        return Answer(sent[0]["status"], Headers(raw=sent[0]["headers"]), body)

    return ask


def test_a_page_names_the_style_sheets_before_it_begins(get: Get) -> None:
    response = get("/page")
    before, _, after = response.text.partition('<div id="root">')
    address = f"/assets/style/{style_digest()}.css"
    assert f'<link rel="stylesheet" href="{address}">' in before
    assert before.startswith("<head></head><body>text")
    assert f'<div id="root">{after}' == PAGE[PAGE.index("<div") :]
    assert int(response.headers["content-length"]) == len(response.content)
    styles = get(address)
    assert styles.text == style_sheet()
    assert "immutable" in styles.headers["cache-control"]


def test_a_page_that_the_browser_has_is_sent_anew(get: Get) -> None:
    """What it has may name the styles of an older version, which are no longer there."""
    response = get("/page", {**BROWSER, "if-none-match": '"one"'})
    assert response.status == 200
    assert "etag" not in response.headers


@pytest.mark.parametrize(("path", "text"), [("/file", "a file"), ("/other", "<p>A page")])
def test_what_is_no_page_of_streamlit_is_left_alone(get: Get, path: str, text: str) -> None:
    response = get(path)
    assert response.text.startswith(text)
    assert "stylesheet" not in response.text
    assert ("etag" in response.headers) == (path == "/other")


def test_what_a_script_requests_goes_through_compressed(get: Get) -> None:
    response = get("/page", {**BROWSER, "accept": "*/*"})
    assert gzip.decompress(response.content).decode() == PAGE


def test_styles_of_another_version_are_not_there(get: Get) -> None:
    assert get("/assets/style/0123456789abcdef.css").status == 404
