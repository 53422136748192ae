"""Rights of visitors: the access mode of the start, and signed cookies.

Started for this computer alone, everybody may do everything. Started for others, too, only who
opened the presenter's link may; all others look on. Where a browser comes from says nothing about
it: behind a proxy everybody comes from this computer.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

import streamlit as st
from itsdangerous import BadSignature, URLSafeSerializer
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config

from fmnist_core.config import HOSTS, OPEN, PRESENTER_KEY
from fmnist_core.permissions import Actor, Limits, NotAllowed
from ui.base_path import base_path
from ui.hosts import is_loopback

LOOKING_ON = str(NotAllowed())
_Kind = Literal["presenter", "visitor"]
_LONGEST_COOKIE = 512
_UPLOADS = "/_stcore/upload_file"
# Of this start alone. With the presenter's key a visitor's cookie would help to guess that key.
_VISITORS_KEY = secrets.token_urlsafe(24)


@dataclass(frozen=True)
class AccessMode:
    """The access mode: how the dashboard was started.

    Attributes:
        shared: others than this computer's user can reach it.
        open_to_all: all of them may do everything all the same.
        key: opens the presenter's link.
    """

    shared: bool
    open_to_all: bool
    key: str

    @property
    def has_roles(self) -> bool:
        """Whether some may do more than others."""
        return self.shared and not self.open_to_all


@cache
def mode() -> AccessMode:
    """The access mode of this start; decided once.

    Raises:
        WrongSetting: a setting makes no sense.
    """
    shared = not is_loopback(str(config.get_option("server.address") or "")) or bool(HOSTS.get())
    return AccessMode(shared, OPEN.get(), PRESENTER_KEY.get() or secrets.token_urlsafe(24))


@st.cache_resource(show_spinner=False)
def _limits() -> Limits:
    return Limits()


def actor() -> Actor:
    """The actor of this script run, by the cookies that its connection began with."""
    if not mode().shared:
        return Actor.owner()
    cookies = st.context.cookies
    if is_presenter(cookies):
        return Actor("presenter", True)
    address = st.context.ip_address or ""
    # Behind a proxy all come from its address, or from any that they claim: it tells nobody apart.
    address = "" if HOSTS.get() or is_loopback(address) else address
    visitor = visitor_of(cookies) or f"somebody at {address}"
    return Actor(visitor, mode().open_to_all, address, _limits())


def may_change() -> bool:
    """Whether the visitor of this script run may do more than look."""
    return actor().may_change


def may_change_with(cookies: Mapping[str, str]) -> bool:
    """Whether a visitor with these cookies may do more than look."""
    return not mode().has_roles or is_presenter(cookies)


def looking_on() -> None:
    """A caption in place of a button: only the presenter may change something."""
    st.caption(LOOKING_ON)


def is_presenter(cookies: Mapping[str, str]) -> bool:
    """Whether the cookies are of somebody who opened the presenter's link."""
    return _signed(cookies, "presenter") == "presenter"


def visitor_of(cookies: Mapping[str, str]) -> str | None:
    """The visitor's id from the cookies, if this dashboard has given one."""
    return _signed(cookies, "visitor")


def _cookie(kind: _Kind) -> str:
    """Cookies know no port: two dashboards on one computer must not take each other's."""
    path_suffix = base_path().replace("/", "_")
    return f"fmnist_{kind}_{config.get_option('server.port')}{path_suffix}"


def _serializer(kind: _Kind) -> URLSafeSerializer:
    key = mode().key if kind == "presenter" else _VISITORS_KEY
    return URLSafeSerializer(key, salt=f"fmnist-{kind}")


def _signed(cookies: Mapping[str, str], kind: _Kind) -> str | None:
    value = cookies.get(_cookie(kind), "")
    if not value or len(value) > _LONGEST_COOKIE:
        return None
    try:
        payload = _serializer(kind).loads(value)
    except BadSignature:
        return None
    return payload if isinstance(payload, str) else None


def _set_cookie(response: Response, kind: _Kind, value: str, secure: bool) -> None:
    response.set_cookie(
        _cookie(kind),
        _serializer(kind).dumps(value),
        path=base_path() or "/",
        httponly=True,
        samesite="strict",
        secure=secure,
    )


def is_presenter_key(key: str) -> bool:
    """Whether a text is the key of the presenter's link; takes as long for any that is not."""
    return secrets.compare_digest(key.encode(), mode().key.encode())


def set_presenter_cookie(response: Response, secure: bool) -> None:
    """Let whoever gets a response be the presenter from then on.

    Args:
        response: gets the signed cookie.
        secure: the browser sends the cookie over HTTPS alone.
    """
    _set_cookie(response, "presenter", "presenter", secure)


class VisitorCookies:
    """Plain ASGI middleware: a cookie for each new visitor, and uploads from few.

    What is uploaded lies in memory before any page has looked at it, so it is refused here where
    it comes from somebody who may only look.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not mode().shared:
            await self._app(scope, receive, send)
            return
        cookies = HTTPConnection(scope).cookies
        if _UPLOADS in scope["path"] and mode().has_roles and not is_presenter(cookies):
            await PlainTextResponse(LOOKING_ON, status_code=403)(scope, receive, send)
            return
        needs_cookie = _opens_a_page(scope) and visitor_of(cookies) is None
        send = _send_with_visitor_cookie(scope, send) if needs_cookie else send
        await self._app(scope, receive, send)


def _opens_a_page(scope: Scope) -> bool:
    accepted = dict(scope["headers"]).get(b"accept", b"")
    return scope["method"] == "GET" and b"text/html" in accepted


def _send_with_visitor_cookie(scope: Scope, send: Send) -> Send:
    response = Response()
    _set_cookie(response, "visitor", secrets.token_urlsafe(12), scope.get("scheme") == "https")

    async def send_with_cookie(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).append("Set-Cookie", response.headers["Set-Cookie"])
        await send(message)

    return send_with_cookie
