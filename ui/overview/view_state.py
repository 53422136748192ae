"""The view state of Overview: which step of the ladder is open."""

from __future__ import annotations

from fmnist_core.presets import PRESETS
from ui.url_state import PageState, whole_number

# The first step changes nothing.
_FIRST_OPEN = 2

STATE = PageState("overview")
STEP = STATE.parameter("step", _FIRST_OPEN, whole_number(len(PRESETS), lowest=1))
