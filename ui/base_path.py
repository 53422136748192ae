"""Addresses under the path at which a proxy serves the dashboard (``server.baseUrlPath``)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Mount, Route
from streamlit import config

_FONT_FACES = "theme.fontFaces"


def under_base(address: str) -> str:
    """An address on this dashboard, from ``/`` on, as a browser has to ask for it."""
    return base_path() + address


def base_path() -> str:
    """``""``, or a path such as ``/clothes``."""
    path = str(config.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{path}" if path else ""


def mounted(routes: Sequence[Route | Mount]) -> list[Route | Mount]:
    """Routes under the base path, which ``st.App`` does for its own alone.

    The path without its last ``/`` leads on, and so does the root: Starlette itself would lead on
    to the host that a proxy has put into the request.
    """
    base = base_path()
    if not base:
        return list(routes)
    ways_in: list[Route | Mount] = [Route(path, _to_the_start) for path in ("/", base)]
    return ways_in + [_below(base, route) for route in routes]


def _below(base: str, route: Route | Mount) -> Route | Mount:
    # One mount for all of them would take Streamlit's own addresses, too.
    if isinstance(route, Mount):
        return Mount(base + route.path, route.app)
    return Route(base + route.path, route.endpoint)


async def _to_the_start(request: Request) -> RedirectResponse:
    query = request.url.query
    return RedirectResponse(under_base("/") + (f"?{query}" if query else ""))


def set_font_addresses() -> None:
    """Let the theme's fonts lie under the base path, which ``config.toml`` cannot know."""
    faces = cast(list[dict[str, Any]], config.get_option(_FONT_FACES))
    config.set_option(_FONT_FACES, [{**face, "url": under_base(face["url"])} for face in faces])
