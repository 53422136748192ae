"""Start the dashboard: `serve.py PORT`; `serve.py --check PORT` only looks whether it could."""

from __future__ import annotations

import errno
import os
import socket
import sys

ADDRESS = "127.0.0.1"


def main(port_text: str, *, only_check: bool) -> None:
    """Check the port, print the address, become the server."""
    port = int(port_text) if port_text.isascii() and port_text.isdigit() else 0
    if not 1 <= port <= 65_535:
        sys.exit(f"PORT must be a whole number from 1 to 65535, not {port_text!r}.")
    try:
        with socket.socket() as probe:
            # A port that was in use a minute ago is free for the server too.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((ADDRESS, port))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            sys.exit(
                f"Port {port} is in use. Choose another one: make run PORT={_suggestion(port)}"
            )
        sys.exit(f"Port {port} cannot be used: {error.strerror}. Choose another one with PORT=.")
    if only_check:
        return
    print(f"The dashboard is starting on http://{ADDRESS}:{port} (Ctrl+C ends it).", flush=True)
    server = [sys.executable, "-m", "streamlit", "run", "dashboard.py", "--server.port", str(port)]
    os.execv(sys.executable, server)


def _suggestion(port: int) -> int:
    return port + 1 if port < 65_535 else port - 1


if __name__ == "__main__":
    main(sys.argv[-1], only_check=sys.argv[1] == "--check")
