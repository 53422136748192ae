"""The networks of runs, for browsers that compute their answers by themselves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from fmnist_core.errors import FmnistError
from fmnist_core.runs import RunNotFound
from ui.routes.assets import NO_STORE
from ui.static_files import FOR_GOOD

_PART_BYTES = 256 * 1024


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
        return PlainTextResponse(str(error), status_code=404, headers=NO_STORE)
    except FmnistError as error:
        return PlainTextResponse(str(error), status_code=503, headers=NO_STORE)
    headers = {
        "Cache-Control": FOR_GOOD,
        "Content-Length": str(len(content)),
        # Else it would be compressed anew for each, which saves 8 % of it.
        "Content-Encoding": "identity",
    }
    parts = _parts(content)
    return StreamingResponse(parts, media_type="application/octet-stream", headers=headers)


async def _parts(content: bytes) -> AsyncIterator[bytes]:
    """The content piece by piece, so that no slow connection holds a copy of all of it."""
    for start in range(0, len(content), _PART_BYTES):
        yield content[start : start + _PART_BYTES]


ROUTES = [Route("/networks/{run_id}/{name}.bin", network)]
