"""The dashboard's own routes: their addresses, and what each of them answers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from http.cookies import SimpleCookie
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.types import Message
from streamlit import config

from fmnist_core import images
from fmnist_core.dataset import Dataset, DatasetUnavailable
from ui import rights
from ui.components.modules import DIGEST, MODULES, digest_of, module_address
from ui.routes import images as image_routes
from ui.routes import routes

PATHS = [
    "/healthz",
    "/presenter",
    "/assets/js/{version}/{name}",
    "/assets/style/{digest}.css",
    "/assets/plotly.min.js",
    "/assets/fonts",
    "/pictures/{name}.png",
]


@pytest.fixture
def base_path(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    before = config.get_option("server.baseUrlPath")
    config.set_option("server.baseUrlPath", "clothes")
    yield "/clothes"
    config.set_option("server.baseUrlPath", before)


def get(address: str) -> tuple[int, Headers, bytes]:
    """Status, headers and body of the response to a request that only the routes see."""
    path, _, query = address.partition("?")
    scope: dict[str, Any] = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": query.encode(),
        "headers": [],
        "scheme": "http",
        "server": ("127.0.0.1", 8501),
        "root_path": "",
    }
    sent: list[Message] = []

    async def receive() -> Message:
        # The visitor stays until all is sent.
        return await asyncio.Future[Message]()

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(Starlette(routes=routes())(scope, receive, send))
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return sent[0]["status"], Headers(raw=sent[0]["headers"]), body


def test_each_family_has_its_addresses() -> None:
    assert sorted(route.path for route in routes()) == sorted(PATHS)


def test_all_lie_under_the_base_path_and_its_root_leads_there(base_path: str) -> None:
    paths = [route.path for route in routes()]
    assert sorted(paths) == sorted(["/", base_path, *(base_path + path for path in PATHS)])
    for address in ("/?run=1", "/clothes?run=1"):
        status, headers, _ = get(address)
        assert (status, headers["location"]) == (307, "/clothes/?run=1")
    assert get("/clothes/healthz")[0] == 200
    assert get("/healthz")[0] == 404


def test_health_and_assets_are_served() -> None:
    status, _, body = get("/healthz")
    assert (status, body) == (200, b'{"status":"ok"}')
    status, headers, body = get("/assets/plotly.min.js")
    assert (status, headers["content-type"]) == (200, "text/javascript; charset=utf-8")
    assert "immutable" in headers["cache-control"]
    assert b"plotly.js" in body[:200]
    assert get("/assets/fonts/inter.woff2")[2][:4] == b"wOF2"
    assert get("/assets/fonts/../frame.css")[0] == 404


def test_every_module_of_the_components_is_served_for_good_at_an_address_with_the_digest() -> None:
    assert {"loader.js", "acts.js", "gallery.js"} <= MODULES.keys()
    for name, content in MODULES.items():
        status, headers, body = get(module_address(name))
        assert (status, body) == (200, content), name
        assert headers["content-type"] == "text/javascript; charset=utf-8"
        assert headers["cache-control"] == "public, max-age=31536000, immutable"
        assert get(f"/assets/js/{DIGEST}.2/{name}")[2] == content


@pytest.mark.parametrize(
    "address",
    [
        f"/assets/js/{'0' * len(DIGEST)}/acts.js",
        f"/assets/js/{DIGEST}/nothing.js",
        f"/assets/js/{DIGEST}/component.d.ts",
        f"/assets/js/{DIGEST}/acts.py",
        f"/assets/js/{DIGEST}/",
        f"/assets/js/{DIGEST}/../../base_path.py",
        f"/assets/js/{DIGEST}/..%2Fbase_path.py",
        "/assets/js/",
    ],
)
def test_nothing_else_of_their_folder_is_served(address: str) -> None:
    status, headers, _ = get(address)
    assert status == 404
    assert "immutable" not in headers.get("cache-control", "")


def test_the_digest_of_the_modules_changes_with_each_name_and_each_content() -> None:
    digests = [
        digest_of(modules)
        for modules in (
            {"a.js": b"1", "b.js": b"2"},
            {"a.js": b"1", "b.js": b"3"},
            {"a.js": b"1", "c.js": b"2"},
            {"a.js": b"1b.js 1\n2"},
            {"a.js": b"1"},
        )
    ]
    assert len(set(digests)) == len(digests)
    assert digest_of({"b.js": b"2", "a.js": b"1"}) == digests[0]


def test_a_component_knows_where_its_module_is(base_path: str) -> None:
    assert module_address("acts.js") == f"{base_path}/assets/js/{DIGEST}/acts.js"
    assert get(module_address("acts.js"))[2] == MODULES["acts.js"]


def test_a_sheet_of_images_is_a_png_that_browsers_keep(data: Dataset) -> None:
    status, headers, body = get("/pictures/test-6.png?v=1")
    assert (status, headers["content-type"]) == (200, "image/png")
    assert "immutable" in headers["cache-control"]
    assert body == images.sheet(data, "test-6")


@pytest.mark.parametrize("name", ["test-10", "validation-1", "test-", "map"])
def test_a_sheet_that_there_is_not_is_not_found(data: Dataset, name: str) -> None:
    status, headers, body = get(f"/pictures/{name}.png")
    assert (status, body) == (404, b"There is no such sheet of pictures.")
    assert "cache-control" not in headers


def test_a_sheet_without_the_dataset_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = DatasetUnavailable(())

    def unavailable() -> Dataset:
        raise problem

    monkeypatch.setattr(image_routes, "dataset", unavailable)
    status, headers, body = get("/pictures/test-6.png")
    assert (status, body.decode()) == (503, str(problem))
    assert "cache-control" not in headers


def test_the_presenters_link_gives_the_cookie_to_who_knows_the_key() -> None:
    status, headers, _ = get("/presenter?key=guessed")
    assert (status, headers["cache-control"]) == (403, "no-store")
    assert "set-cookie" not in headers
    status, headers, _ = get(f"/presenter?key={rights.mode().key}")
    assert (status, headers["location"], headers["cache-control"]) == (303, "/", "no-store")
    cookies = SimpleCookie(headers["set-cookie"])
    assert rights.is_presenter({name: cookie.value for name, cookie in cookies.items()})
