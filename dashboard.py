"""The ASGI entry, served by ``streamlit run dashboard.py``: guard, routes, lifespan."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.middleware import Middleware

from fmnist_core.config import HOSTS, WrongSetting, check
from ui.announce import ReachedFromOutside, announce_on_console
from ui.components.acts import newest_count
from ui.errors import show_error
from ui.first_style import FirstStyle
from ui.guard import Guard
from ui.hosts import frame_ancestors
from ui.live.channel import allow_many_streams, close_at_signals
from ui.rights import VisitorCookies, mode
from ui.routes import routes
from ui.services import close_engine
from ui.start import warm_up
from ui.static_files import CompressedStreamlit, streamlit_files
from ui.streamlit_internals import (
    announce_every_fragment_end,
    deliver_messages_of_every_run,
    disable_shared_actions,
    note_when_clicks_arrive,
    process_every_click,
)
from ui.theme import set_font_addresses

_FRAME = Path(__file__).resolve().parent / "ui" / "frame.py"


@asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[None]:
    """Warm the training engine once the first page is there; the engine goes on after all this."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s")
    allow_many_streams()
    close_at_signals()
    set_font_addresses()
    disable_shared_actions()
    announce_every_fragment_end()
    deliver_messages_of_every_run()
    note_when_clicks_arrive(newest_count)
    process_every_click()
    warm_up()
    announcing = asyncio.create_task(announce_on_console())
    yield
    announcing.cancel()
    close_engine()


def middleware() -> list[Middleware]:
    """What stands in front of every page; a setting that makes no sense ends the start."""
    try:
        check()
    except WrongSetting as error:
        sys.exit(str(error))
    guard = Middleware(Guard, named=HOSTS.get(), shared=mode().shared, policy=frame_ancestors())
    return [
        guard,
        Middleware(ReachedFromOutside),
        Middleware(CompressedStreamlit, files=streamlit_files()),
        Middleware(VisitorCookies),
        Middleware(FirstStyle),
    ]


app = st.App(
    _FRAME,
    middleware=middleware(),
    lifespan=lifespan,
    on_script_error=show_error,
    routes=routes(),
)
