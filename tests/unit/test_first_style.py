"""The page that Streamlit serves gets the style sheets; everything else goes through as it is."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable

import pytest
from asgi import Answer, ask
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from ui.first_style import FirstStyle
from ui.routes.assets import ROUTES
from ui.streamlit_internals import static_folder
from ui.theme import font_address, style_address, style_digest, style_sheet

BROWSER = {"accept": "text/html,application/xhtml+xml", "accept-encoding": "gzip"}
PRELOAD = r'<link\s+rel="preload"\s+href="[^"]+SourceSans[^"]+"\s+as="font"[^>]+>'
FONT = '<link\n rel="preload"\n href="./SourceSans.woff2"\n as="font"\n crossorigin\n/>'
BODY = '<body>text<div id="root"></div>' + " " * 2_000
PAGE = f"<head>{FONT}</head>{BODY}"


async def page(request: Request) -> Response:
    fresh = "if-none-match" not in request.headers
    return HTMLResponse(PAGE if fresh else "", 200 if fresh else 304, {"ETag": '"one"'})


async def file(request: Request) -> Response:
    return PlainTextResponse('a file with <div id="root">')


async def other_page(request: Request) -> Response:
    return HTMLResponse("<p>A page of ours.</p>", headers={"ETag": '"two"'})


Get = Callable[..., Answer]


@pytest.fixture(scope="module")
def get() -> Get:
    """Asks a site of which one page is Streamlit's."""
    own = [Route("/page", page), Route("/file", file), Route("/other", other_page)]
    middleware = [Middleware(FirstStyle), Middleware(GZipMiddleware)]
    site = Starlette(routes=[*own, *ROUTES], middleware=middleware)

    return lambda path, headers=BROWSER: ask(site, path, headers)


def test_a_page_names_the_style_sheets_before_it_begins(get: Get) -> None:
    response = get("/page")
    assert response.headers["content-encoding"] == "gzip"
    assert response.headers["vary"] == "Accept-Encoding"
    assert int(response.headers["content-length"]) == len(response.content)
    before, _, after = gzip.decompress(response.content).decode().partition('<div id="root">')
    address = f"/assets/style/{style_digest()}.css"
    assert style_address() == address
    assert f'<link rel="stylesheet" href="{address}">' in before
    assert before.startswith("<head></head><body>text")
    assert f'<div id="root">{after}' == PAGE[PAGE.index("<div") :]
    styles = get(address, {**BROWSER, "accept": "text/css"})
    assert gzip.decompress(styles.content).decode() == style_sheet()
    assert "immutable" in styles.headers["cache-control"]


def test_a_client_that_takes_no_gzip_gets_the_page_itself(get: Get) -> None:
    response = get("/page", {**BROWSER, "accept-encoding": "gzip;q=0"})
    assert "content-encoding" not in response.headers
    assert response.headers["vary"] == "Accept-Encoding"
    assert style_address() in response.text
    assert int(response.headers["content-length"]) == len(response.content)


def test_streamlits_own_font_is_not_requested_in_advance(get: Get) -> None:
    page = gzip.decompress(get("/page").content).decode()
    assert "<head>" in page
    assert "SourceSans" not in page
    for name in ("fraunces.woff2", "inter.woff2"):
        ours = f'as="font" type="font/woff2" crossorigin href="{font_address(name)}">'
        assert page.count(ours) == 1
    ahead = (static_folder().parent / "index.html").read_text()
    assert len(re.findall(PRELOAD, ahead)) == 1


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
