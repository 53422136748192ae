"""What we change in Streamlit, and that it still needs the change."""

from __future__ import annotations

import asyncio
import contextvars
from contextlib import nullcontext, suppress
from functools import partial
from types import SimpleNamespace
from typing import cast
from unittest.mock import patch

import pytest
import streamlit as st
from streamlit.delta_generator_singletons import context_dg_stack, get_default_dg_stack_value
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.runtime.app_session import AppSession, AppSessionState
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue
from streamlit.runtime.scriptrunner import ScriptRunner, ScriptRunnerEvent
from streamlit.runtime.scriptrunner_utils.script_requests import _coalesce_widget_states
from streamlit.runtime.scriptrunner_utils.script_run_context import ThreadState
from streamlit.runtime.state import SafeSessionState, SessionState
from streamlit.runtime.state.common import WidgetMetadata
from streamlit.runtime.state.session_state import WStates

from ui.streamlit_internals import (
    Arrival,
    _Arrivals,
    announce_every_fragment_end,
    arrival_of_change,
    begin_at_the_top,
    deliver_messages_of_every_run,
    disable_shared_actions,
    note_when_clicks_arrive,
    process_every_click,
    undisturbed,
)

WELL, EARLY = (
    ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY,
    ForwardMsg.FINISHED_EARLY_FOR_RERUN,
)


@pytest.fixture
def changed(monkeypatch: pytest.MonkeyPatch) -> None:
    for place, name in (
        (ForwardMsgQueue, "clear"),
        (SafeSessionState, "on_script_will_rerun"),
        (AppSession, "_handle_scriptrunner_event_on_event_loop"),
        (AppSession, "request_rerun"),
        (WStates, "call_callback"),
    ):
        # As it is, to be put back afterwards.
        monkeypatch.setattr(place, name, getattr(place, name))
    for change in (announce_every_fragment_end, deliver_messages_of_every_run, process_every_click):
        change.__wrapped__()
    note_when_clicks_arrive.__wrapped__(int)


def drawn(*fragments: str) -> ForwardMsgQueue:
    """What waits to be sent after a run that drew an element of each of these fragments."""
    queue = ForwardMsgQueue()
    begun = ForwardMsg()
    begun.new_session.main_script_path = "frame.py"
    queue.enqueue(begun)
    for place, fragment in enumerate(fragments):
        element = ForwardMsg()
        element.metadata.delta_path[:] = [0, place]
        element.delta.fragment_id = fragment
        element.delta.new_element.markdown.body = fragment
        queue.enqueue(element)
    ended = ForwardMsg()
    ended.script_finished = WELL
    queue.enqueue(ended)
    return queue


def end_after(queue: ForwardMsgQueue, begins: list[str] | None) -> int:
    """How the run has ended when others have begun; ``None`` is the whole page."""
    queue.clear(retain_lifecycle_msgs=True, fragment_ids_this_run=begins)
    return queue.flush()[-1].script_finished


def test_streamlit_alone_forgets_that_a_fragment_ended_well() -> None:
    """Once this fails, our change can go."""
    assert end_after(drawn("page"), ["bar"]) == EARLY


@pytest.mark.usefixtures("changed")
def test_the_end_of_a_fragment_is_told_though_another_one_begins() -> None:
    assert end_after(drawn("page"), ["bar"]) == WELL


@pytest.mark.usefixtures("changed")
@pytest.mark.parametrize("begins", [["page"], ["inner"], ["bar", "page"], None])
def test_where_something_drawn_was_thrown_away_the_end_is_early(begins: list[str] | None) -> None:
    assert end_after(drawn("page", "inner"), begins) == EARLY


class NewerRequest(Exception):
    """What stops a run of the script."""


def stop() -> None:
    raise NewerRequest


def test_a_click_that_is_taken_in_is_not_stopped_half_way() -> None:
    state = SafeSessionState(SessionState(), stop)
    context = SimpleNamespace(session_state=state)
    with patch("ui.streamlit_internals.get_script_run_ctx", return_value=context):
        with undisturbed():
            with undisturbed():
                state["inner"] = 1
            state["outer"] = 2
        with pytest.raises(NewerRequest):
            state["later"] = 3
        with pytest.raises(NewerRequest), undisturbed():
            stop()
        with pytest.raises(NewerRequest):
            state["later"] = 3


def clicks_taken_in() -> int:
    """How many clicks on a button count, where a newer request has come already."""
    session = SessionState()
    session._set_widget_metadata(
        WidgetMetadata(id="button", deserializer=bool, serializer=bool, value_type="trigger_value")
    )
    told = WidgetStates(widgets=[WidgetState(id="button", trigger_value=True)])
    with suppress(NewerRequest):
        SafeSessionState(session, stop).on_script_will_rerun(told)
    return len(session.get_widget_states())


def test_streamlit_alone_loses_a_click_that_a_newer_request_overtakes() -> None:
    """Once this fails, our change can go."""
    assert clicks_taken_in() == 0


@pytest.mark.usefixtures("changed")
def test_a_click_that_a_newer_request_overtakes_counts() -> None:
    assert clicks_taken_in() == 1


