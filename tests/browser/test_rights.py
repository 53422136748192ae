"""Who opened the presenter's link may do everything; everybody else looks on."""

from __future__ import annotations

import re
import urllib.error
import urllib.request

import pytest
from dashboards import PRESENTER_KEY, SHARED_PATH, Dashboard
from playwright.sync_api import Page, expect
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from sweep import sampled
from visitors import Visitors, settle
from websockets.sync.client import connect
from websockets.typing import Subprotocol

LOOKING_ON = "You are looking on: only the presenter can"
PAGES = ("", "explore", "train?new=1", "compare", "mistakes?picture=17&about=notes")
# What only a presenter finds: a click on any of it writes.
CHANGING = (
    "Train your first network",
    "Stop the ladder",
    "Start training",
    "Resume",
    "Train longer",
    "Change and train again",
    "Stop",
    "Stop after this epoch",
    "Shuffle",
    "Pin",
    "Name, tags, notes",
    "Delete",
    "Import",
    "Undo",
)
# What the ladder and others offer to train says how long that takes.
TRAINS = re.compile(r", (about |roughly |\d.* to \d)")
SECONDS_TO_DRAW = 20


@pytest.fixture
def start(shared_address: str) -> str:
    return f"{shared_address}{SHARED_PATH}"


@pytest.fixture
def presenter(visitors: Visitors, start: str) -> Page:
    return visitors.open(f"{start}/presenter?key={PRESENTER_KEY.replace(' ', '%20')}")


def content(dashboard: Dashboard) -> dict[str, bytes]:
    """What the runs and all that was said about them are; what is computed anew may come and go."""
    files = (path for path in dashboard.runs.rglob("*") if path.is_file())
    named = {path.relative_to(dashboard.runs).as_posix(): path for path in files}
    return {
        name: path.read_bytes()
        for name, path in named.items()
        if not name.startswith(".shared") or name.endswith("remarks.jsonl")
    }


def buttons(page: Page) -> set[str]:
    """The words on the buttons; the names of their symbols are among them."""
    found = page.get_by_role("button").all_inner_texts()
    return {line.strip() for text in found for line in text.splitlines()}


@pytest.mark.parametrize("path", sampled(PAGES, 0, 2, 4))
def test_who_looks_on_finds_every_page_and_nothing_that_changes_something(
    shared_dashboard: Dashboard, visitors: Visitors, start: str, path: str
) -> None:
    before = content(shared_dashboard)
    run_id = shared_dashboard.store.list()[-1].id
    page = visitors.open(f"{start}/{path}")
    assert buttons(page).isdisjoint(CHANGING)
    assert not [words for words in buttons(page) if TRAINS.search(words)]
    page.goto(f"{start}/train?run={run_id}")
    settle(page)
    assert buttons(page).isdisjoint(CHANGING)
    assert content(shared_dashboard) == before


def test_who_looks_on_is_told_where_a_button_would_be(visitors: Visitors, start: str) -> None:
    page = visitors.open(f"{start}/train?new=1")
    expect(page.get_by_text(LOOKING_ON).first).to_be_visible()
    page.goto(f"{start}/mistakes?picture=17&about=notes")
    settle(page)
    expect(page.get_by_text(LOOKING_ON).first).to_be_visible()
    expect(page.get_by_role("textbox", name="Note")).to_have_count(0)


def test_the_presenters_link_gives_all_rights_and_leaves_no_key_in_the_address(
    presenter: Page, start: str
) -> None:
    assert presenter.url == f"{start}/"
    (cookie,) = [one for one in presenter.context.cookies() if "presenter" in one["name"]]
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Strict"
    assert cookie["path"] == SHARED_PATH
    assert PRESENTER_KEY not in cookie["value"]
    presenter.goto(f"{start}/compare")
    settle(presenter)
    assert {"Pin", "Delete", "Import"} <= buttons(presenter)


