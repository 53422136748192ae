"""For ``--preload`` of Dask's programs: no HTTP server, since it would answer everybody.

It stands by itself: the scheduler that loads it needs nothing else of this project.
"""

from __future__ import annotations

from typing import Any


def dask_setup(server: Any) -> None:
    """Called by ``dask scheduler`` and ``dask worker``: their HTTP server listens no more."""
    server.http_server.stop()
