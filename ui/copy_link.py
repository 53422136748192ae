"""Copy link: the address of what is on the screen, for somebody else."""

from __future__ import annotations

from urllib.parse import urlsplit

import streamlit as st

from ui.announce import addresses
from ui.components.modules import component
from ui.hosts import is_loopback
from ui.rights import mode

HERE_ALONE = "It works on this computer only. Start the dashboard with make stage to let others in."
_button = component("copy_link")


def copy_link() -> None:
    """The button in the header that copies the address; a phone offers to share it."""
    here = is_loopback(urlsplit(st.context.url or "").hostname or "")
    others = addresses()[:1] if here and mode().shared else []
    _button(
        key="copy_link",
        data={
            # What others open, where this visitor's own address leads only to this computer.
            "root": others[0] if others else "",
            "note": HERE_ALONE if here and not others else "",
        },
    )
