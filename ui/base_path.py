"""Addresses under the path at which a proxy serves the dashboard (``server.baseUrlPath``)."""

from __future__ import annotations

from typing import Any, cast

from streamlit import config

_FONT_FACES = "theme.fontFaces"


def under_base(address: str) -> str:
    """An address on this dashboard, from ``/`` on, as a browser has to ask for it."""
    return base_path() + address


def base_path() -> str:
    """The base path: ``""``, or a path such as ``/clothes``."""
    path = str(config.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{path}" if path else ""


def set_font_addresses() -> None:
    """Let the theme's fonts lie under the base path, which ``config.toml`` cannot know."""
    faces = cast(list[dict[str, Any]], config.get_option(_FONT_FACES))
    config.set_option(_FONT_FACES, [{**face, "url": under_base(face["url"])} for face in faces])
