"""What we change in Streamlit, and that it still needs the change."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue
from streamlit.runtime.state import SafeSessionState, SessionState
from streamlit.runtime.state.common import WidgetMetadata

from ui.streamlit_internals import announce_every_end, take_in_every_click

WELL, EARLY = (
    ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY,
    ForwardMsg.FINISHED_EARLY_FOR_RERUN,
)


CHANGES = (announce_every_end, take_in_every_click)


@pytest.fixture
def changed() -> Iterator[None]:
    clear, take_in = ForwardMsgQueue.clear, SafeSessionState.on_script_will_rerun
    for change in CHANGES:
        change.cache_clear()
        change()
    yield
    ForwardMsgQueue.clear = clear  # type: ignore[method-assign]
    SafeSessionState.on_script_will_rerun = take_in  # type: ignore[method-assign]
    for change in CHANGES:
        change.cache_clear()


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


def clicks_taken_in() -> int:
    """How many clicks on a button count, where a newer request has come already."""

    def stop() -> None:
        raise NewerRequest

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
