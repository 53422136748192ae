"""The console's words when others can reach the dashboard: addresses, QR code, presenter's link."""

from __future__ import annotations

import asyncio
import io
import ipaddress
import socket
import sys

from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import config

from ui.base_path import base_path
from ui.hosts import Host, is_loopback, named_hosts
from ui.rights import mode
from ui.routes.presenter import presenter_link

_MOST_ADDRESSES = 6
_FIRST_WORD_SECONDS = 60.0
_NEXT_WORD_SECONDS = 300.0
_EVERYWHERE = ("", "0.0.0.0", "::")  # noqa: S104
# Networks inside this computer, which no phone is in.
_INNER = ("docker", "br-", "veth", "virbr", "vmnet", "vboxnet", "lxc", "tun", "tap", "utun")
UNREACHED = (
    "Nobody but this computer has reached the dashboard yet. Are the others in the same network? A "
    "guest network, a VPN or a firewall can keep them apart: try the first address above on a "
    "phone, then the others."
)


def addresses() -> list[str]:
    """Where others can reach the dashboard, the most likely first, as ``http://…``."""
    bound = str(config.get_option("server.address") or "")
    names = [f"https://{name}{base_path()}" for name in sorted(named_hosts())]
    if bound not in _EVERYWHERE:
        return names if is_loopback(bound) else [*names, _address(bound)]
    hosts = _of_networks()[:_MOST_ADDRESSES]
    if hosts:
        hosts.append(f"{socket.gethostname().partition('.')[0]}.local")
    return [*names, *map(_address, hosts)]


def _address(host: str) -> str:
    port = config.get_option("server.port")
    return f"http://{f'[{host}]' if ':' in host else host}:{port}{base_path()}"


def _of_networks() -> list[str]:
    """This computer's IPv4 addresses, those of its inner networks last."""
    # Loaded only where others can come.
    import psutil

    found = []
    for name, entries in psutil.net_if_addrs().items():
        inner = name.startswith(_INNER)
        for entry in entries:
            if entry.family == socket.AF_INET and not _useless(entry.address):
                found.append((inner, entry.address))
    return [address for _, address in sorted(found, key=lambda one: one[0])]


def _useless(address: str) -> bool:
    parsed = ipaddress.ip_address(address)
    return parsed.is_loopback or parsed.is_link_local


def own_address() -> str:
    """Where whoever sits at this computer finds the dashboard."""
    bound = str(config.get_option("server.address") or "")
    return _address("127.0.0.1" if bound in _EVERYWHERE else bound)


def announcement() -> str:
    """Who opens which address, with a picture for phones of the first one."""
    found = addresses()
    lines = [""]
    if found:
        lines += ["Others open one of these addresses:", *(f"  {one}" for one in found), ""]
        lines += _qr_code(found[0])
    else:
        lines += ["This computer is in no network, so nobody else can reach the dashboard.", ""]
    if mode().has_roles:
        lines.append(
            "They look on. Only who opens this link may start, change and delete something; keep "
            "it to yourself:"
        )
        roots = [root.removesuffix(base_path()) for root in found[:1]]
        lines += [f"  {presenter_link(root)}" for root in roots]
        own = own_address().removesuffix(base_path())
        lines += [f"  {presenter_link(own)} (on this computer)", ""]
    else:
        lines += ["All of them may start, change and delete everything.", ""]
    return "\n".join(lines)


def _qr_code(address: str) -> list[str]:
    """A picture of it for phones; none where the terminal has no characters for it."""
    import segno

    drawn = io.StringIO()
    segno.make(address, micro=False).terminal(drawn, compact=True, border=2)
    picture = drawn.getvalue()
    try:
        picture.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return []
    return [picture]


class ReachedFromOutside:
    """Plain ASGI middleware: notes whether anybody but this computer has come yet."""

    first: str | None = None

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if ReachedFromOutside.first is None and (client := scope.get("client")):
            # A proxy may have put anything in its place.
            host = Host(str(client[0]), None)
            if host.is_address and not is_loopback(host.name) and host.name not in _of_networks():
                ReachedFromOutside.first = host.name
                print(f"The dashboard was reached from {host.name}.", flush=True)
        await self._app(scope, receive, send)


async def announce_on_console() -> None:
    """Say on the console who opens which address, and while nobody else has come that nobody has.

    Behind a proxy everybody comes from this computer, so that nothing can be said about it.
    """
    print(f"The dashboard is ready on {own_address()}.", flush=True)
    if not mode().shared:
        return
    print(announcement(), flush=True)
    if is_loopback(str(config.get_option("server.address") or "")):
        return
    await asyncio.sleep(_FIRST_WORD_SECONDS)
    while ReachedFromOutside.first is None:
        print(UNREACHED, flush=True)
        await asyncio.sleep(_NEXT_WORD_SECONDS)
