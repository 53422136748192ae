"""The theme: style sheets on the page, and whether it is dark."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import streamlit as st

from ui.components.modules import component

ASSETS = Path(__file__).resolve().parent / "assets"
_watch = component("theme")


def is_dark() -> bool:
    """Whether this visitor sees the dark theme."""
    return st.context.theme.type == "dark"


def inject() -> None:
    """Put the style sheets on the page; once in every run of the script."""
    st.html(f"<style>{_style()}</style>")


def follow() -> None:
    """Draw the page again when the visitor changes the theme; once in every run of the script.

    Charts get their colours here in Python, and Streamlit tells no script of a new theme.
    """
    _watch(key="theme", data={"dark": is_dark()}, on_changed_change=_nothing, height=0)


def _nothing() -> None:
    """Streamlit reports a trigger only to components that name a callback for it."""


@cache
def _style() -> str:
    names = (
        "frame.css",
        "header.css",
        "parts.css",
        "choice.css",
        "form.css",
        "live.css",
        "mistakes.css",
        "explore.css",
    )
    return "\n".join((ASSETS / name).read_text() for name in names)
