"""The presenter's link: whoever opens it gets the presenter's cookie."""

from __future__ import annotations

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from ui.base_path import under_base
from ui.rights import is_presenter_key, mode, set_presenter_cookie

_PATH = "/presenter"


def presenter_link(root: str) -> str:
    """The address that makes a presenter of whoever opens it.

    Args:
        root: the dashboard's address without a path, such as ``http://192.168.0.7:8501``.
    """
    return f"{root}{under_base(_PATH)}?key={quote(mode().key)}"


async def presenter(request: Request) -> Response:
    """Give the presenter's cookie to who knows the key, and take the key out of the address."""
    if not is_presenter_key(request.query_params.get("key", "")):
        return PlainTextResponse(
            "This is not the presenter's link of this start. The console shows the right one.",
            status_code=403,
            headers={"Cache-Control": "no-store"},
        )
    response = RedirectResponse(under_base("/"), status_code=303)
    response.headers["Cache-Control"] = "no-store"
    set_presenter_cookie(response, secure=request.url.scheme == "https")
    return response


ROUTES = [Route(_PATH, presenter)]
