"""The theme: style sheets on the page, and whether it is dark."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

import streamlit as st
from streamlit import config

from fmnist_core import colors
from ui.base_path import under_base
from ui.components.modules import component

ASSETS = Path(__file__).resolve().parent / "assets"
FONTS = ASSETS / "fonts"
_FONT_FACES = "theme.fontFaces"
_SHEETS = (
    *("frame", "header", "parts", "choice", "form", "live", "live_now", "live_show", "live_epoch"),
    *(
        "mistakes",
        "explore",
        "compare",
        "overview",
        "bars",
        "inside",
        "photo",
        "try_own",
        "present",
        "rooms",
    ),
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
    "on-primary": colors.ON_PRIMARY,
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
# Where Streamlit falls back on its own font, 170 kB, it gets ours, which is there anyway.
_STAND_INS = {"Source Sans": "inter.woff2"}
_watch = component("theme")


def is_dark() -> bool:
    """Whether this visitor sees the dark theme."""
    return st.context.theme.type == "dark"


def inject() -> None:
    """Name the style sheets to the page; once in every run of the script.

    A page has them from the start (``ui/first_style.py``), so its browser asks for nothing; one
    that was open while the dashboard was updated gets the new ones here.
    """
    st.html(f'<style>@import url("{style_address()}");</style>')


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
        [
            _font_faces(),
            color_properties(),
            *((ASSETS / f"{name}.css").read_text() for name in _SHEETS),
        ]
    )


@cache
def style_digest() -> str:
    """What the address of the style sheets changes with: 16 hexadecimal digits."""
    return hashlib.sha256(style_sheet().encode()).hexdigest()[:16]


def style_address() -> str:
    """The address of the style sheets, from ``/`` on, as a browser has to ask for it."""
    return under_base(f"/assets/style/{style_digest()}.css")


@cache
def font_version(name: str) -> str:
    """What the address of a font changes with: 16 hexadecimal digits."""
    return hashlib.sha256((FONTS / name).read_bytes()).hexdigest()[:16]


def set_font_addresses() -> None:
    """Let the theme's fonts be kept for good, and lie under the base path.

    ``config.toml`` can know neither their digests nor that path.
    """
    faces = cast(list[dict[str, Any]], config.get_option(_FONT_FACES))
    addresses = [font_address(face["url"].rpartition("/")[2]) for face in faces]
    config.set_option(
        _FONT_FACES,
        [{**face, "url": url} for face, url in zip(faces, addresses, strict=True)],
    )


def font_address(name: str) -> str:
    """The address of one of our fonts, which browsers keep for good.

    Args:
        name: of its file, such as ``"inter.woff2"``.
    """
    return under_base(f"/assets/fonts/{name}?v={font_version(name)}")


def _font_faces() -> str:
    # With another weight than Streamlit's it would be another font.
    return "\n".join(
        f'@font-face {{ font-family: "{family}"; font-style: normal; font-weight: 100 900; '
        f'font-display: swap; src: url("../fonts/{name}?v={font_version(name)}"); }}'
        for family, name in _STAND_INS.items()
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
