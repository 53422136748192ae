"""What a visitor of Train looks at: a run as it trains, or the form with a configuration."""

from __future__ import annotations

from ui.url_state import PageState, Parameter, switch, write_switch

STATE = PageState("train")
# What the form says; it has the last word, and a link, Back and Forward fill it.
CONFIG = STATE.parameter("config", "", str)
NEW = STATE.parameter("new", False, switch, write_switch)
RUN: Parameter[str | None] = STATE.parameter("run", None, str, resets=[NEW, CONFIG])


def open_run(run_id: str) -> None:
    """Show a run's training."""
    STATE.change(RUN.to(run_id), NEW.to(False), CONFIG.to(""))


def open_form(config: str = "") -> None:
    """Show the form, filled with a configuration or as it was left."""
    STATE.change(RUN.to(None), NEW.to(True), CONFIG.to(config))
