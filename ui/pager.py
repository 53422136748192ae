"""Page numbers under a gallery, bound to a parameter of the address."""

from __future__ import annotations

import streamlit as st

from ui.url_state import Parameter


def pages_of(count: int, per_page: int, page: Parameter[int]) -> slice:
    """Page numbers to choose from; returns the slice of the images on the chosen page.

    Args:
        count: how many images there are.
        per_page: how many fit on a page.
        page: from 1.
    """
    pages = max(1, -(-count // per_page))
    if page.value > pages:
        page.page.settle(page.to(pages))
    if pages > 1:
        st.pagination(pages, default=page.value, key=page.key, on_change=page.callback())
    return slice((page.value - 1) * per_page, page.value * per_page)
