"""Navigation: the pages, their addresses, and the menu that leads to them."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import streamlit as st
from streamlit.navigation.page import Page

from fmnist_core.dataset import Split
from ui.components import javascript
from ui.components.acts import page_was_left

Name = Literal["overview", "explore", "train", "compare", "mistakes"]
_PROJECT = Path(__file__).resolve().parent.parent
_FOLDER = _PROJECT / "pages"
# Without icons: for each one Streamlit fetches a favicon from another machine.
_TITLES: dict[Name, str] = {
    "overview": "Overview",
    "explore": "Explore data",
    "train": "Train",
    "compare": "Compare",
    "mistakes": "Mistakes",
}
_button = st.components.v2.component(
    "atelier_menu",
    js=javascript("menu.js"),
    isolate_styles=False,
)


def page(name: Name) -> Page:
    """The page of that name, to link to."""
    return st.Page(
        _FOLDER / f"{name}.py",
        title=_TITLES[name],
        url_path=None if name == "overview" else name,
        default=name == "overview",
    )


def go_to(name: Name, **address: str) -> None:
    """Lead to a page; not where the visitor has gone to another one herself meanwhile."""
    if not page_was_left():
        st.switch_page(page(name), query_params=address)


def go_to_picture(split: Split, picture: int) -> None:
    """Show a picture among its kind, in Explore data."""
    go_to("explore", split=split, picture=str(picture))


def pages() -> list[Page]:
    """All pages in the order of the menu."""
    return [page(name) for name in _TITLES]


def menu(here: Page) -> None:
    """The names of the pages in the header; where there is no room, a button that opens them.

    Streamlit's own menu hides behind an arrow on a phone, and stays open after a tap.
    """
    titles = list(_TITLES.values())
    with st.container(key="menu"):
        _button(key="menu_button", data={"here": here.title, "current": titles.index(here.title)})
        with st.container(key="menu_links"):
            for each in pages():
                st.page_link(each)
