"""Where a large network looks, computed by the engine for a picture that a visitor has drawn."""

from __future__ import annotations

import asyncio
import hashlib

import numpy as np
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from fmnist_core.dataset import CLASS_COUNT, PIXEL_COUNT
from fmnist_core.errors import FmnistError
from fmnist_core.interpret.occlusion import occlusion
from fmnist_core.runs import RunNotFound
from fmnist_core.task_types import TaskState
from ui.rights import may_change_with
from ui.routes.assets import NO_STORE
from ui.services import request_task, store


async def computed(request: Request) -> Response:
    """784 numbers in float32, little-endian, for the image and the class in the body.

    The body is the class in one byte, then the 784 pixels. 202 with the progress in words until
    the engine has computed it; 400, 403, 404 or 503 with a sentence where it will not.
    """
    if not may_change_with(request.cookies):
        return _refusal("Only who has the presenter's link can have it computed.", 403)
    body = await _body(request)
    if len(body) != 1 + PIXEL_COUNT or body[0] >= CLASS_COUNT:
        return _refusal("This is no picture of 28 × 28 pixels.", 400)
    try:
        state = await asyncio.to_thread(_state, request.path_params["run_id"], body)
    except RunNotFound as error:
        return _refusal(str(error), 404)
    except FmnistError as error:
        return _refusal(str(error), 503)
    if state.problem is not None:
        return _refusal(state.problem, 503)
    if state.arrays is None:
        return PlainTextResponse(f"{state.phase} …", status_code=202, headers=NO_STORE)
    falls = np.asarray(state.arrays["falls"], "<f4").tobytes()
    return Response(falls, media_type="application/octet-stream", headers=NO_STORE)


async def _body(request: Request) -> bytes:
    """What was sent, but no more than there can be."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > 1 + PIXEL_COUNT:
            break
    return body


def _state(run_id: str, body: bytes) -> TaskState:
    run = store().get(run_id)
    if run.network_problem is not None:
        raise FmnistError(run.network_problem)
    digests = run.network_stamp, hashlib.sha256(body).hexdigest()[:32]
    key = "-".join(["occlusion", run.id, *digests])
    root = str(store().root.resolve())
    return request_task(key, occlusion, root, run.id, body[1:], body[0])


def _refusal(sentence: str, status: int) -> Response:
    return PlainTextResponse(sentence, status_code=status, headers=NO_STORE)


ROUTES = [Route("/occlusion/{run_id}", computed, methods=["POST"])]
