"""What we change in Streamlit, and that it still needs the change."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

from ui.streamlit_internals import announce_every_end

WELL, EARLY = (
    ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY,
    ForwardMsg.FINISHED_EARLY_FOR_RERUN,
)


@pytest.fixture
def changed() -> Iterator[None]:
    clear = ForwardMsgQueue.clear
    announce_every_end.cache_clear()
    announce_every_end()
    yield
    ForwardMsgQueue.clear = clear  # type: ignore[method-assign]
    announce_every_end.cache_clear()


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
