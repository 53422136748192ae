"""The pages and their addresses."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import streamlit as st
from streamlit.navigation.page import Page

Name = Literal["overview", "explore", "train", "compare", "mistakes"]
_FOLDER = Path(__file__).resolve().parent.parent / "pages"
# Without icons: for each one Streamlit fetches a favicon from another machine.
_TITLES: dict[Name, str] = {
    "overview": "Overview",
    "explore": "Explore data",
    "train": "Train",
    "compare": "Compare",
    "mistakes": "Mistakes",
}


def page(name: Name) -> Page:
    """The page of that name, to link to."""
    return st.Page(
        _FOLDER / f"{name}.py",
        title=_TITLES[name],
        url_path=None if name == "overview" else name,
        default=name == "overview",
    )


def pages() -> list[Page]:
    """All pages in the order of the menu."""
    return [page(name) for name in _TITLES]
