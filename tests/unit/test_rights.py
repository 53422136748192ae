"""Who somebody is, by how the dashboard was started and by cookies."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from starlette.types import Message, Receive, Scope, Send
from streamlit import config

from fmnist_core.config import WrongSetting
from ui import rights
from ui.guard import Guard
from ui.rights import AccessMode, mode


@pytest.fixture(autouse=True)
def started_anew(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("FMNIST_HOSTS", "FMNIST_OPEN", "FMNIST_PRESENTER_KEY"):
        monkeypatch.delenv(name, raising=False)
    before = config.get_option("server.address")
    rights.mode.cache_clear()
    yield
    config.set_option("server.address", before)
    rights.mode.cache_clear()


@pytest.mark.parametrize(
    ("address", "hosts", "shared"),
    [
        ("127.0.0.1", "", False),
        ("localhost", "", False),
        ("::1", "", False),
        ("127.0.0.1", "clothes.example.org", True),
        ("0.0.0.0", "", True),
        ("192.0.2.7", "", True),
        (None, "", True),
    ],
)
def test_the_mode_follows_from_the_start_alone(
    monkeypatch: pytest.MonkeyPatch, address: str | None, hosts: str, shared: bool
) -> None:
    monkeypatch.setenv("FMNIST_HOSTS", hosts)
    config.set_option("server.address", address)
    assert mode().shared is shared
    assert mode().has_roles is shared


def test_each_start_makes_another_key() -> None:
    first = mode().key
    rights.mode.cache_clear()
    assert len(first) >= 32
    assert mode().key != first


def test_a_class_room_may_do_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FMNIST_OPEN", "1")
    config.set_option("server.address", "0.0.0.0")
    assert mode().shared
    assert not mode().has_roles
    somebody = rights.actor()
    assert somebody.may_change
    assert somebody.limits is not None


def test_who_comes_without_a_cookie_looks_on() -> None:
    config.set_option("server.address", "0.0.0.0")
    assert not rights.actor().may_change
    rights.mode.cache_clear()
    config.set_option("server.address", "127.0.0.1")
    assert rights.actor().may_change
    assert rights.actor().limits is None


@pytest.mark.parametrize(
    ("name", "said", "rule"),
    [
        ("FMNIST_PRESENTER_KEY", "short", "has 5 characters, and 16 is the least"),
        ("FMNIST_OPEN", "yes", "FMNIST_OPEN is 0 or 1, not 'yes'"),
    ],
)
def test_a_setting_that_makes_no_sense_ends_the_start(
    monkeypatch: pytest.MonkeyPatch, name: str, said: str, rule: str
) -> None:
    monkeypatch.setenv(name, said)
    with pytest.raises(WrongSetting, match=rule):
        mode()


def test_cookies_of_another_start_or_another_kind_are_worth_nothing() -> None:
    def cookies(kind: rights._Kind, value: str) -> dict[str, str]:
        return {rights._cookie("presenter"): rights._serializer(kind).dumps(value)}

    assert rights.is_presenter(cookies("presenter", "presenter"))
    assert not rights.is_presenter(cookies("visitor", "presenter"))
    assert not rights.is_presenter({})
    before = cookies("presenter", "presenter")
    rights.mode.cache_clear()
    assert not rights.is_presenter(before)
    assert isinstance(mode(), AccessMode)


def ask(shared: bool, server: tuple[str, int | None]) -> int:
    """The status of an answer to a request that came to an address of this computer."""
    sent: list[dict[str, object]] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message: Message) -> None:
        sent.append(dict(message))

    async def receive() -> Message:
        return {"type": "http.request"}

    guard = Guard(app, frozenset(), shared, "frame-ancestors 'self'")
    headers = [(b"host", b"127.0.0.1")]
    scope = {"type": "http", "path": "/", "method": "GET", "headers": headers, "server": server}
    asyncio.run(guard(scope, receive, send))
    status = sent[0]["status"]
    assert isinstance(status, int)
    return status


@pytest.mark.parametrize(
    ("shared", "server", "status"),
    [
        (False, ("127.0.0.1", 8501), 200),
        (False, ("::1", 8501), 200),
        (False, ("/run/a.socket", None), 200),
        (False, ("192.0.2.7", 8501), 403),
        (True, ("192.0.2.7", 8501), 200),
    ],
)
def test_another_server_that_listens_for_all_makes_nobody_the_owner(
    shared: bool, server: tuple[str, int | None], status: int
) -> None:
    """The mode follows Streamlit's setting, which no other server knows."""
    assert ask(shared, server) == status
