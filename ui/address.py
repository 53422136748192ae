"""What a page reads from its address; nonsense counts as absent."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit.runtime.scriptrunner import get_script_run_ctx

T = TypeVar("T", bound=str)


def number(name: str, highest: int) -> int | None:
    """A whole number from 0 to ``highest`` in the address, or ``None``."""
    text = st.query_params.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        return None
    value = int(text)
    return value if value <= highest else None


def set_address(**changes: str | None) -> None:
    """Change parts of the address; ``None`` or an empty text removes one."""
    address = {**st.query_params.to_dict(), **changes}
    st.query_params.from_dict({name: value for name, value in address.items() if value})


def go(label: str, icon: str, **address: str) -> None:
    """A button that shows the same page at another address.

    Streamlit's own links to the page one is on leave the old address in the browser.
    """
    if st.button(label, icon=icon, type="tertiary"):
        st.query_params.from_dict(address)
        st.rerun()


def step_buttons(numbers: NDArray[np.int64], at: int | None, name: str) -> None:
    """To the pictures before and after, by click or key.

    Args:
        numbers: the pictures in their order.
        at: the place of the open one; ``None`` where it is not among them.
        name: the part of the address that names the open one.
    """
    for label, step, key, icon in (
        ("Previous", -1, "P", ":material/chevron_left:"),
        ("Next", 1, "N", ":material/chevron_right:"),
    ):
        there = at is not None and 0 <= at + step < len(numbers)
        st.button(
            label,
            icon=icon,
            disabled=not there,
            on_click=set_address,
            kwargs={name: str(numbers[at + step])} if there else None,
            shortcut=key,
        )


def pages_of(count: int, per_page: int, key: str) -> slice:
    """A row of page numbers that follows the address; returns the places on the chosen page.

    Args:
        count: how many pictures there are.
        per_page: how many fit on a page.
        key: of the widget; another selection needs another key.
    """
    pages = max(1, -(-count // per_page))
    start = min(max(1, number("page", pages) or 1), pages)
    chosen = st.pagination(pages, default=start, key=key) if pages > 1 else 1
    if chosen != start:
        set_address(page=page_word(chosen))
    return slice((chosen - 1) * per_page, chosen * per_page)


def page_word(page: int) -> str | None:
    """What the address says of a page, from 1; the first one needs no word."""
    return str(page) if page > 1 else None


def one_of(name: str, options: tuple[T, ...], usual: T) -> T:
    """A word in the address, or the usual one."""
    word = st.query_params.get(name, "")
    return next((option for option in options if option == word), usual)


def follow(key: str, value: object) -> str:
    """Let a widget show what the address says; returns its key.

    The widget's callback changes the address before the script runs, so the two differ only when
    something else changed the address. Where the whole page is drawn, the value is said once more:
    a browser that is still busy with the drawing before would miss it, and show no choice at all.
    """
    context = get_script_run_ctx()
    whole_page = context is None or not context.fragment_ids_this_run
    if whole_page or st.session_state.get(key) != value:
        st.session_state[key] = value
    return key