def order_of_two_buttons() -> list[str]:
    """Which of two joined clicks is carried out first; the second one was made last."""
    session = SessionState()
    called: list[str] = []
    for name in ("first", "second"):
        session._set_widget_metadata(
            WidgetMetadata(
                id=name,
                deserializer=bool,
                serializer=bool,
                value_type="trigger_value",
                callback=partial(called.append, name),
            )
        )
    requests = SimpleNamespace(id="session", _state=AppSessionState.SHUTDOWN_REQUESTED)
    clicks = [WidgetState(id=name, trigger_value=True) for name in ("first", "second")]
    for click in clicks:
        told = ClientState(widget_states=WidgetStates(widgets=[click]))
        AppSession.request_rerun(cast(AppSession, requests), told)
    joined = _coalesce_widget_states(*(WidgetStates(widgets=[click]) for click in clicks))
    context = SimpleNamespace(session_id="session")
    with (
        patch("ui.streamlit_internals.get_script_run_ctx", return_value=context),
        patch.object(ThreadState, "scoped", lambda **_: nullcontext()),
    ):
        SafeSessionState(session, lambda: None).on_script_will_rerun(joined)
    return called


def test_streamlit_alone_turns_two_clicks_round() -> None:
    """Once this fails, our change can go."""
    assert order_of_two_buttons() == ["second", "first"]


@pytest.mark.usefixtures("changed")
def test_of_two_clicks_the_first_is_carried_out_first() -> None:
    assert order_of_two_buttons() == ["first", "second"]


def late_messages_sent() -> int:
    """How many messages of a run are sent once the next run has another runner."""
    sent: list[ForwardMsg] = []

    async def tell() -> None:
        session = SimpleNamespace(
            _event_loop=asyncio.get_running_loop(),
            _scriptrunner="the next one",
            _state=AppSessionState.APP_IS_RUNNING,
            _enqueue_forward_msg=sent.append,
        )
        AppSession._handle_scriptrunner_event_on_event_loop(
            cast(AppSession, session),
            cast(ScriptRunner, "the last one"),
            ScriptRunnerEvent.ENQUEUE_FORWARD_MSG,
            ForwardMsg(),
        )
        assert session._scriptrunner == "the next one"

    asyncio.run(tell())
    return len(sent)


def test_streamlit_alone_throws_away_what_a_run_still_has_to_say() -> None:
    """Once this fails, our change can go."""
    assert late_messages_sent() == 0


@pytest.mark.usefixtures("changed")
def test_what_a_run_still_has_to_say_is_sent() -> None:
    assert late_messages_sent() == 1


def test_the_order_is_noted_in_which_a_browser_sent_changes() -> None:
    arrivals = _Arrivals()
    field, button = WidgetState(id="field", int_value=1), WidgetState(id="button")
    button.trigger_value = True
    ours = WidgetState(id="ours", json_value="7")
    for states in ([field], [field, ours], [field, ours, button], [field, ours, button]):
        arrivals.record(states, int)
    assert arrivals.by_widget == {
        "field": Arrival(0, 1),
        "ours": Arrival(7, 2),
        "button": Arrival(7, 4),
    }
    arrivals.record([WidgetState(id="field", int_value=2), ours], int)
    assert arrivals.by_widget["field"] == Arrival(7, 5)


@pytest.mark.usefixtures("changed")
def test_a_callback_can_ask_when_its_change_arrived() -> None:
    states = SessionState()
    states._set_widget_metadata(
        WidgetMetadata(id="field", deserializer=int, serializer=int, value_type="int_value")
    )
    requests = SimpleNamespace(id="session", _state=AppSessionState.SHUTDOWN_REQUESTED)
    for widgets in ([("ours", {"json_value": "7"})], [("field", {"int_value": 2})]):
        told = WidgetStates(widgets=[WidgetState(id=name, **value) for name, value in widgets])
        AppSession.request_rerun(cast(AppSession, requests), ClientState(widget_states=told))
    context = SimpleNamespace(session_id="session")
    with patch("ui.streamlit_internals.get_script_run_ctx", return_value=context):
        states._new_widget_state.call_callback("field")
        assert arrival_of_change() == Arrival(7, 2)
        context.session_id = "another"
        assert arrival_of_change() is None


@pytest.mark.parametrize("begins", [False, True])
def test_a_run_after_one_of_a_fragment_draws_at_the_top(begins: bool) -> None:
    """The fragment's place is left behind only by a run that begins anew."""

    def places() -> list[str]:
        with st.container():
            fragment = context_dg_stack.get()
        # As a fragment that is drawn by itself takes up the place where it was declared.
        context_dg_stack.set(fragment)
        if begins:
            begin_at_the_top()
        return [place._get_delta_path_str() for place in context_dg_stack.get()]

    found = contextvars.copy_context().run(places)
    assert (len(found) == len(get_default_dg_stack_value())) is begins


@pytest.mark.parametrize("message", ["clear_cache", "load_git_info"])
def test_no_browser_acts_for_all_others(message: str) -> None:
    """One message of anybody's emptied what all pages share, the engine's connection included."""

    @st.cache_resource
    def shared() -> object:
        return object()

    first = shared()
    disable_shared_actions()
    session = AppSession.__new__(AppSession)
    session._state = AppSessionState.SHUTDOWN_REQUESTED
    with patch.object(AppSession, "handle_backmsg_exception") as failed:
        requested = BackMsg()
        setattr(requested, message, True)
        session.handle_backmsg(requested)
    failed.assert_not_called()
    assert shared() is first
