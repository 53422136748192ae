"""What the console says when others can reach the dashboard."""

from __future__ import annotations

import asyncio
import io
import socket
from collections import namedtuple
from collections.abc import Iterator
from typing import Any

import psutil
import pytest
from starlette.types import Message
from streamlit import config

from ui import announce, rights
from ui.announce import ReachedFromOutside, addresses, announcement, own_address

Entry = namedtuple("Entry", "family address")
NETWORKS = {
    "lo": [Entry(socket.AF_INET, "127.0.0.1"), Entry(socket.AF_INET6, "::1")],
    "docker0": [Entry(socket.AF_INET, "172.17.0.1")],
    "wlan0": [Entry(socket.AF_INET, "192.0.2.7"), Entry(socket.AF_INET6, "fe80::1%wlan0")],
    "eth0": [Entry(socket.AF_INET, "169.254.3.4")],
}
OPTIONS = ("server.address", "server.port", "server.baseUrlPath")


@pytest.fixture(autouse=True)
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A dashboard for all in the network, on a computer in one of them."""
    for name in ("FMNIST_HOSTS", "FMNIST_OPEN", "FMNIST_PRESENTER_KEY"):
        monkeypatch.delenv(name, raising=False)
    before = {name: config.get_option(name) for name in OPTIONS}
    monkeypatch.setattr(psutil, "net_if_addrs", lambda: NETWORKS)
    monkeypatch.setattr(socket, "gethostname", lambda: "desk.example.org")
    start("0.0.0.0")
    yield
    for name, value in before.items():
        config.set_option(name, value)
    rights.mode.cache_clear()


def start(address: str, base: str = "") -> None:
    for name, value in zip(OPTIONS, (address, 9000, base), strict=True):
        config.set_option(name, value)
    rights.mode.cache_clear()


def test_networks_of_others_come_before_those_inside_this_computer() -> None:
    assert addresses() == [
        "http://192.0.2.7:9000",
        "http://172.17.0.1:9000",
        "http://desk.local:9000",
    ]
    assert own_address() == "http://127.0.0.1:9000"


def test_one_address_is_the_one_that_it_is_bound_to() -> None:
    start("192.0.2.7", "/clothes/")
    assert addresses() == ["http://192.0.2.7:9000/clothes"]
    assert own_address() == "http://192.0.2.7:9000/clothes"


def test_behind_a_proxy_others_use_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FMNIST_HOSTS", "clothes.example.org")
    start("127.0.0.1", "/clothes")
    assert addresses() == ["https://clothes.example.org/clothes"]


def test_without_a_network_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psutil, "net_if_addrs", lambda: {"lo": NETWORKS["lo"]})
    said = announcement()
    assert "nobody else can reach" in said
    # They may come later, and whoever sits here needs the link in any case.
    assert "http://127.0.0.1:9000/presenter?key=" in said


def test_a_terminal_without_the_signs_gets_no_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(io.BytesIO(), encoding="latin-1"))
    announcement().encode("latin-1")


def test_the_presenters_link_stands_beside_the_address_of_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FMNIST_PRESENTER_KEY", "a key of the tests & more")
    start("0.0.0.0", "/clothes")
    said = announcement()
    assert "  http://192.0.2.7:9000/clothes\n" in said
    assert "http://192.0.2.7:9000/clothes/presenter?key=a%20key%20of%20the%20tests%20%26%20" in said
    assert "http://127.0.0.1:9000/clothes/presenter?key=a%20key" in said
    assert "▀" in said, "a picture for phones"


def test_where_everybody_may_do_everything_there_is_no_link(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FMNIST_OPEN", "1")
    start("0.0.0.0")
    said = announcement()
    assert "All of them may start, change and delete everything." in said
    assert "presenter" not in said


@pytest.mark.parametrize(
    ("client", "counts"),
    [
        ("192.0.2.99", True),
        ("127.0.0.1", False),
        ("::1", False),
        # This computer, by its address in the network.
        ("192.0.2.7", False),
        # What a proxy claims goes to the terminal.
        ("a\x1b[31mb", False),
    ],
)
def test_only_somebody_elses_visit_counts_as_reached(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], client: str, counts: bool
) -> None:
    monkeypatch.setattr(ReachedFromOutside, "first", None)

    async def app(*_: Any) -> None:
        pass

    async def receive() -> Message:
        return {}

    scope = {"type": "http", "client": (client, 1)}
    for _ in range(2):
        asyncio.run(ReachedFromOutside(app)(scope, receive, app))
    assert capsys.readouterr().out.count(f"reached from {client}") == counts
    assert (ReachedFromOutside.first is not None) is counts


def test_it_says_that_nobody_has_come_until_somebody_has(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(ReachedFromOutside, "first", None)
    waits: list[float] = []

    async def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            monkeypatch.setattr(ReachedFromOutside, "first", "192.0.2.99")

    monkeypatch.setattr(asyncio, "sleep", wait)
    asyncio.run(announce.announce_on_console())
    assert capsys.readouterr().out.count(announce.UNREACHED) == 2
    assert len(waits) == 3


def test_for_this_computer_alone_it_says_only_where_it_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    start("127.0.0.1")
    asyncio.run(announce.announce_on_console())
    assert capsys.readouterr().out == "The dashboard is ready on http://127.0.0.1:9000.\n"
