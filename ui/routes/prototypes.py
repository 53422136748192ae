"""Training images to compare a picture in hand with, as one file for browsers."""

from __future__ import annotations

from functools import lru_cache

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from fmnist_core.analysis.prototypes import prototypes, prototypes_digest
from fmnist_core.errors import FmnistError
from ui.routes.assets import IMMUTABLE, NO_STORE
from ui.services import dataset


def packed(request: Request) -> Response:
    """The prototypes of all classes, under an address with their digest.

    404 for another digest, 503 with a sentence where the dataset is not here.
    """
    try:
        sha256 = dataset().sha256
        content = _packed(sha256)
    except FmnistError as error:
        return PlainTextResponse(str(error), status_code=503, headers=NO_STORE)
    if request.path_params["digest"] != prototypes_digest(sha256):
        sentence = "There are no such pictures to compare with."
        return PlainTextResponse(sentence, status_code=404, headers=NO_STORE)
    return Response(content, media_type="application/octet-stream", headers=IMMUTABLE)


# 200 kB.
@lru_cache(maxsize=1)
def _packed(_sha256: str) -> bytes:
    return prototypes(dataset()).packed()


ROUTES = [Route("/prototypes/{digest}.bin", packed)]
