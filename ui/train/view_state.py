"""The view state of Train: a run as it trains, or the form with a configuration."""

from __future__ import annotations

import streamlit as st

from ui.url_state import PageState, Parameter, switch, write_switch

# The configuration that the form has written into the address itself.
WRITTEN = "form.written"
STATE = PageState("train")
# The configuration of the form; the form has the last word, and a link, Back and Forward fill it.
CONFIG = STATE.parameter("config", "", str)
NEW = STATE.parameter("new", False, switch, write_switch)
RUN: Parameter[str | None] = STATE.parameter("run", None, str, resets=[NEW, CONFIG])


def open_run(run_id: str) -> None:
    """Show a run's training."""
    STATE.change(RUN.to(run_id), NEW.to(False), CONFIG.to(""))


def open_form(config: str = "") -> None:
    """Show the form, filled with a configuration or as it was left."""
    if config:
        # Also where the form has said so before, and says something else or nonsense now.
        st.session_state.pop(WRITTEN, None)
    STATE.change(RUN.to(None), NEW.to(True), CONFIG.to(config))
