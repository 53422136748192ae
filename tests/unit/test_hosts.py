"""Which hosts and origins are ours."""

from __future__ import annotations

import socket

import pytest

from fmnist_core.config import HOSTS, WrongSetting
from ui.hosts import frame_ancestors, refusal

NAMED = frozenset({"clothes.example.org"})
OURS = (
    "127.0.0.1:8501",
    "127.0.0.1",
    "192.168.178.20:8501",
    "[::1]:8501",
    "[fe80::1]",
    "localhost:8501",
    "LOCALHOST",
    "localhost.:8501",
    "clothes.example.org",
    "Clothes.Example.org.:443",
    f"{socket.gethostname()}:8501",
    f"{socket.gethostname().partition('.')[0]}.local:8501",
)
FOREIGN = (
    None,
    "",
    "evil.example",
    "evil.example:8501",
    "127.0.0.1.evil.example:8501",
    "2130706433",
    "0x7f000001",
    "127.1",
    "clothes.example.org.evil.example",
    "evil.clothes.example.org",
    "localhost.evil.example",
    "localhost@evil.example",
    "evil.example#localhost",
    "localhost/evil",
    "localhost evil.example",
    "[::1",
    "[::1]:many",
    "localhost:99999",
    ".",
    "x" * 10_000,
)


@pytest.mark.parametrize("host", OURS)
def test_own_hosts_are_answered(host: str) -> None:
    assert refusal(host, None, NAMED) is None
    assert refusal(host, f"http://{host}", NAMED) is None


@pytest.mark.parametrize("host", FOREIGN)
def test_other_hosts_are_refused_with_what_would_let_them_in(host: str | None) -> None:
    why = refusal(host, None, NAMED)
    assert why is not None
    assert len(why) < 300
    # An origin of ours does not help: a name that points here brings its own.
    assert refusal(host, "http://clothes.example.org", NAMED) is not None
    assert refusal(host, f"http://{host}", NAMED) is not None


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "https://127.0.0.1:8501.evil.example",
        "null",
        "",
        "http://127.0.0.1:1",
        "http://127.0.0.1",
        "http://localhost:8501",
        "http://[::1",
        "file://127.0.0.1:8501",
        "127.0.0.1:8501",
        "http://evil.example@127.0.0.1:8501",
        "http://clothes.example.org.evil.example",
    ],
)
def test_origin_of_another_page_is_refused(origin: str) -> None:
    assert refusal("127.0.0.1:8501", origin, NAMED) is not None


@pytest.mark.parametrize(
    "origin", ["https://clothes.example.org", "http://CLOTHES.example.org:8080"]
)
def test_named_origin_is_taken_whatever_host_a_proxy_wrote(origin: str) -> None:
    assert refusal("127.0.0.1:8501", origin, NAMED) is None
    assert refusal("127.0.0.1:8501", origin, frozenset()) is not None


def test_refusal_says_what_to_set_and_nothing_that_a_terminal_obeys() -> None:
    why = refusal("atelier.example:8501", None, frozenset())
    assert why is not None
    assert why.endswith("start it with FMNIST_HOSTS=atelier.example.")
    hostile = refusal("\x1b[2Jü.example", None, frozenset())
    assert hostile is not None
    assert hostile.isprintable()
    assert hostile.isascii()


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ("", frozenset()),
        (" , ", frozenset()),
        ("Clothes.example.org", NAMED),
        ("clothes.example.org., mine", NAMED | {"mine"}),
    ],
)
def test_named_hosts_are_names(
    monkeypatch: pytest.MonkeyPatch, said: str, names: frozenset[str]
) -> None:
    monkeypatch.setenv("FMNIST_HOSTS", said)
    assert HOSTS.get() == names


@pytest.mark.parametrize(
    "said", ["https://clothes.example.org", "a.example:80", "a.example/x", "*.example", "a b", "-a"]
)
def test_named_host_that_is_no_name_ends_the_start(
    monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    monkeypatch.setenv("FMNIST_HOSTS", said)
    with pytest.raises(WrongSetting, match="FMNIST_HOSTS takes names of hosts"):
        HOSTS.get()


def test_frames_are_our_own_and_the_sites_that_were_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FMNIST_FRAMES", raising=False)
    assert frame_ancestors() == "frame-ancestors 'self'"
    monkeypatch.setenv("FMNIST_FRAMES", "https://slides.example.org, http://10.0.0.7:8000")
    assert (
        frame_ancestors()
        == "frame-ancestors 'self' https://slides.example.org http://10.0.0.7:8000"
    )
    monkeypatch.setenv("FMNIST_FRAMES", "https://a.example; script-src *")
    with pytest.raises(WrongSetting, match="FMNIST_FRAMES takes sites"):
        frame_ancestors()
