"""An iframe around the dashboard, on a page of another site."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from playwright.sync_api import Frame, Page
from visitors import SECONDS

HOST = "slides.test"


class Slides:
    """Serves a page with the iframe on a free port; a context manager.

    Args:
        address: what is framed.
    """

    def __init__(self, address: str) -> None:
        content = f"<!doctype html><h1>Slides</h1><iframe src='{address}'></iframe>".encode()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://{HOST}:{self._server.server_port}/"

    def __enter__(self) -> Slides:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def framed(self, tab: Page) -> Frame | None:
        """The frame of the dashboard, once it is loaded; ``None`` where the browser refused it."""
        tab.wait_for_load_state()
        inside = next(frame for frame in tab.frames if frame != tab.main_frame)
        # The page is loaded before the browser has told where its frame has come to.
        for _ in range(SECONDS * 20):
            if inside.url:
                break
            tab.wait_for_timeout(50)
        return None if inside.url.startswith("chrome-error:") else inside
