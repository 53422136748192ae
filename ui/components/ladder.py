"""The ladder of the presets: rows that open what a step changed."""

from __future__ import annotations

import time
from collections.abc import Callable

from ui.components.acts import as_int, receive, seen
from ui.components.modules import component

_component = component("ladder")


def ladder_rows(html: str, opened: int, key: str, on_open: Callable[[int], object]) -> None:
    """Show the ladder, live while its steps train; a click on a row opens its step.

    Args:
        html: of ``ladder_html``; the part ``ladder`` of the live channel.
        opened: the step whose changes are shown, from 1.
        key: of the component.
        on_open: called with the number of the step that was clicked.
    """
    _component(
        key=key,
        data={"html": html, "opened": opened, "now": time.monotonic(), "seen": seen(key)},
        on_opened_change=receive(key, "opened", as_int, on_open),
    )
