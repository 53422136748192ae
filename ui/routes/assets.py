"""Static files: the components' JavaScript, Plotly's from its package, the theme's fonts."""

from __future__ import annotations

import importlib.metadata
import importlib.util
from functools import partial
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route

from ui.components.modules import DIGEST, MODULES
from ui.static_files import FOR_GOOD, REVALIDATE, StaticFile, media_type_of
from ui.theme import FONTS, font_version, style_digest, style_sheet

IMMUTABLE = {"Cache-Control": FOR_GOOD}
NO_STORE = {"Cache-Control": "no-store"}
# Plotly's folder is looked up without loading the package.
_SPEC = importlib.util.find_spec("plotly")
assert _SPEC is not None
assert _SPEC.origin is not None
_PLOTLY = StaticFile(
    (Path(_SPEC.origin).parent / "package_data" / "plotly.min.js").read_bytes, "text/javascript"
)
_PLOTLY_VERSION = importlib.metadata.version("plotly")
_MODULES = {
    # A module is in memory already: there is nothing to read.
    name: StaticFile(partial(bytes, content), "text/javascript")
    for name, content in MODULES.items()
}
_STYLES = StaticFile(lambda: style_sheet().encode(), "text/css")
_FONTS = {
    path.name: StaticFile(path.read_bytes, media_type_of(path.name))
    for path in FONTS.iterdir()
    if path.is_file()
}


async def plotly_js(request: Request) -> Response:
    """The chart library; pages ask for it with its version, so browsers keep it for good."""
    return await _PLOTLY.response(request, _by_version(request, _PLOTLY_VERSION))


async def component_module(request: Request) -> Response:
    """A module of the components, which browsers keep for good.

    The version is the digest of all of them; whoever tries once more has put a full stop and a
    number behind it. 404 for a file that is none of them, and for another digest: a page of before
    an update gets the new address with its next data.
    """
    digest, _, _ = request.path_params["version"].partition(".")
    module = _MODULES.get(request.path_params["name"])
    if digest != DIGEST or module is None:
        return _missing("There is no such module in this version of the dashboard.")
    return await module.response(request, FOR_GOOD)


async def styles(request: Request) -> Response:
    """The style sheets, as one file that browsers keep for good; 404 for those of another version.

    A page of before an update has them already.
    """
    if request.path_params["digest"] != style_digest():
        return _missing("There are no such styles in this version of the dashboard.")
    return await _STYLES.response(request, FOR_GOOD)


async def font(request: Request) -> Response:
    """A font, or its licence; the theme asks for fonts with their digests, for good."""
    name = request.path_params["name"]
    if name not in _FONTS:
        return _missing("There is no such font.")
    return await _FONTS[name].response(request, _by_version(request, font_version(name)))


def _by_version(request: Request, version: str) -> str:
    """How long to keep what was asked for with its version, or without it."""
    return FOR_GOOD if request.query_params.get("v") == version else REVALIDATE


def _missing(sentence: str) -> Response:
    return PlainTextResponse(sentence, status_code=404, headers=NO_STORE)


ROUTES: list[Route | Mount] = [
    Route("/assets/js/{version}/{name:path}", component_module),
    Route("/assets/style/{digest}.css", styles),
    Route("/assets/plotly.min.js", plotly_js),
    Route("/assets/fonts/{name}", font),
]
