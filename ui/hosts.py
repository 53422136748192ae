"""Allowed hosts and origins: the one place that decides it, for HTTP and WebSocket alike."""

from __future__ import annotations

import ipaddress
import socket
from functools import cache
from typing import NamedTuple
from urllib.parse import urlsplit

from fmnist_core.config import FRAMES, HOSTS

_NOT_IN_A_HOST = frozenset("/?#@\\ \t")


class Host(NamedTuple):
    """A host as browsers write it, in lower case; without a port it is the scheme's own."""

    name: str
    port: int | None

    @property
    def is_address(self) -> bool:
        """Whether it is a literal IP address, and no name."""
        try:
            ipaddress.ip_address(self.name)
        except ValueError:
            return False
        return True


def refusal(host: str | None, origin: str | None, named: frozenset[str]) -> str | None:
    """Why a request is not answered; ``None`` where it is meant for us and no other page sent it.

    A page on the internet can let its own name point to this computer (DNS rebinding): what it
    sends then carries that name as its host. An IP address cannot be made to point elsewhere, so
    any is taken for ours: they change with the network.

    Args:
        host: the header ``Host``.
        origin: the header ``Origin``, which browsers send with all that another page could forge.
        named: the names in ``FMNIST_HOSTS``: those of the dashboard besides this computer's.
    """
    requested = parse(host)
    if requested is None:
        return "The request names no host."
    if not _is_ours(requested, named):
        return _how_to_allow(requested.name)
    if origin is None:
        return None
    scheme, _, rest = origin.lower().partition("://")
    sender = parse(rest) if scheme in ("http", "https") else None
    if sender is None:
        return "The request was sent by a page without an address."
    # A proxy in front of the dashboard may have put a host of its own into the request.
    if sender.name in named or sender == requested:
        return None
    return _how_to_allow(sender.name)


def parse(host: str | None) -> Host | None:
    """Parse the header ``Host``; ``None`` where it is no host."""
    if not host or not _NOT_IN_A_HOST.isdisjoint(host):
        return None
    try:
        parts = urlsplit(f"//{host}")
        name, port = parts.hostname, parts.port
    except ValueError:
        return None
    return Host(name.rstrip("."), port) if name else None


def is_loopback(host: str) -> bool:
    """Whether an address or name leads to this computer alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def is_proxy_address(host: str) -> bool:
    """Whether it is the address that a proxy on this computer comes from, with all its visitors."""
    return host in ("127.0.0.1", "::1")


def frame_ancestors() -> str:
    """The Content-Security-Policy ``frame-ancestors``: which pages may frame the dashboard.

    Raises:
        WrongSetting: something in ``FMNIST_FRAMES`` is no site.
    """
    return " ".join(["frame-ancestors 'self'", *FRAMES.get()])


def _is_ours(host: Host, named: frozenset[str]) -> bool:
    return host.is_address or host.name in named or host.name in own_names()


@cache
def own_names() -> frozenset[str]:
    """The host names of this computer, its own and those of multicast DNS (RFC 6762)."""
    hostname = socket.gethostname().lower().rstrip(".")
    short_name = hostname.partition(".")[0]
    return frozenset({"localhost", hostname, short_name, f"{short_name}.local"}) - {"", ".local"}


def _how_to_allow(name: str) -> str:
    # It comes from the network and goes to a terminal.
    printable = name[:80].encode("ascii", "backslashreplace").decode()
    printable = printable if printable.isprintable() else "of the request"
    return (
        f"The dashboard does not know the host {printable}. If this is a name for it, start it "
        f"with {HOSTS.name}={printable}."
    )
