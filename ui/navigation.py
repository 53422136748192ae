"""Navigation: the pages, their addresses, and the menu that leads to them."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import streamlit as st
from streamlit.navigation.page import Page

from fmnist_core.dataset import Split
from ui.components.acts import page_was_left
from ui.components.modules import component

Name = Literal["overview", "explore", "train", "compare", "mistakes", "inside", "try"]
_PROJECT = Path(__file__).resolve().parent.parent
_FOLDER = _PROJECT / "pages"
# Without icons: for each one Streamlit fetches a favicon from another machine.
_TITLES: dict[Name, str] = {
    "overview": "Overview",
    "explore": "Explore data",
    "train": "Train",
    "compare": "Compare",
    "mistakes": "Mistakes",
    "inside": "Look inside",
    "try": "Try your own",
}
_button = component("menu")


def page(name: Name) -> Page:
    """The page of that name, to link to."""
    return st.Page(
        _FOLDER / f"{name}.py",
        title=_TITLES[name],
        url_path=None if name == "overview" else name,
        default=name == "overview",
    )


def pages_in_order() -> list[Name]:
    """The names of the pages in the order of the menu."""
    return list(_TITLES)


def name_of(current_page: Page) -> Name:
    """The name of a page."""
    return next(name for name, title in _TITLES.items() if title == current_page.title)


def go_to(name: Name, **address: str) -> None:
    """Switch to a page; not where the visitor has gone to another one meanwhile."""
    if not page_was_left():
        st.switch_page(page(name), query_params=address)


def go_to_image(split: Split, image_index: int) -> None:
    """Show an image of a split among its kind, in Explore data."""
    go_to("explore", split=split, picture=str(image_index))


def pages() -> list[Page]:
    """All pages in the order of the menu."""
    return [page(name) for name in _TITLES]


def menu(current_page: Page) -> None:
    """The navigation menu in the header; where there is no room, a button that opens it.

    Streamlit's own menu hides behind an arrow on a phone, and stays open after a tap.
    """
    titles = list(_TITLES.values())
    with st.container(key="menu"):
        title = current_page.title
        _button(key="menu_button", data={"here": title, "current": titles.index(title)})
        with st.container(key="menu_links"):
            for target in pages():
                st.page_link(target)
