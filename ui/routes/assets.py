"""Static files: Plotly's JavaScript from the installed package, and the theme's fonts."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

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


ROUTES: list[Route | Mount] = [
    Route("/assets/plotly.min.js", plotly_js),
    Mount("/assets/fonts", StaticFiles(directory=_FONTS)),
]
