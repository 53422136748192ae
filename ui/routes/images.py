"""Image sheets as PNG: all images of a class, or of the map, for a browser to zoom into."""

from __future__ import annotations

from functools import lru_cache

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from fmnist_core.errors import FmnistError
from ui.routes.assets import IMMUTABLE, NO_STORE
from ui.services import dataset


def sheet_png(request: Request) -> Response:
    """The sheet of a name such as ``test-6`` or ``train-map``.

    404 for a name that no sheet has, 503 with a sentence where the dataset is not here.
    """
    try:
        png = _sheet(dataset().sha256, request.path_params["name"])
    except FmnistError as error:
        return PlainTextResponse(str(error), status_code=503, headers=NO_STORE)
    if png is None:
        return PlainTextResponse(
            "There is no such sheet of pictures.", status_code=404, headers=NO_STORE
        )
    return Response(png, media_type="image/png", headers=IMMUTABLE)


# Two megabytes each; there are 22 of them.
@lru_cache(maxsize=22)
def _sheet(sha256: str, name: str) -> bytes | None:
    # Loaded by the first who asks: the first page has no sheet.
    from fmnist_core.images import sheet

    return sheet(dataset(), name)


ROUTES = [Route("/pictures/{name}.png", sheet_png)]
