"""What a visitor does: each act is carried out once, in the order of the acts.

A component of ours sends the state that results from an act, never a change of it, together with a
count that grows with every act in the window, in whichever component. Streamlit sends the newest
state of every component with every request, and joins requests that wait for each other; the count
tells what is new, and which of two acts came last.

Of Streamlit's own widgets only the values come, without a count. An act tells when something that
is not ours was touched last before it; so it is known whether their change came before it or after.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import streamlit as st

from ui.theme import ASSETS

_SEEN, _WAITING, _TOUCHED = "acts.seen", "acts.waiting", "acts.touched"


class _Act(NamedTuple):
    """Something that was done, and what carries it out.

    Attributes:
        count: of the act; ``None`` of one in a widget of Streamlit's.
        touched: the count of the last touch before it of something that is not ours.
        carry_out: does it.
    """

    count: int | None
    touched: int
    carry_out: Callable[[], object]


@cache
def script_of(name: str) -> str:
    """A component's JavaScript with what all of them share.

    Args:
        name: of a file in ``ui/assets``, such as ``"gallery.js"``.
    """
    return "\n".join((ASSETS / part).read_text() for part in ("acts.js", name))


def seen(key: str) -> int:
    """The count of the newest act in a component that was carried out; 0 before the first.

    A component takes over what it is told only where that is at least the count of its own newest
    act: an answer to an earlier act does not undo a later one.
    """
    counts: dict[str, int] = st.session_state.get(_SEEN, {})
    return counts.get(key, 0)


def receive(key: str, part: str, carry_out: Callable[[Any], None]) -> Callable[[], None]:
    """The callback of a component of ours: note an act that is new.

    Args:
        key: of the component.
        part: the name of the component's state that holds the act, ``{count, value}``.
        carry_out: told the value when all acts of the request are known.
    """

    def note() -> None:
        act = st.session_state[key].get(part)
        counts = st.session_state.setdefault(_SEEN, {})
        if not act or act["count"] <= counts.get(f"{key}/{part}", 0):
            return
        counts[f"{key}/{part}"] = act["count"]
        counts[key] = max(act["count"], counts.get(key, 0))
        value = act["value"]
        _wait(_Act(act["count"], act.get("touched", 0), lambda: carry_out(value)))

    return note


def in_order(carry_out: Callable[..., object]) -> Callable[..., None]:
    """The callback of a widget of Streamlit's: do this in its turn among the acts.

    Args:
        carry_out: with the arguments that Streamlit gives the callback.
    """

    def note(*args: Any, **kwargs: Any) -> None:
        _wait(_Act(None, 0, lambda: carry_out(*args, **kwargs)))

    return note


def in_order_with_value(key: str, carry_out: Callable[[Any], object]) -> Callable[[], None]:
    """The callback of a widget of Streamlit's that is told what the widget shows.

    Args:
        key: of the widget; Streamlit forgets its value once it is no longer drawn.
        carry_out: told the value, in its turn among the acts.
    """

    def note() -> None:
        value = st.session_state[key]
        _wait(_Act(None, 0, lambda: carry_out(value)))

    return note


def _wait(act: _Act) -> None:
    waiting: list[_Act] = st.session_state.setdefault(_WAITING, [])
    waiting.append(act)


def carry_out_acts() -> None:
    """Carry out what was received, the earliest act first; at the start of page and fragment."""
    waiting: list[_Act] = st.session_state.pop(_WAITING, [])
    known = st.session_state.get(_TOUCHED, 0)
    ours = sorted((act for act in waiting if act.count is not None), key=lambda act: act.count or 0)
    others = [act for act in waiting if act.count is None]
    # The first act that came after a touch that is new; what was touched comes just before it.
    after = next((place for place, act in enumerate(ours) if act.touched > known), len(ours))
    st.session_state[_TOUCHED] = max([known, *(act.touched for act in ours)])
    for act in (*ours[:after], *others, *ours[after:]):
        act.carry_out()
