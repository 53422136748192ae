"""Acts of visitors in our components: each is carried out once, in the order of the acts.

A component of ours sends the state that results from an act, never a change of it, together with a
count that grows with every act in the window, in whichever component. Streamlit sends the newest
state of every component with every request, and joins requests that wait for each other; the count
tells what is new, and which of two acts came last.

Of Streamlit's own widgets only the values come, without a count. But each change sends a request,
and requests come in the order of the changes: what of ours a request knows already came before.

Nothing of what is received here is trusted: a browser may send anything.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import streamlit as st

from ui.streamlit_internals import arrival_of_change, undisturbed

T = TypeVar("T")

_SEEN, _WAITING, _LEFT = "acts.seen", "acts.waiting", "acts.page_left"


class _Act(NamedTuple):
    """Something that was done, and what carries it out.

    Attributes:
        last: it uses what the others of its request set.
        after: the count of the act; of one in a widget of Streamlit's, that of the newest act of
            ours before it.
        request: which request brought it; 0 of an act of ours, whose count says it all.
        carry_out: does it.
    """

    last: bool
    after: int
    request: int
    carry_out: Callable[[], object]


def seen(key: str) -> int:
    """The count of the newest act in a component that was carried out; 0 before the first.

    A component applies new data only where that is at least the count of its own newest
    act: an answer to an earlier act does not undo a later one.
    """
    counts: dict[str, int] = st.session_state.get(_SEEN, {})
    return counts.get(key, 0)


def receive(
    key: str, part: str, read: Callable[[object], T | None], carry_out: Callable[[T], object]
) -> Callable[[], None]:
    """The callback of a component of ours: note an act that is new.

    Args:
        key: of the component.
        part: the name of the component's state that holds the act, ``{count, value}``.
        read: the validated value; ``None`` where the component would never send it.
        carry_out: called with the value when all acts of the request are there.
    """

    def note() -> None:
        with undisturbed():
            act = st.session_state[key].get(part)
            if not isinstance(act, dict) or "value" not in act:
                return
            count, value = as_int(act.get("count")), read(act["value"])
            if count is None or value is None:
                return
            counts = st.session_state.setdefault(_SEEN, {})
            if count <= counts.get(f"{key}/{part}", 0):
                return
            counts[f"{key}/{part}"] = count
            counts[key] = max(count, counts.get(key, 0))
            _wait(_Act(False, count, 0, lambda: carry_out(value)))

    return note


def as_int(value: object) -> int | None:
    """A whole number from a component; ``None`` for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def as_text(value: object) -> str | None:
    """A text from a component; ``None`` for anything else."""
    return value if isinstance(value, str) else None


def as_texts(value: object) -> list[str] | None:
    """A list of texts from a component; ``None`` for anything else."""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return value
    return None


def in_order(carry_out: Callable[..., object], last: bool = False) -> Callable[..., None]:
    """The callback of a widget of Streamlit's: do this in its turn among the acts.

    Args:
        carry_out: with the arguments that Streamlit gives the callback.
        last: after all others, since it uses what they set.
    """

    def note(*args: Any, **kwargs: Any) -> None:
        with undisturbed():
            _wait(_in_its_turn(lambda: carry_out(*args, **kwargs), last))

    return note


def in_order_with_value(key: str, carry_out: Callable[[Any], object]) -> Callable[[], None]:
    """The callback of a widget of Streamlit's that gets the widget's value.

    Args:
        key: of the widget; Streamlit forgets its value once it is no longer drawn.
        carry_out: called with the value, in its turn among the acts.
    """

    def note() -> None:
        with undisturbed():
            value = st.session_state[key]
            _wait(_in_its_turn(lambda: carry_out(value)))

    return note


def newest_count(state_json: str) -> int:
    """The count of the newest act in the state of a component; 0 where it is not one of ours.

    Args:
        state_json: the state as JSON, from a browser.
    """
    try:
        parts = json.loads(state_json)
    except (ValueError, RecursionError):
        return 0
    acts = parts.values() if isinstance(parts, dict) else ()
    counts = (as_int(act.get("count")) for act in acts if isinstance(act, dict))
    return max((count for count in counts if count is not None), default=0)


def _in_its_turn(carry_out: Callable[[], object], last: bool = False) -> _Act:
    """An act in a widget of Streamlit's; after all the rest where its arrival was not noted."""
    after, request = arrival_of_change() or (sys.maxsize, 0)
    return _Act(last, after, request, carry_out)


def _wait(act: _Act) -> None:
    waiting: list[_Act] = st.session_state.setdefault(_WAITING, [])
    waiting.append(act)


def carry_out_acts(page_left: bool = False) -> None:
    """Carry out what was received, the earliest act first; at the start of page and fragment.

    What an act leads to may end this run of the script; the rest waits for the next one.

    Args:
        page_left: the visitor has gone to another page after them.
    """
    with undisturbed():
        # An act is carried out by itself: what it changes does not carry out the next one.
        waiting = sorted(st.session_state.pop(_WAITING, []), key=lambda act: act[:3])
        st.session_state[_LEFT] = page_left
        try:
            while waiting:
                waiting.pop(0).carry_out()
        finally:
            if waiting:
                st.session_state[_WAITING] = [*waiting, *st.session_state.get(_WAITING, [])]


def page_was_left() -> bool:
    """Whether the visitor has gone to another page since the act that is being carried out."""
    return bool(st.session_state.get(_LEFT, False))
