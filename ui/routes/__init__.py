"""The dashboard's own HTTP routes beside Streamlit's, one file a family, under the base path."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Mount, Route

from ui.base_path import base_path, under_base
from ui.routes import (
    assets,
    excitation,
    health,
    images,
    live,
    networks,
    occlusion,
    pixels,
    presenter,
    prototypes,
)


def routes() -> list[Route | Mount]:
    """All of them, as ``st.App`` takes them."""
    return mounted(
        [
            *health.ROUTES,
            *presenter.ROUTES,
            *assets.ROUTES,
            *images.ROUTES,
            *live.ROUTES,
            *networks.ROUTES,
            *excitation.ROUTES,
            *occlusion.ROUTES,
            *pixels.ROUTES,
            *prototypes.ROUTES,
        ]
    )


def mounted(inner_routes: Sequence[Route | Mount]) -> list[Route | Mount]:
    """Routes under the base path, which ``st.App`` does for its own alone.

    The path without its last ``/`` leads on, and so does the root: Starlette itself would lead on
    to the host that a proxy has put into the request.
    """
    base = base_path()
    if not base:
        return list(inner_routes)
    redirects: list[Route | Mount] = [Route(path, _redirect_to_start) for path in ("/", base)]
    return redirects + [_below(base, route) for route in inner_routes]


def _below(base: str, route: Route | Mount) -> Route | Mount:
    # One mount for all of them would take Streamlit's own addresses, too.
    if isinstance(route, Mount):
        return Mount(base + route.path, route.app)
    return Route(base + route.path, route.endpoint, methods=list(route.methods or ()))


async def _redirect_to_start(request: Request) -> RedirectResponse:
    query = request.url.query
    return RedirectResponse(under_base("/") + (f"?{query}" if query else ""))