@pytest.mark.parametrize("key", ["", "x", PRESENTER_KEY[:-1], "%00%ff"])
def test_a_wrong_key_gives_nothing(shared_dashboard: Dashboard, key: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{shared_dashboard.url}/presenter?key={key.replace(' ', '%20')}")
    assert refused.value.code == 403
    assert "Set-Cookie" not in refused.value.headers


def test_a_forged_cookie_gives_nothing(
    shared_dashboard: Dashboard, visitors: Visitors, presenter: Page, start: str
) -> None:
    cookies = {one["name"]: one for one in presenter.context.cookies()}
    (name,) = [name for name in cookies if "presenter" in name]
    visitor = visitors.open(start)
    own = {one["name"]: one["value"] for one in visitor.context.cookies()}
    named = next(value for key, value in own.items() if "visitor" in key)
    real = cookies[name]
    for value in ("presenter", real["value"][:-1] + "x", named):
        visitor.context.add_cookies(
            [
                {
                    "name": name,
                    "value": value,
                    "domain": real["domain"],
                    "path": real["path"],
                    "expires": real["expires"],
                    "httpOnly": real["httpOnly"],
                    "secure": real["secure"],
                    "sameSite": real["sameSite"],
                }
            ]
        )
        visitor.goto(f"{start}/compare")
        settle(visitor)
        assert "Delete" not in buttons(visitor)


def replay(dashboard: Dashboard, messages: list[bytes], cookies: str) -> None:
    """Send what another browser has sent, over a connection of one's own."""
    address = dashboard.url.replace("http", "ws", 1) + "/_stcore/stream"
    headers = {"Cookie": cookies} if cookies else {}
    with connect(
        address, additional_headers=headers, subprotocols=[Subprotocol("streamlit")]
    ) as socket:
        for message in messages:
            socket.send(message)
            drawn = ForwardMsg()
            while drawn.WhichOneof("type") != "script_finished":
                answer = socket.recv(timeout=SECONDS_TO_DRAW)
                assert isinstance(answer, bytes)
                drawn = ForwardMsg.FromString(answer)


def test_a_raw_message_starts_a_training_for_the_presenter_alone(
    shared_dashboard: Dashboard, presenter: Page, start: str
) -> None:
    """What the presenter's browser sent for a click, sent again with and without the cookie."""
    sent: list[bytes] = []
    presenter.on(
        "websocket",
        lambda socket: socket.on(
            "framesent", lambda frame: sent.append(frame) if isinstance(frame, bytes) else None
        ),
    )
    presenter.goto(f"{start}/train?new=1")
    settle(presenter)
    before = len(sent)
    store = shared_dashboard.store
    known = {run.id for run in store.list()}
    presenter.get_by_role("button", name="Start training").click()
    # The page of the new run; what was sent is told while the browser is asked something.
    expect(presenter.get_by_role("button", name="Stop", exact=True)).to_be_visible()
    assert {run.id for run in store.list()} - known
    clicks = [frame for frame in sent[before:] if _presses_a_button(frame)]
    opening = [
        frame for frame in sent[:before] if BackMsg.FromString(frame).HasField("rerun_script")
    ]
    cookies = "; ".join(f"{one['name']}={one['value']}" for one in presenter.context.cookies())
    known = {run.id for run in store.list()}
    replay(shared_dashboard, [opening[0], clicks[0]], "")
    assert {run.id for run in store.list()} == known
    replay(shared_dashboard, [opening[0], clicks[0]], cookies)
    new = {run.id for run in store.list()} - known
    assert len(new) == 1


def _presses_a_button(frame: bytes) -> bool:
    states = BackMsg.FromString(frame).rerun_script.widget_states.widgets
    return any(state.trigger_value for state in states)


def test_files_are_taken_from_the_presenter_alone(
    shared_dashboard: Dashboard, presenter: Page
) -> None:
    """What is uploaded lies in memory before any page has looked at it."""
    address = f"{shared_dashboard.url}/_stcore/upload_file/none/none"
    cookies = "; ".join(f"{one['name']}={one['value']}" for one in presenter.context.cookies())

    def answer(headers: dict[str, str]) -> str:
        request = urllib.request.Request(address, b"x", headers, method="PUT")
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=20)
        text: str = refused.value.read().decode()
        return text

    assert LOOKING_ON in answer({})
    # There is no such upload; Streamlit says so.
    assert LOOKING_ON not in answer({"Cookie": cookies})
