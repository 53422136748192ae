"""Another user of this machine, who tries to connect to the engine; a program of its own.

Reads what to try as JSON on its standard input, and prints what it got, by port and way.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import ssl
import sys
from pathlib import Path
from typing import Any

from distributed.comm.core import connect

NOBODY = 65534
WAYS = ("plain", "TLS without a certificate", "TLS with another certificate", "HTTP", "HTTPS")
_SECONDS = 1.0


def become_somebody_else() -> None:
    """Give up root for the user *nobody*."""
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


def context(certificate: str | None) -> ssl.SSLContext:
    """A TLS context that trusts every server; whether it is trusted is the question."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    if certificate is not None:
        made.load_cert_chain(certificate)
    return made


async def greet(port: int, tls: ssl.SSLContext | None) -> str:
    """Whether Dask greets whoever comes so, as it greets those that may send it code."""
    way = {} if tls is None else {"ssl_context": tls, "require_encryption": True}
    address = f"{'tcp' if tls is None else 'tls'}://127.0.0.1:{port}"
    try:
        comm = await connect(address, timeout=_SECONDS, **way)
    except OSError:
        return "nothing"
    comm.abort()
    return "a greeting"


def ask_by_http(port: int, tls: ssl.SSLContext | None) -> str:
    """Whether a port answers a request by HTTP, or by HTTPS where TLS is given."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 3) as plain:
        stream = plain if tls is None else tls.wrap_socket(plain)
        stream.settimeout(_SECONDS)
        stream.sendall(b"GET / HTTP/1.0\r\n\r\n")
        if stream.recv(64).startswith(b"HTTP"):
            return "an answer"
    return "nothing"


async def attempts(port: int, mine: ssl.SSLContext) -> dict[str, str]:
    """What each way of connecting to a port got."""
    greetings = [await greet(port, tls) for tls in (None, context(None), mine)]
    answers = [await asyncio.to_thread(ask_by_http, port, tls) for tls in (None, mine)]
    return dict(zip(WAYS, [*greetings, *answers], strict=True))


def read(path: str) -> str:
    try:
        return Path(path).read_text()
    except OSError as error:
        return type(error).__name__


async def main(job: dict[str, Any]) -> None:
    mine = context(job["certificate"])
    # Whatever Dask loads late is loaded now: the other user may not read this Python's files.
    await greet(9, mine)
    if job["stranger"]:
        become_somebody_else()
    got = {port: await attempts(port, mine) for port in job["ports"]}
    print(json.dumps({"user": os.geteuid(), "key": read(job["key"]), "got": got}))


if __name__ == "__main__":
    asyncio.run(main(json.load(sys.stdin)))
