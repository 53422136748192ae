"""The pages and their addresses."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import streamlit as st
from streamlit.navigation.page import Page

Name = Literal["overview", "explore", "train", "compare", "mistakes"]
_FOLDER = Path(__file__).resolve().parent.parent / "pages"
_TITLES: dict[Name, tuple[str, str]] = {
    "overview": ("Overview", ":material/home:"),
    "explore": ("Explore data", ":material/apps:"),
    "train": ("Train", ":material/model_training:"),
    "compare": ("Compare", ":material/monitoring:"),
    "mistakes": ("Mistakes", ":material/image_search:"),
}


def page(name: Name) -> Page:
    """The page of that name, to link to."""
    title, icon = _TITLES[name]
    return st.Page(
        _FOLDER / f"{name}.py",
        title=title,
        icon=icon,
        url_path=None if name == "overview" else name,
        default=name == "overview",
    )


def pages() -> list[Page]:
    """All pages in the order of the menu."""
    return [page(name) for name in _TITLES]
