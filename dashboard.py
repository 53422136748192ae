"""The entry: ``streamlit run dashboard.py`` serves the dashboard."""

from __future__ import annotations

import asyncio
import importlib.util
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from fmnist_core.errors import FmnistError
from ui.announce import ReachedFromOutside, tell
from ui.base_path import mounted, set_font_addresses
from ui.components.acts import newest_count
from ui.errors import show_error
from ui.guard import Guard
from ui.hosts import WrongSetting, frame_ancestors, named_hosts
from ui.rights import PRESENTER_PATH, VisitorCookies, mode, presenter
from ui.services import close_engine
from ui.start import warm_up
from ui.streamlit_internals import (
    announce_every_end,
    disable_shared_actions,
    hear_every_run_out,
    note_when_clicks_are_heard,
    take_in_every_click,
)

_UI = Path(__file__).resolve().parent / "ui"
# Found without being loaded.
_SPEC = importlib.util.find_spec("plotly")
assert _SPEC is not None
assert _SPEC.origin is not None
_PLOTLY = Path(_SPEC.origin).parent / "package_data" / "plotly.min.js"
_FOR_A_YEAR = {"Cache-Control": "public, max-age=31536000, immutable"}


async def health(request: Request) -> JSONResponse:
    """Say that the dashboard answers."""
    return JSONResponse({"status": "ok"})


async def plotly_js(request: Request) -> FileResponse:
    """The chart library; pages ask for it with its version, so browsers keep it for good."""
    return FileResponse(_PLOTLY, media_type="text/javascript", headers=_FOR_A_YEAR)


def pictures_png(request: Request) -> Response:
    """All pictures of a class, or of the map, on one sheet for a browser to zoom into."""
    # Loaded by the first who asks: the first page has no sheet.
    from ui.explore.sheets import sheet_png

    try:
        found = sheet_png(request.path_params["name"])
    except FmnistError as error:
        return PlainTextResponse(str(error), status_code=503)
    if found is None:
        return PlainTextResponse("There is no such sheet of pictures.", status_code=404)
    return Response(found, media_type="image/png", headers=_FOR_A_YEAR)


@asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[None]:
    """Warm the training engine once the first page is there; the engine goes on after all this."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s")
    set_font_addresses()
    disable_shared_actions()
    announce_every_end()
    hear_every_run_out()
    note_when_clicks_are_heard(newest_count)
    take_in_every_click()
    warm_up()
    told = asyncio.create_task(tell())
    yield
    told.cancel()
    close_engine()


def in_front() -> list[Middleware]:
    """What stands in front of every page; a setting that makes no sense ends the start."""
    try:
        guard = Middleware(
            Guard, named=named_hosts(), shared=mode().shared, policy=frame_ancestors()
        )
    except WrongSetting as error:
        sys.exit(str(error))
    return [guard, Middleware(ReachedFromOutside), Middleware(VisitorCookies)]


app = st.App(
    _UI / "frame.py",
    middleware=in_front(),
    lifespan=lifespan,
    on_script_error=show_error,
    routes=mounted(
        [
            Route("/healthz", health),
            Route(PRESENTER_PATH, presenter),
            Route("/assets/plotly.min.js", plotly_js),
            Route("/pictures/{name}.png", pictures_png),
            Mount("/assets/fonts", StaticFiles(directory=_UI / "assets" / "fonts")),
        ]
    ),
)
