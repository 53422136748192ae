"""The live channel: streams of server-sent events, and what each epoch brought."""

from __future__ import annotations

import asyncio
import json
from functools import lru_cache

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from fmnist_core.config import HOSTS
from fmnist_core.errors import FmnistError
from fmnist_core.runs import RunNotFound
from fmnist_core.runs.model import is_run_id
from ui.hosts import is_proxy_address
from ui.live.channel import Topic, hub, topics_of
from ui.live.hub import TooManyListeners
from ui.live.stream import EventStream
from ui.rights import may_change_with
from ui.services import store
from ui.static_files import FOR_GOOD, StaticFile

_NO_STORE = {"Cache-Control": "no-store"}
_MOST_DIGITS = 12


async def stream(request: Request) -> Response:
    """What trains, as server-sent events: of a run from a place on, and of topics of several.

    404 for what is no id of a run, 503 with a sentence where too many listen. A run that is not
    there (yet) is told as missing; topics that are none are left out.
    """
    run_id = request.path_params.get("run_id", "")
    if run_id and not is_run_id(run_id):
        return _refusal("There is no such run.")
    may_change = may_change_with(request.cookies)
    topics = [Topic("run", run_id, may_change)] if run_id else []
    topics += topics_of(request.query_params.get("topics", ""), may_change)
    address = _address(request)
    try:
        hub().admit(address)
    except TooManyListeners as error:
        return _refusal(error, 503)
    known = request.headers.get("last-event-id") or request.query_params.get("after", "")
    after = int(known) if _is_number(known) else None
    return EventStream(hub(), topics, after, address, once="once" in request.query_params)


async def epoch(request: Request) -> Response:
    """What an epoch changed, as JSON under an address that never changes its content.

    404 with a sentence where the run has no such epoch, 503 where it or the pictures cannot be
    read now.
    """
    from ui.train.epoch_changes import NoSuchEpoch, find_epoch

    run_id, name = request.path_params["run_id"], request.path_params["name"]
    try:
        # A run that is deleted is not told from memory.
        await asyncio.to_thread(find_epoch, run_id, name)
        return await _epoch_file(run_id, name).response(request, FOR_GOOD)
    except (NoSuchEpoch, RunNotFound) as error:
        return _refusal(error)
    except FmnistError as error:
        return _refusal(error, 503)


async def probes(request: Request) -> Response:
    """The probe images of a draw, as JSON under an address that never changes its content.

    404 with a sentence where there is no such run or draw, 503 where the pictures are not here.
    """
    from fmnist_core.dataset.probes import MOST_DRAWS
    from ui.train.probes import probe_images

    run_id, draw = request.path_params["run_id"], request.path_params["draw"]
    if not _is_number(draw) or int(draw) > MOST_DRAWS:
        return _refusal("There are no such pictures.")
    try:
        images = await asyncio.to_thread(probe_images, run_id, int(draw))
    except RunNotFound as error:
        return _refusal(error)
    except FmnistError as error:
        return _refusal(error, 503)
    return JSONResponse(images, headers={"Cache-Control": FOR_GOOD})


async def first_layer(request: Request) -> Response:
    """The pictures of a first layer, as PNG under an address that never changes its content.

    404 with a sentence where the run has no such pictures, or no longer.
    """
    run_id, name = request.path_params["run_id"], request.path_params["name"]
    if not _is_number(name.partition("-")[0]):
        return _refusal("There are no such pictures.")
    try:
        # A run that is deleted is not told from memory.
        await asyncio.to_thread(store().get, run_id)
        png = await asyncio.to_thread(_first_layer_png, run_id, name)
    except FmnistError as error:
        return _refusal(error)
    return Response(png, media_type="image/png", headers={"Cache-Control": FOR_GOOD})


# Some kilobytes each, drawn once for all who ask.
@lru_cache(maxsize=64)
def _first_layer_png(run_id: str, name: str) -> bytes:
    from fmnist_core.figures.first_layer import first_layer_png

    index, _, moment = name.partition("-")
    return first_layer_png(store().first_layer(run_id, int(index)), moment.endswith("-dark"))


@lru_cache(maxsize=64)
def _epoch_file(run_id: str, name: str) -> StaticFile:
    """What an epoch changed, computed and compressed once for all who ask."""

    def read() -> bytes:
        from ui.train.epoch_changes import epoch_content

        return json.dumps(epoch_content(run_id, name), separators=(",", ":")).encode()

    return StaticFile(read, "application/json")


def _refusal(sentence: object, status: int = 404) -> Response:
    return PlainTextResponse(str(sentence), status_code=status, headers=_NO_STORE)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS


def _address(request: Request) -> str:
    """Where a visitor comes from; empty where all may come from one address, as behind a proxy."""
    host = request.client.host if request.client else ""
    return "" if HOSTS.get() or is_proxy_address(host) else host


ROUTES = [
    Route("/live", stream),
    Route("/live/{run_id}", stream),
    Route("/live/{run_id}/epochs/{name}.json", epoch),
    Route("/live/{run_id}/probes/{draw}.json", probes),
    Route("/live/{run_id}/first-layer/{name}.png", first_layer),
]
