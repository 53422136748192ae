"""The health route, which whoever starts or watches the dashboard polls."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


async def health(request: Request) -> JSONResponse:
    """Say that the dashboard answers."""
    return JSONResponse({"status": "ok"})


ROUTES = [Route("/healthz", health)]
