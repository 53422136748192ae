"""What a visitor does in our components: each act is carried out once, in the order of the acts.

A component sends the state that results from an act, never a change of it, together with a count
that grows with every act in the window, in whichever component. Streamlit sends the newest state
of every component with every request, and joins requests that wait for each other; the count tells
what is new, and which of two acts came last.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import streamlit as st

from ui.theme import ASSETS

_SEEN, _WAITING = "acts.seen", "acts.waiting"


class _Act(NamedTuple):
    count: int
    carry_out: Callable[[Any], None]
    value: Any


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
    """The callback of a component: note an act that is new.

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
        waiting = st.session_state.setdefault(_WAITING, [])
        waiting.append(_Act(act["count"], carry_out, act["value"]))

    return note


def carry_out_acts() -> None:
    """Carry out what was received, the earliest act first; at the start of page and fragment."""
    waiting: list[_Act] = st.session_state.pop(_WAITING, [])
    for act in sorted(waiting, key=lambda act: act.count):
        act.carry_out(act.value)
