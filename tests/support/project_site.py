"""A site that holds the files of the project, for pages without a dashboard."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Route

PROJECT = Path(__file__).resolve().parents[2]
# A name for the tests alone (RFC 6761).
SITE = "http://project.test"


def serve(route: Route) -> None:
    """A file of the project; without one, a page with nothing on it."""
    path = urlsplit(route.request.url).path
    if path.endswith(".js"):
        route.fulfill(path=PROJECT / path.lstrip("/"), content_type="text/javascript")
    else:
        route.fulfill(body="<!doctype html><title>Nothing</title>", content_type="text/html")
