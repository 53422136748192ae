"""The test images that excite the units of networks most, for the page that looks inside."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from fmnist_core.errors import FmnistError
from ui.routes.assets import IMMUTABLE, NO_STORE


async def found(request: Request) -> Response:
    """What was found for a layer, under an address that never changes its content.

    404 with a sentence where there is no such run or layer, or it was not searched yet;
    nothing is searched by it.
    """
    # Loaded by the first who asks: the first page needs none of it.
    from ui.inspect.excitation import read_excitation

    names = (request.path_params[name] for name in ("run_id", "digest", "layer"))
    try:
        finding = await asyncio.to_thread(read_excitation, *names)
    except FmnistError as error:
        return PlainTextResponse(str(error), status_code=404, headers=NO_STORE)
    if finding is None:
        return PlainTextResponse("There is nothing here yet.", status_code=404, headers=NO_STORE)
    return JSONResponse(finding, headers=IMMUTABLE)


ROUTES = [Route("/excitation/{run_id}-{digest}/{layer}.json", found)]
