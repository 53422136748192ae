"""Addresses under the path at which a proxy serves the dashboard (``server.baseUrlPath``)."""

from __future__ import annotations

from streamlit import config


def under_base(address: str) -> str:
    """An address on this dashboard, from ``/`` on, as a browser has to ask for it."""
    return base_path() + address


def base_path() -> str:
    """The base path: ``""``, or a path such as ``/clothes``."""
    path = str(config.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{path}" if path else ""
