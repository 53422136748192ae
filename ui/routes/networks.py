"""The networks of runs, for browsers that compute their answers by themselves."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from fmnist_core.errors import FmnistError
from fmnist_core.runs import RunNotFound
from ui.static_files import FOR_GOOD

_NO_STORE = {"Cache-Control": "no-store"}


async def network(request: Request) -> Response:
    """A run's network after an epoch, under an address that never changes its content.

    404 with a sentence where there is no such run or it kept no such network, 503 where its
    weights cannot be read.
    """
    # Loaded by the first who asks: the first page needs none of it.
    from ui.networks import NoSuchNetwork, read_network

    run_id, name = request.path_params["run_id"], request.path_params["name"]
    try:
        content = await asyncio.to_thread(read_network, run_id, name)
    except (RunNotFound, NoSuchNetwork) as error:
        return PlainTextResponse(str(error), status_code=404, headers=_NO_STORE)
    except FmnistError as error:
        return PlainTextResponse(str(error), status_code=503, headers=_NO_STORE)
    headers = {"Cache-Control": FOR_GOOD}
    return Response(content, media_type="application/octet-stream", headers=headers)


ROUTES = [Route("/networks/{run_id}/{name}.bin", network)]
