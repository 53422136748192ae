"""The ladder of the presets: rows that open what a step changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fmnist_core.figures.ladder import Rung, ladder_html
from ui.components.acts import as_int, receive, seen
from ui.components.modules import component

_component = component("ladder")


def ladder_rows(
    rungs: Sequence[Rung], opened: int, key: str, on_open: Callable[[int], object]
) -> None:
    """Show the ladder; a click on a row opens its step.

    Args:
        rungs: the steps in order.
        opened: the step whose changes are shown, from 1.
        key: of the component.
        on_open: called with the number of the step that was clicked.
    """
    _component(
        key=key,
        data={"html": ladder_html(rungs, opened), "opened": opened, "seen": seen(key)},
        on_opened_change=receive(key, "opened", as_int, on_open),
    )
