"""What a page reads from its address; nonsense counts as absent."""

from __future__ import annotations

import streamlit as st


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
        set_address(page=str(chosen) if chosen > 1 else None)
    return slice((chosen - 1) * per_page, chosen * per_page)
