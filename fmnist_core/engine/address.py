"""The address of the Dask scheduler, and whether a scheduler file may be trusted."""

from __future__ import annotations

import json
import logging
import os
import socket
import stat
from pathlib import Path

from distributed import Client, Security
from distributed.comm.addressing import parse_host_port

from fmnist_core import timeouts
from fmnist_core.config import (
    DASK_CERTIFICATE,
    SCHEDULER,
    SCHEDULER_ADDRESS,
    SCHEDULER_ADVICE,
    SCHEDULER_RULE,
)
from fmnist_core.engine.certificate import security
from fmnist_core.engine.problems import EngineUnavailable

_DEFAULT_PORT = 8786
_LARGEST = 2**22
_log = logging.getLogger("fmnist.engine")


class Untrusted(EngineUnavailable):
    """A scheduler file that others could have written, or that names no address of TLS."""

    def __init__(self, problem: str) -> None:
        super().__init__(
            f"The scheduler file {problem}, so the scheduler that it names is not asked. It has to "
            "be a regular file of yours that nobody else can write, made by a scheduler that "
            f"listens on tls://. Or name the scheduler's address in {SCHEDULER.name}."
        )


def trusted_address(file: Path) -> str:
    """The address in a scheduler file, ``tls://…``.

    Raises:
        FileNotFoundError: there is none.
        Untrusted: it cannot be read, others could have written it, or it names another address.
    """
    try:
        # A pipe would be waited for, and a link may lead to what is somebody else's.
        descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise Untrusted("cannot be read, or is a link") from error
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise Untrusted("is no regular file")
        if status.st_uid not in (os.geteuid(), 0) or status.st_mode & 0o022:
            raise Untrusted("belongs to somebody else or can be written by others")
        content = os.read(descriptor, _LARGEST)
    finally:
        os.close(descriptor)
    try:
        address = json.loads(content)["address"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Untrusted("makes no sense") from error
    if not isinstance(address, str) or not address.startswith("tls://"):
        raise Untrusted("names an address without TLS")
    return address


def connect(address: str, seconds: float) -> Client:
    """A client of a scheduler: with our certificate, or plain where the address is ``tcp://``.

    Raises:
        OSError: nobody answers in time, or not with our certificate.
        CertificateUnusable, NotPrivate: there is no certificate.
    """
    secured = None if address.startswith("tcp://") else security()
    _wait_for_greeting(address, seconds, secured)
    return Client(address, timeout=seconds, set_as_default=False, security=secured)


def _wait_for_greeting(address: str, seconds: float, secured: Security | None) -> None:
    """Hear the first byte that a scheduler says: Dask itself waits for it without a limit.

    A scheduler that hangs, or a program of another kind at its old port, would hold us up for good.
    """
    host, port = parse_host_port(address.partition("://")[2], _DEFAULT_PORT)
    with socket.create_connection((host, port), timeout=seconds) as plain:
        stream = plain
        if secured is not None:
            context = secured.get_connection_args("client")["ssl_context"]
            stream = context.wrap_socket(plain, server_hostname=host)
        stream.settimeout(seconds)
        if not stream.recv(1):
            raise ConnectionError("it closed the connection")


class Cluster:
    """The scheduler that ``FMNIST_SCHEDULER`` names.

    Args:
        named: ``tls://…``, ``tcp://…`` or the path of a Dask scheduler file.
    """

    def __init__(self, named: str) -> None:
        self._named = named.strip()
        self._warned = False

    def connect(self, seconds: float = timeouts.CONNECT_SECONDS) -> Client:
        """Connect a client to the scheduler.

        Raises:
            EngineUnavailable: it is not named well, not trusted, or does not answer.
        """
        address = self._address()
        if address.startswith("tcp://") and not self._warned:
            self._warned = True
            _log.warning(
                "%s names a scheduler without TLS: whoever reaches it can run code there, and read "
                "and change what the dashboard sends. That is your decision; tls:// has neither.",
                SCHEDULER.name,
            )
        try:
            return connect(address, seconds)
        except (OSError, ValueError) as error:
            raise EngineUnavailable(
                f"The Dask scheduler named by {SCHEDULER.name} does not answer. Check that it "
                f"runs and has the certificate of {DASK_CERTIFICATE.name}, or unset "
                f"{SCHEDULER.name} to train on this machine."
            ) from error

    def _address(self) -> str:
        if SCHEDULER_ADDRESS.fullmatch(self._named):
            return self._named
        if "://" not in self._named:
            try:
                return trusted_address(Path(self._named))
            except FileNotFoundError:
                pass
        raise EngineUnavailable(
            f"{SCHEDULER.name} {SCHEDULER_RULE}; it is something else. {SCHEDULER_ADVICE}"
        )
