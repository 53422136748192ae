"""Static files: the components' JavaScript, Plotly's from its package, the theme's fonts."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from ui.components.modules import DIGEST, MODULES
from ui.first_style import style_digest
from ui.theme import style_sheet

IMMUTABLE = {"Cache-Control": "public, max-age=31536000, immutable"}
_FONTS = Path(__file__).resolve().parents[1] / "assets" / "fonts"
# Plotly's folder is looked up without loading the package.
_SPEC = importlib.util.find_spec("plotly")
assert _SPEC is not None
assert _SPEC.origin is not None
_PLOTLY = Path(_SPEC.origin).parent / "package_data" / "plotly.min.js"


async def plotly_js(request: Request) -> FileResponse:
    """The chart library; pages ask for it with its version, so browsers keep it for good."""
    return FileResponse(_PLOTLY, media_type="text/javascript", headers=IMMUTABLE)


async def component_module(request: Request) -> Response:
    """A module of the components, which browsers keep for good.

    The version is the digest of all of them; whoever tries once more has put a full stop and a
    number behind it. 404 for a file that is none of them, and for another digest: a page of before
    an update gets the new address with its next data.
    """
    digest, _, _ = request.path_params["version"].partition(".")
    content = MODULES.get(request.path_params["name"])
    if digest != DIGEST or content is None:
        missing = "There is no such module in this version of the dashboard."
        return PlainTextResponse(missing, status_code=404, headers={"Cache-Control": "no-store"})
    return Response(content, media_type="text/javascript", headers=IMMUTABLE)


async def styles(request: Request) -> Response:
    """The style sheets, as one file that browsers keep for good; 404 for those of another version.

    A page of before an update has them already.
    """
    if request.path_params["digest"] != style_digest():
        missing = "There are no such styles in this version of the dashboard."
        return PlainTextResponse(missing, status_code=404, headers={"Cache-Control": "no-store"})
    return Response(style_sheet(), media_type="text/css", headers=IMMUTABLE)


ROUTES: list[Route | Mount] = [
    Route("/assets/js/{version}/{name}", component_module),
    Route("/assets/style/{digest}.css", styles),
    Route("/assets/plotly.min.js", plotly_js),
    Mount("/assets/fonts", StaticFiles(directory=_FONTS)),
]
