"""Where a large network looks, computed by the engine for a picture that a visitor has drawn."""

from __future__ import annotations

import asyncio
import hashlib
import threading
import time

import numpy as np
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from fmnist_core import timeouts
from fmnist_core.dataset import CLASS_COUNT, PIXEL_COUNT
from fmnist_core.errors import FmnistError
from fmnist_core.interpret.occlusion import occlusion
from fmnist_core.runs import RunNotFound
from fmnist_core.task_types import TaskState
from ui.rights import may_change_with
from ui.routes.assets import NO_STORE
from ui.services import poll_task, request_task, store

# All together, of this dashboard: each takes the engine seconds.
_MOST_WAITING = 4


async def computed(request: Request) -> Response:
    """784 numbers in float32, little-endian, for the image and the class in the body.

    The body is the class in one byte, then the 784 pixels. 202 with the progress in words until
    the engine has computed it; 400, 403, 404, 429 or 503 with a sentence where it will not.
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
    if state is None:
        return _refusal("The engine is busy with other pictures. Try again in a moment.", 429)
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


def _state(run_id: str, body: bytes) -> TaskState | None:
    """The state of the task; ``None`` where too many others wait to be computed."""
    run = store().get(run_id)
    if run.network_problem is not None:
        raise FmnistError(run.network_problem)
    digests = run.network_stamp, hashlib.sha256(body).hexdigest()[:32]
    key = "-".join(["occlusion", run.id, *digests])
    ended = poll_task(key)
    if ended is not None:
        return ended
    if not _waiting.admits(key):
        return None
    root = str(store().root.resolve())
    return request_task(key, occlusion, root, run.id, body[1:], body[0])


class _Waiting:
    """The pictures that the engine has still to compute; each that rests is another one."""

    def __init__(self) -> None:
        self._requested: dict[str, float] = {}
        self._lock = threading.Lock()

    def admits(self, key: str) -> bool:
        """Whether the engine may be given a picture: it has it already, or only few others."""
        with self._lock:
            now = time.monotonic()
            for other, at in list(self._requested.items()):
                # Nobody waits for what was drawn over, and whoever does asks again and again.
                if now - at > timeouts.OCCLUSION_FORGET_SECONDS or poll_task(other) is not None:
                    del self._requested[other]
            if key not in self._requested and len(self._requested) >= _MOST_WAITING:
                return False
            self._requested[key] = now
            return True


_waiting = _Waiting()


def _refusal(sentence: str, status: int) -> Response:
    return PlainTextResponse(sentence, status_code=status, headers=NO_STORE)


ROUTES = [Route("/occlusion/{run_id}", computed, methods=["POST"])]
