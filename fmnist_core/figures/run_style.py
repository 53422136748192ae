"""How a run is drawn among others: colour, marker and dash."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from fmnist_core.colors import RUN_COLORS

_SYMBOLS = (
    ("circle", "●"),
    ("square", "■"),
    ("diamond", "◆"),
    ("triangle-up", "▲"),
    ("x", "✖"),
    ("triangle-down", "▼"),
    ("cross", "✚"),
    ("star", "★"),
)
_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
# From one run of a colour to the next: has no divisor in common with the number of markers.
_SYMBOL_STRIDE = 3


class RunStyle(NamedTuple):
    """The look of a run in charts and lists.

    Attributes:
        color: as ``#rrggbb``; it is the run's own.
        symbol: Plotly's name of its marker.
        glyph: the same marker as a character.
        dash: Plotly's name of its line.
    """

    color: str
    symbol: str
    glyph: str
    dash: str


def run_styles(colors: Sequence[int]) -> list[RunStyle]:
    """The look of each of some runs; those that share a colour differ in marker and dash.

    Args:
        colors: ``Run.color`` of each; the first of a colour has its usual marker.
    """
    return [_style(color, colors[:place].count(color)) for place, color in enumerate(colors)]


def _style(color: int, among_equal: int) -> RunStyle:
    """The look of the run that has so many of its colour before it."""
    symbol, glyph = _SYMBOLS[(color + _SYMBOL_STRIDE * among_equal) % len(_SYMBOLS)]
    dash = _DASHES[among_equal % len(_DASHES)]
    return RunStyle(RUN_COLORS[color], symbol, glyph, dash)
