"""The console output of a start: addresses, a QR code and the presenter's link for others."""

from __future__ import annotations

import asyncio
import io
import ipaddress
import socket
import sys

from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import config

from fmnist_core import timeouts
from fmnist_core.config import HOSTS
from ui.base_path import base_path
from ui.hosts import Host, is_loopback
from ui.rights import mode
from ui.routes.presenter import presenter_link

_MOST_ADDRESSES = 6
_ALL_INTERFACES = ("", "0.0.0.0", "::")  # noqa: S104
# Interfaces of networks inside this computer, which no phone is in.
_INTERNAL = ("docker", "br-", "veth", "virbr", "vmnet", "vboxnet", "lxc", "tun", "tap", "utun")
UNREACHED = (
    "Nobody but this computer has reached the dashboard yet. Are the others in the same network? A "
    "guest network, a VPN or a firewall can keep them apart: try the first address above on a "
    "phone, then the others."
)


def addresses() -> list[str]:
    """The addresses at which others reach the dashboard, the most likely first, as ``http://…``."""
    bound = str(config.get_option("server.address") or "")
    names = [f"https://{name}{base_path()}" for name in sorted(HOSTS.get())]
    if bound not in _ALL_INTERFACES:
        return names if is_loopback(bound) else [*names, _address(bound)]
    hosts = _network_addresses()[:_MOST_ADDRESSES]
    if hosts:
        hosts.append(f"{socket.gethostname().partition('.')[0]}.local")
    return [*names, *map(_address, hosts)]


def _address(host: str) -> str:
    port = config.get_option("server.port")
    return f"http://{f'[{host}]' if ':' in host else host}:{port}{base_path()}"


def _network_addresses() -> list[str]:
    """This computer's IPv4 addresses, those of its internal networks last."""
    # Loaded only where others can come.
    import psutil

    candidates = []
    for name, entries in psutil.net_if_addrs().items():
        is_internal = name.startswith(_INTERNAL)
        for entry in entries:
            if entry.family == socket.AF_INET and not _is_unusable(entry.address):
                candidates.append((is_internal, entry.address))
    return [address for _, address in sorted(candidates, key=lambda candidate: candidate[0])]


def _is_unusable(address: str) -> bool:
    parsed = ipaddress.ip_address(address)
    return parsed.is_loopback or parsed.is_link_local


def _is_this_computer(address: str) -> bool:
    return is_loopback(address) or address in _network_addresses()


def own_address() -> str:
    """The address of the dashboard for whoever sits at this computer."""
    bound = str(config.get_option("server.address") or "")
    return _address("127.0.0.1" if bound in _ALL_INTERFACES else bound)


def announcement() -> str:
    """The text for the console: who opens which address, with a QR code of the first one."""
    urls = addresses()
    lines = [""]
    if urls:
        lines += ["Others open one of these addresses:", *(f"  {url}" for url in urls), ""]
        lines += _qr_code(urls[0])
    else:
        lines += ["This computer is in no network, so nobody else can reach the dashboard.", ""]
    if mode().has_roles:
        lines.append(
            "They look on. Only who opens this link may start, change and delete something; keep "
            "it to yourself:"
        )
        roots = [root.removesuffix(base_path()) for root in urls[:1]]
        lines += [f"  {presenter_link(root)}" for root in roots]
        own_root = own_address().removesuffix(base_path())
        lines += [f"  {presenter_link(own_root)} (on this computer)", ""]
    else:
        lines += ["All of them may start, change and delete everything.", ""]
    return "\n".join(lines)


def _qr_code(address: str) -> list[str]:
    """An address as a QR code, one text; none where the terminal lacks its characters."""
    import segno

    buffer = io.StringIO()
    segno.make(address, micro=False).terminal(buffer, compact=True, border=2)
    qr_text = buffer.getvalue()
    try:
        qr_text.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return []
    return [qr_text]


class ReachedFromOutside:
    """Plain ASGI middleware: notes whether anybody but this computer has come yet."""

    first: str | None = None

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if ReachedFromOutside.first is None and (client := scope.get("client")):
            # A proxy may have put anything in its place.
            host = Host(str(client[0]), None)
            if host.is_address and not _is_this_computer(host.name):
                ReachedFromOutside.first = host.name
                print(f"The dashboard was reached from {host.name}.", flush=True)
        await self._app(scope, receive, send)


async def announce_on_console() -> None:
    """Print who opens which address, and a reminder as long as nobody else has come.

    Behind a proxy everybody comes from this computer, so that nothing can be said about it.
    """
    print(f"The dashboard is ready on {own_address()}.", flush=True)
    if not mode().shared:
        return
    print(announcement(), flush=True)
    if is_loopback(str(config.get_option("server.address") or "")):
        return
    await asyncio.sleep(timeouts.FIRST_REMINDER_SECONDS)
    while ReachedFromOutside.first is None:
        print(UNREACHED, flush=True)
        await asyncio.sleep(timeouts.NEXT_REMINDER_SECONDS)
