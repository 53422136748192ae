"""The pixels of single images, for browsers that compute with them."""

from __future__ import annotations

import numpy as np
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from fmnist_core.dataset import SPLIT_SIZES, Split
from fmnist_core.errors import FmnistError
from ui.routes.assets import IMMUTABLE, NO_STORE
from ui.services import dataset
from ui.url_state import whole_number

_SPLITS: dict[str, Split] = {"test": "test", "train": "train"}


def pixels(request: Request) -> Response:
    """The class of an image such as ``test-17`` in one byte, then its 784 pixels.

    404 for an image that there is not, 503 with a sentence where the dataset is not here.
    """
    split_name, _, digits = request.path_params["name"].partition("-")
    split = _SPLITS.get(split_name)
    index = None if split is None else whole_number(SPLIT_SIZES[split] - 1)(digits)
    if split is None or index is None:
        return PlainTextResponse("There is no such picture.", status_code=404, headers=NO_STORE)
    try:
        data = dataset()
    except FmnistError as error:
        return PlainTextResponse(str(error), status_code=503, headers=NO_STORE)
    content = (
        bytes([int(data.labels(split)[index])]) + np.asarray(data.images(split)[index]).tobytes()
    )
    return Response(content, media_type="application/octet-stream", headers=IMMUTABLE)


ROUTES = [Route("/pixels/{name}.bin", pixels)]
