"""The theme: style sheets on the page, and whether it is dark."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from urllib.parse import quote

import streamlit as st

from fmnist_core import colors
from ui.components.modules import component

ASSETS = Path(__file__).resolve().parent / "assets"
_SHEETS = (
    *("frame", "header", "parts", "choice", "form", "live", "mistakes", "explore"),
    *("compare", "overview", "present", "rooms"),
    # Last: they change what the others say.
    *("forced", "print"),
)
# The colours of the style sheets, by the names of their custom properties.
_PROPERTIES = {
    "accent": colors.ACCENT,
    "card": colors.CARD,
    "conv": colors.CONVOLUTION,
    "dense": colors.DENSE,
    "image-ground": colors.IMAGE_GROUND,
    "link": colors.LINK,
    "muted": colors.MUTED_TEXT,
    "page": colors.PAGE,
    "paper": colors.PAPER,
    "pool": colors.POOLING,
    "right": colors.CORRECT,
    "text": colors.FOREGROUND,
    "train": {mode: series["train"] for mode, series in colors.SERIES.items()},
    "validation": {mode: series["validation"] for mode, series in colors.SERIES.items()},
    "wrong": colors.WRONG,
}
# An image of its own, into which no property of the page reaches.
_OPENS = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 12 8'><path d='M1 1.5l5 5 5-5' "
    f"fill='none' stroke='{colors.NEUTRAL}' stroke-width='1.8'/></svg>"
)
_watch = component("theme")


def is_dark() -> bool:
    """Whether this visitor sees the dark theme."""
    return st.context.theme.type == "dark"


def inject() -> None:
    """Put the style sheets on the page; once in every run of the script.

    A page has them from the start (``ui/first_style.py``); one that was open while the dashboard
    was updated gets the new ones here.
    """
    st.html(f"<style>{style_sheet()}</style>")


def follow() -> None:
    """Draw the page again when the visitor changes the theme; once in every run of the script.

    Charts get their colours here in Python, and Streamlit tells no script of a new theme.
    """
    _watch(key="theme", data={"dark": is_dark()}, on_changed_change=_nothing, height=0)


def _nothing() -> None:
    """Streamlit reports a trigger only to components that name a callback for it."""


@cache
def style_sheet() -> str:
    """All style sheets, in their order, after the colours that they use."""
    return "\n".join(
        [color_properties(), *((ASSETS / f"{name}.css").read_text() for name in _SHEETS)]
    )


def color_properties() -> str:
    """The colours as custom properties ``--fm-…`` of the page, for the style sheets."""
    # Streamlit tells the browser which theme is on, also where the visitor chose against the
    # system.
    values = {
        name: f"light-dark({pair['light']}, {pair['dark']})" for name, pair in _PROPERTIES.items()
    }
    values["shadow"] = colors.SHADOW
    values["opens"] = f'url("data:image/svg+xml,{quote(_OPENS)}")'
    lines = [f"  --fm-{name}: {value};" for name, value in values.items()]
    return "\n".join([":root {", *lines, "}"])
